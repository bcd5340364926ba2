// Steps for kinds without recipes of their own: create, replace, alter, drop or rename one object in one statement.
//
// Every function sets what follows from the object (title, produces, destroys, phase); the caller adds locks and costs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether the object existed before this plan and still exists when its CREATE runs, so that the statement has to replace it.
bool stands(const ObjectId& id, const Context& context);
// The lock to promise on the parent relation: none if this plan creates that relation.
plan::LockMode lock_on_parent(const Object& object, plan::LockMode mode, const Context& context);

// "materialized view shop.totals": kind and path, for people.
std::string described(const KindSpec& kind, const ObjectId& id);
// "shop.orders" of {"shop", "orders", "touch"}.
std::string parent_name(const ObjectId& id);
// "touch ON shop.orders": the address of an object that belongs to a relation.
std::string on_parent(const ObjectId& id);
// The last name, quoted, as a declaration names the object inside its block.
std::string own_name(const Object& object);
// "(text)". If the text ends in a line comment, the parenthesis is put on a new line.
std::string parenthesised(const std::string& text);

// The step of a CREATE. Its title says "create", or "replace" if the object exists.
Step create_step(const KindSpec& kind, const Object& object, const Context& context, std::string sql);
// The storage settings of a new column of a view, materialized view or foreign table. Such a column has no CREATE of its own.
std::vector<std::string> relation_column_settings(const Object& column);
// Adds the object's absorbed children, which the same step creates with their storage settings, to Step::produces.
void produce_absorbed(Step& step, const ObjectId& id, const Context& context);
// One ALTER of an object that keeps its id. `what` completes the title "alter view shop.v: …".
Step alter_step(const KindSpec& kind, const Object& to, std::string_view what, std::vector<std::string> sql);
// A contract step DROP keyword address, which also destroys the absorbed children. `breaking`: what an old statement would see.
Step drop_step(const KindSpec& kind, const Object& object, const Context& context, plan::LockMode lock, std::string breaking);
// ALTER … SET SCHEMA and RENAME TO, as needed. A non-empty `breaking` makes it a contract step.
Steps rename_object(const KindSpec& kind, const ObjectId& from, const ObjectId& to, plan::LockMode lock, std::string breaking);

}  // namespace lockstep::kinds
