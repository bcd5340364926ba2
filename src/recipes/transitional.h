// Describes the transitional objects that a step creates and drops (plan/helper.h).
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/intent.h"
#include "plan/step.h"

namespace lockstep::recipes {

// The role of the trigger that fills all successors of a table's columns, and of its function.
inline constexpr const char* kMirrorTrigger = "mirror trigger";
inline constexpr const char* kSuccessorColumn = "successor column";
// The role of the trigger that keeps two names of one column equal, and of its function.
inline constexpr const char* kSecondNameTrigger = "second name's trigger";

// Each result includes its undo statement (plan/undo.h). These are for a column, trigger or constraint of the relation of
// `part`, under the name that it has after the step.
plan::Helper column_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
plan::Helper trigger_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
plan::Helper constraint_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
// A trigger function without arguments in schema lockstep.
plan::Helper function_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
// `concurrently`: it is undone by DROP INDEX CONCURRENTLY, which PostgreSQL refuses for an index of a partitioned table.
plan::Helper index_helper(const std::string& role, const catalog::ObjectId& part, const std::string& schema,
                          const std::string& name, bool concurrently);

// In schema lockstep.
plan::Helper sequence_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
plan::Helper view_helper(const std::string& role, const catalog::ObjectId& part, const std::string& schema,
                         const std::string& name);

// In the schema of the one that it serves.
plan::Helper materialized_view_helper(const std::string& role, const catalog::ObjectId& view, const std::string& name);

// An enum, in the schema of the one that it serves.
plan::Helper type_helper(const std::string& role, const catalog::ObjectId& type, const std::string& name);

// A table or sequence that is only hidden, under another name in its schema.
plan::Helper hidden_relation(const catalog::Object& relation, const std::string& hidden);

// The same object, dropped, or turned into the declared one.
plan::Helper taken(const plan::Helper& made);
// The same for everything that `maker` creates.
std::vector<plan::Helper> taken(const plan::Step& maker);

// The step that undoes `made` of a run that was given up. What it drops contains none of the user's data; a column gets its
// former name back. `title` names the object it served.
plan::Step undo_step(const plan::Helper& made, const std::string& title);
// Whether the step that takes `helper` turns an index that was being built into the declared object.
bool becomes(const plan::Helper& helper, const catalog::ObjectId& declared);
// Whether the step that makes `helper` hides a column or a relation.
bool hides(const plan::Helper& helper);
// Whether `helper` is a hidden column or relation to which the step gives its former name back.
bool gives_name_back(const plan::Helper& helper);
// Rows that were written while a column was hidden have no value in it. If the files declare a default and no backfill for such
// a column, adds a backfill with the default to `intents`.
void fill_as_defaulted(const plan::Helper& helper, const catalog::Catalog& desired, catalog::Intents& intents);

}  // namespace lockstep::recipes
