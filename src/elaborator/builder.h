// Creates everything that a catalog contains on a scratch database.
//
// Declared text is untrusted code, so it runs in the scratch database's unprivileged session. Statements that need a superuser
// (extensions, owners) are made from parsed attributes only and run in the superuser's session.
// As long as there is no pg_depend the order is a guess (by kind): failed statements are repeated until a pass makes no
// progress.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "elaborator/scripts.h"
#include "plan/step.h"
#include "postgres/scratch.h"
#include "session/quiet.h"
#include "support/error.h"

namespace lockstep::elaborator {

class Stubs;

struct BuildFailure {
  catalog::ObjectId object;
  support::DatabaseError::Facts facts;
};

// Creates `to` on a scratch database that contains `baseline`. `drop_others`: drops what the baseline has and `to` lacks.
// `scripts` (null: none) run alongside, since either may refer to objects of the other. `stubs` (null: none) creates stubs for
// objects that can't be created, once nothing else is left to try. Returns what failed.
std::vector<BuildFailure> build(postgres::Scratch& scratch, const catalog::Catalog& baseline, const catalog::Catalog& to,
                                int server_version, bool drop_others, ScriptRun* scripts = nullptr, Stubs* stubs = nullptr);

// The statements that set the owners of the objects of `to` on this scratch database, made from parsed attributes.
std::vector<std::string> owner_statements(postgres::Scratch& scratch, const catalog::Catalog& to);
// The same with the declared owners, for any other database.
std::vector<std::string> owner_statements(const catalog::Catalog& to);
// The catalog read from a scratch database, with the intended owners instead of the roles used there.
catalog::Catalog with_meant_owners(const postgres::Scratch& scratch, catalog::Catalog read);
// Every role that a catalog refers to (owners, grantees, policy roles), with the first object that does.
std::map<std::string, catalog::ObjectId> roles_of(const catalog::Catalog& catalog);

}  // namespace lockstep::elaborator
