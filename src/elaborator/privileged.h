// Statements that run in the superuser's session on scratch. Declared text is untrusted code. A statement gets here only if it
// needs a superuser; it is parsed first, contains names but nothing that PostgreSQL evaluates, and runs with all event triggers
// off.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "plan/step.h"
#include "postgres/scratch.h"
#include "session/quiet.h"

namespace lockstep::elaborator {

// Whether the session's role is a superuser; it need not be one on a server that somebody else owns (`shadow:`). One query.
bool is_superuser(postgres::Session& session);
// Whether the text is one statement that only a superuser may run and in which PostgreSQL evaluates nothing.
bool takes_a_superuser(const std::string& statement);
// Whether the text is a REVOKE of privileges on objects. PostgreSQL lets a member of several roles revoke in the name of any that
// holds the grant options, which could be the grantee itself; a superuser revokes as the owner.
bool revokes(const std::string& statement);
// Runs one statement that only a superuser may run. Uses the unprivileged session if the statement works there (a publication
// of single tables) or contains an expression. PostgreSQL must not call a function of the files while it runs, and C functions
// that don't belong together are replaced (disarm.h). Throws DatabaseError. A security label
// may be stored instead (labels.h); that has to happen in a transaction of the superuser's session.
void say_privileged(postgres::Scratch& scratch, const support::DeclaredSql& statement);
// Runs statements that set owners, in one transaction.
void say_privileged(postgres::Scratch& scratch, const std::vector<std::string>& owner_statements);

// Decides whether a statement runs as the superuser on scratch. It does only if all it does is to give an object of `to` to a
// role (a recreated object gets its old owner, which need not be declared), or if only a superuser may run it.
class PrivilegedStatements {
 public:
  explicit PrivilegedStatements(const catalog::Catalog& to);
  bool contains(const std::string& statement) const;
  bool gives_owner(const std::string& statement) const;  // and does nothing else
  // The statement for the scratch database, where a role with powers is represented by a proxy role.
  std::string on(postgres::Scratch& scratch, const std::string& statement) const;

 private:
  std::string new_owner(const std::string& statement) const;  // empty: it gives nothing to a role

  std::set<std::string> targets_, whole_;
};

// Whether the superuser runs this step on scratch: it creates or alters something that only a superuser may; or it acts for a
// role and the unprivileged role can't be granted any role there.
bool needs_superuser(const postgres::Scratch& scratch, const plan::Step& step);
// Turns event triggers off for these statements, because their functions would run with the superuser's rights. Null if the
// statements fire no event: PostgreSQL fires none for statements about event triggers, whose new state must not be overwritten.
std::unique_ptr<postgres::Quiet> quiet_for(postgres::Session& superuser, const std::vector<std::string>& statements);

// Grants the unprivileged role USAGE on the foreign-data wrappers, which the superuser created, so that it can create servers.
// Reading scratch leaves this grant out. Also disables what in an extension would open connections, so that declared code
// reaches nothing outside its database. REQUIRES: called whenever the superuser has created something.
void lend_wrappers(postgres::Scratch& scratch);
// For a server where Lockstep is no superuser: throws DatabaseError if the new extension has functions that reach outside.
// REQUIRES: called in the transaction that creates the extension.
void refuse_undisarmed(postgres::Session& superuser);
// For a statement about privileges on objects of an extension: throws DatabaseError if it changed anything else in the open
// transaction ("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC").
void refuse_other_privileges(postgres::Session& superuser, const catalog::Object& object);

}  // namespace lockstep::elaborator
