// The expressions of intents (backfill, convert using) as PostgreSQL understands them on the scratch copy: every name resolved,
// so that what was proved is what runs, whatever stands in the live database under a name that would fit better.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "catalog/intent.h"
#include "postgres/introspect.h"
#include "reconciler/stages.h"

namespace lockstep::reconciler {

struct Elaborated {
  // Columns whose expression runs text that PostgreSQL looks names up in when it runs (a function's body as a string), or that
  // could not be elaborated: their steps need a search_path.
  std::set<catalog::ObjectId> need_path;
  // Routines outside pg_catalog that an expression of this column calls, by itself or through an operator, cast or type.
  std::map<catalog::ObjectId, std::set<catalog::Path>> calls;
};

// `copy`: the live schema, renames done; `from`: its catalog. Rewrites what of `intents` `changes` will use. An expression that
// PostgreSQL refuses stays as it was written: the proof then says what is wrong with it.
Elaborated elaborate_intents(Copy& copy, catalog::Intents& intents, const std::vector<catalog::Change>& changes,
                             const catalog::Catalog& from, const catalog::Catalog& desired);

// `desired`: with what of others stands beside the declared. What of `plan` calls functions that belong neither to the owner of
// the table they are called for, nor to the role that runs the plan, nor to a superuser; one entry a function and object.
std::vector<plan::ForeignCode> foreign_code(const plan::Plan& plan, const Elaborated& intents, const catalog::Catalog& live,
                                            const catalog::Catalog& desired, const std::set<std::string>& trusted);
// The role of the session, and the superusers.
std::set<std::string> trusted_roles(postgres::Session& target);

}  // namespace lockstep::reconciler
