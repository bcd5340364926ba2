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
#include "plan/step.h"
#include "postgres/quiet.h"
#include "postgres/scratch.h"
#include "reconciler/scripts.h"
#include "support/error.h"

namespace lockstep::reconciler {

class StandIns;

struct BuildFailure {
  catalog::ObjectId object;
  support::DatabaseError::Facts facts;
};

// Makes `to` where `baseline` stands (a fresh scratch database); `drop_others`: what the baseline has and `to` lacks goes.
// `scripts` (null: none) run beside it: either may mention what the other makes. `stand_ins` (null: none) are asked for what
// can't be made when nothing else is left to try.
std::vector<BuildFailure> build(postgres::Scratch& scratch, const catalog::Catalog& baseline, const catalog::Catalog& to,
                                int server_version, bool drop_others, ScriptRun* scripts = nullptr,
                                StandIns* stand_ins = nullptr);

// The statements that give the objects of `to` their owners on this scratch database, each made from parsed attributes.
std::vector<std::string> owner_statements(postgres::Scratch& scratch, const catalog::Catalog& to);
// What was read from a scratch database, with the owners that are meant.
catalog::Catalog with_meant_owners(const postgres::Scratch& scratch, catalog::Catalog read);
// Whether a statement does no more than give an object of `to` an owner that either catalog speaks of (one that is made again
// gets the owner it had, which nobody need have declared), or say what only a superuser may: then, and only then, it goes
// through the superuser on scratch.
class PrivilegedStatements {
 public:
  PrivilegedStatements(const catalog::Catalog& from, const catalog::Catalog& to);
  bool contains(const std::string& statement) const;
  bool gives_owner(const std::string& statement) const;  // and no more
  // The same for the scratch database, where an owner with powers has a proxy.
  std::string on(postgres::Scratch& scratch, const std::string& statement) const;

 private:
  std::set<std::string> targets_, whole_;
  std::map<std::string, std::string> clauses_;  // " OWNER TO …", the role
};

// The unprivileged role makes the servers of foreign-data wrappers, which the superuser made: it is granted their use. Reading
// scratch leaves this grant out. What of an extension would open connections is put out of action: declared code reaches nothing
// outside its database. To be called whenever the superuser has made something.
void lend_wrappers(postgres::Scratch& scratch);
// A function that PostgreSQL calls while the superuser makes or alters the object must not be the files': throws DatabaseError.
void refuse_called_function(postgres::Session& superuser, const catalog::Object& object);

// Whether the superuser runs this step on scratch: it makes, or says something of, what only a superuser may make; or, where no
// role is lent to the unprivileged one, it speaks for a role.
bool needs_superuser(const postgres::Scratch& scratch, const plan::Step& step);
// The superuser's statements must not fire event triggers, whose functions would run with its rights. Null where none is fired:
// no event is fired about event triggers themselves, and one whose state a statement changes must keep the new state.
std::unique_ptr<postgres::Quiet> quiet_for(postgres::Session& superuser, const std::vector<std::string>& statements);

// Every role a catalog mentions (owners, grantees, policy roles), with the first object that does.
std::map<std::string, catalog::ObjectId> roles_of(const catalog::Catalog& catalog);

}  // namespace lockstep::reconciler
