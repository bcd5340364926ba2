// How recipes say which transitional objects their steps make and take away (plan/helper.h).
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/intent.h"
#include "plan/step.h"

namespace lockstep::recipes {

// Each knows its way back (plan/undo.h). A column, trigger or constraint of the relation that `part` belongs to, under the name
// it has once the step has run.
plan::Helper column_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
plan::Helper trigger_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
plan::Helper constraint_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
// A trigger function without arguments in schema lockstep.
plan::Helper function_helper(const std::string& role, const catalog::ObjectId& part, const std::string& name);
// `concurrently`: how it is undone. Not possible for an index of a partitioned table.
plan::Helper index_helper(const std::string& role, const catalog::ObjectId& part, const std::string& schema,
                          const std::string& name, bool concurrently);

// The same object, taken away (or become what was asked for).
plan::Helper taken(const plan::Helper& made);
// All that `maker` makes.
std::vector<plan::Helper> taken(const plan::Step& maker);

// The step that undoes `made`, of a run that was given up. What it takes away holds nothing of the user's; a column gets its
// former name back. `title` says whose it was.
plan::Step undo_step(const plan::Helper& made, const std::string& title);
// Whether `helper` of a step is a column that gets its former name back by that step.
bool gives_name_back(const plan::Helper& helper);
// Rows written while a column was hidden have no value in it: where the files give such a column (see above) a default and no
// backfill, its default is what fills them.
void fill_as_defaulted(const plan::Helper& helper, const catalog::Catalog& desired, catalog::Intents& intents);

}  // namespace lockstep::recipes
