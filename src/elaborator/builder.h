// Runs steps on a scratch database: everything a catalog says, made there from nothing.
//
// Declared text is code from strangers: it runs in the scratch database's unprivileged session. What needs a superuser
// (extensions, owners) is made from parsed attributes only and goes through the other session.
// Before pg_depend exists the right order is a guess (by kind): what fails is tried again until a pass makes no progress.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "elaborator/scripts.h"
#include "plan/step.h"
#include "postgres/quiet.h"
#include "postgres/scratch.h"
#include "support/error.h"

namespace lockstep::elaborator {

class Stubs;

struct BuildFailure {
  catalog::ObjectId object;
  support::DatabaseError::Facts facts;
};

// Makes `to` where `baseline` stands (a fresh scratch database); `drop_others`: what the baseline has and `to` lacks goes.
// `scripts` (null: none) run beside it: either may mention what the other makes. `stubs` (null: none) are asked for what
// can't be made when nothing else is left to try.
std::vector<BuildFailure> build(postgres::Scratch& scratch, const catalog::Catalog& baseline, const catalog::Catalog& to,
                                int server_version, bool drop_others, ScriptRun* scripts = nullptr, Stubs* stubs = nullptr);

// The statements that give the objects of `to` their owners on this scratch database, each made from parsed attributes.
std::vector<std::string> owner_statements(postgres::Scratch& scratch, const catalog::Catalog& to);
// The same as they are declared, for any other database.
std::vector<std::string> owner_statements(const catalog::Catalog& to);
// What was read from a scratch database, with the owners that are meant.
catalog::Catalog with_meant_owners(const postgres::Scratch& scratch, catalog::Catalog read);
// Every role a catalog mentions (owners, grantees, policy roles), with the first object that does.
std::map<std::string, catalog::ObjectId> roles_of(const catalog::Catalog& catalog);

}  // namespace lockstep::elaborator
