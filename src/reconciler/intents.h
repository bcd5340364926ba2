// The expressions of intents (backfill, convert using) as PostgreSQL understands them on the scratch copy: every name resolved,
// so that what was proved is what runs, whatever stands in the live database under a name that would fit better.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "catalog/intent.h"
#include "elaborator/scratch_copy.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

// What an expression needs outside pg_catalog, by itself or through an operator.
struct Uses {
  std::set<catalog::Path> routines;  // {schema, name, arguments}
  std::set<catalog::Path> others;    // {schema, name} of types and relations
};

struct Elaborated {
  // Columns whose expression runs text that PostgreSQL looks names up in when it runs (a function's body as a string), or that
  // could not be elaborated: their steps need a search_path.
  std::set<catalog::ObjectId> need_path;
  std::map<catalog::ObjectId, Uses> uses;  // by column
};

// `copy`: the live schema, renames done; `from`: its catalog. Rewrites what of `intents` `changes` will use. An expression that
// PostgreSQL refuses stays as it was written: the proof then says what is wrong with it.
Elaborated elaborate_intents(elaborator::Copy& copy, catalog::Intents& intents, const std::vector<catalog::Change>& changes,
                             const catalog::Catalog& from, const catalog::Catalog& desired);

}  // namespace lockstep::reconciler
