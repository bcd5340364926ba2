// The steps that kinds without recipes of their own share: make, replace, alter, drop, rename one object in one statement.
//
// Every function fills what follows from the object (title, produces, destroys, phase); the caller adds locks and costs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The object existed before this plan and still stands when its CREATE runs: the statement must be one that replaces.
bool stands(const ObjectId& id, const Context& context);
// The lock promised on the parent relation: none when this plan makes that relation itself.
plan::LockMode lock_on_parent(const Object& object, plan::LockMode mode, const Context& context);

// "materialized view shop.totals": kind and path as people say them.
std::string described(const KindSpec& kind, const ObjectId& id);
// "shop.orders" of {"shop", "orders", "touch"}.
std::string parent_name(const ObjectId& id);
// "touch ON shop.orders": the address of what hangs on a relation.
std::string on_parent(const ObjectId& id);
// The last name, quoted: how a declaration names the object inside its block.
std::string own_name(const Object& object);
// "(text)"; a text that may end in a line comment can't swallow the parenthesis.
std::string parenthesised(const std::string& text);

// CREATE; titled "create" or, over one that stands, "replace".
Step create_step(const KindSpec& kind, const Object& object, const Context& context, std::string sql);
// What is said of a new column of a view, materialized view or foreign table (it has no CREATE of its own) about its storage.
std::vector<std::string> relation_column_settings(const Object& column);
// The absorbed children in `to`: made by the same step, with their storage settings.
void produce_absorbed(Step& step, const ObjectId& id, const Context& context);
// One ALTER of an object that keeps its identity. `what` completes "alter view shop.v: …".
Step alter_step(const KindSpec& kind, const Object& to, std::string_view what, std::vector<std::string> sql);
// Contract: DROP keyword address, the absorbed children gone with it. `breaking`: what an old statement would see.
Step drop_step(const KindSpec& kind, const Object& object, const Context& context, plan::LockMode lock, std::string breaking);
// ALTER … SET SCHEMA and RENAME TO, whichever differ. A non-empty `breaking` makes it a contract step.
Steps rename_object(const KindSpec& kind, const ObjectId& from, const ObjectId& to, plan::LockMode lock, std::string breaking);

}  // namespace lockstep::kinds
