// Elaborates the expressions of intents (backfill, convert using) on the scratch copy. PostgreSQL resolves every name there, so
// that what was proved is what runs, even if the live database has another object that the name would resolve to.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "catalog/intent.h"
#include "elaborator/scratch_copy.h"
#include "planner/planner.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

// What an expression uses outside pg_catalog, directly or through an operator.
struct Uses {
  std::set<catalog::Path> routines;  // {schema, name, arguments}
  std::set<catalog::Path> others;    // {schema, name} of types and relations
};

// The renames that the plan makes at its end. Files use the names after them, the database has those before.
struct Renaming {
  struct Statements {
    catalog::ObjectId object;  // by its name before
    std::vector<std::string> forth, back;
  };
  std::vector<planner::Rename> renames;
  std::vector<Statements> statements;  // of each rename
};

struct Elaborated {
  // Columns whose steps need a search_path: their expression runs text in which PostgreSQL resolves names at run time (a
  // function's body as a string), or it could not be elaborated.
  std::set<catalog::ObjectId> need_path;
  std::map<catalog::ObjectId, Uses> uses;  // by column
};

// Replaces the expressions of `intents` that `changes` will use by their elaborated form, under the names before the renames.
// `copy`: the live schema; `from`: its catalog. An expression that PostgreSQL refuses is left as written, so that the proof
// reports the error.
Elaborated elaborate_intents(elaborator::Copy& copy, catalog::Intents& intents, const std::vector<catalog::Change>& changes,
                             const catalog::Catalog& from, const catalog::Catalog& desired, const Renaming& renaming);

// The same with `back using`, which is read over the rows as they are after the plan. `copy`: the desired schema under the names
// before the renames.
void elaborate_ways_back(elaborator::Copy& copy, catalog::Intents& intents, const std::vector<catalog::Change>& changes,
                         const catalog::Catalog& live, const catalog::Catalog& desired, const Renaming& renaming);

}  // namespace lockstep::reconciler
