// Checks that schema `lockstep` contains the journal's tables and nothing that runs code when they are used.
//
// The owner of that schema, or of the database, can replace a table by a view or add a rule, a trigger, a default or a policy,
// which would run with the rights of whoever reads or writes the journal, possibly a superuser. So the catalog is checked
// first.
#pragma once

#include <memory>
#include <string>

#include "session/session.h"

namespace lockstep::executor {

// One query of the catalog, which runs nothing of the schema. Throws CommandError{failed} that names what doesn't belong there.
// A missing schema or table is no error.
//
// The owner of the schema can change it after this check. That race against one query of a session is described in
// docs/security.md.
void require_sound_journal(postgres::Session& session);

// The journal's contents (an open run's plan, what an earlier run left behind) decide what a command does, with the rights of
// whoever runs it. So a command uses them only if nobody may write the journal's tables but superusers, the connected role and,
// if that isn't a superuser, roles that it is a member of. Throws RefusedError that names the other roles and the ways out.
// `what`: "finish the open run". REQUIRES: called before anything is read from the journal as an instruction.
void require_trusted_writers(postgres::Session& session, const std::string& what);

// What a run that begins has to say of those writers: later commands would be refused. Empty: there are none.
std::string untrusted_writers_note(postgres::Session& session);

// Connects to a database that may have a journal, and calls require_sound_journal() before anything else.
std::unique_ptr<postgres::Session> connect(const std::string& url, const std::string& application);

}  // namespace lockstep::executor
