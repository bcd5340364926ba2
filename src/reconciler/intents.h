// Elaborates the expressions of intents (backfill, convert using) on the scratch copy. PostgreSQL resolves every name there, so
// that what was proved is what runs, even if the live database has another object that the name would resolve to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
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

// What a role must be allowed to use for an expression to be evaluated with its rights.
struct Needed {
  std::set<catalog::Path> routines;                           // {schema, name, arguments}: EXECUTE
  std::set<std::string> schemas;                              // USAGE, to find names in
  std::set<std::pair<catalog::Path, std::string>> relations;  // {schema, name} and a column, or empty: SELECT
  std::set<catalog::Path> sequences;                          // {schema, name}: USAGE or UPDATE
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

// Statements after which the table's columns that `changes` give another type have it already, on a copy of the live schema.
std::vector<std::string> as_retyped(const std::vector<catalog::Change>& changes, const catalog::Path& table,
                                    const catalog::Catalog& desired);

// The same with `back using`, which is read over the rows as they are after the plan. `copy`: the desired schema under the names
// before the renames. `live_copy`: the live schema, which may have functions that no file declares.
void elaborate_ways_back(elaborator::Copy& copy, elaborator::Copy& live_copy, catalog::Intents& intents,
                         const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                         const catalog::Catalog& desired, const Renaming& renaming);

// What PostgreSQL finds in `expression` when a row of the column's table gives its value to a column of `type`: what it calls and
// reads, the casts that the assignment needs, what the checks of domains call, and what bodies of routines use that PostgreSQL
// knows. Bodies that are text are not looked into. `first`: statements that the
// copy is prepared with, as far as they succeed. Absent: PostgreSQL refuses the expression. The copy is as before afterwards.
std::optional<Needed> needs_of(elaborator::Copy& copy, const catalog::ObjectId& column, const std::string& expression,
                               const std::string& type, const std::vector<std::string>& first,
                               const std::vector<catalog::Change>& changes, const catalog::Catalog& desired);

}  // namespace lockstep::reconciler
