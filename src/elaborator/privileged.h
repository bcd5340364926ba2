// What goes through the superuser's session on scratch. Declared text is code from strangers: a statement gets here when only a
// superuser may say it, it is parsed first and holds names and nothing that PostgreSQL evaluates, and every event trigger is off.
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

namespace lockstep::elaborator {

// Whether only a superuser may say this statement, and may be let: it is one, and PostgreSQL evaluates nothing in it.
bool takes_a_superuser(const std::string& statement);
// One statement that only a superuser may say. Through the unprivileged session where it can be said there (a publication of
// single tables) or where it holds an expression. What PostgreSQL would call meanwhile must not be a function of the files, and
// what ties C functions together is changed where they don't belong together (disarm.h). Throws DatabaseError. A security label
// may be stored instead (labels.h), and is to be said within a transaction of the superuser's session.
void say_privileged(postgres::Scratch& scratch, const support::DeclaredSql& statement);
// Statements that give owners, in one transaction.
void say_privileged(postgres::Scratch& scratch, const std::vector<std::string>& owner_statements);

// Whether a statement does no more than give an object of `to` an owner that either catalog speaks of (one that is recreated
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

// Whether the superuser runs this step on scratch: it makes, or says something of, what only a superuser may make; or, where no
// role is lent to the unprivileged one, it speaks for a role.
bool needs_superuser(const postgres::Scratch& scratch, const plan::Step& step);
// The superuser's statements must not fire event triggers, whose functions would run with its rights. Null where none is fired:
// no event is fired about event triggers themselves, and one whose state a statement changes must keep the new state.
std::unique_ptr<postgres::Quiet> quiet_for(postgres::Session& superuser, const std::vector<std::string>& statements);

// The unprivileged role makes the servers of foreign-data wrappers, which the superuser made: it is granted their use. Reading
// scratch leaves this grant out. What of an extension would open connections is put out of action: declared code reaches nothing
// outside its database. To be called whenever the superuser has made something.
void lend_wrappers(postgres::Scratch& scratch);
// Where Lockstep is no superuser, an extension whose functions reach out can't be made: throws DatabaseError. To be called in the
// transaction that made it.
void refuse_undisarmed(postgres::Session& superuser);
// Privileges on what extensions brought: where the statement, in the transaction that is open, changed something else ("GRANT
// EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC"): throws DatabaseError.
void refuse_other_privileges(postgres::Session& superuser, const catalog::Object& object);

}  // namespace lockstep::elaborator
