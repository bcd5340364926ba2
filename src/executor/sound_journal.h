// Whether schema `lockstep` of a database holds the journal's tables and nothing that runs code when they are used.
//
// Who owns that schema, or the database, can put a view, a rule, a trigger, a default or a policy in a table's place, and it
// would run with the rights of whoever reads or writes the journal: of a superuser, say. So the catalog is asked first.
#pragma once

#include <memory>
#include <string>

#include "postgres/session.h"

namespace lockstep::executor {

// One query of the catalog, in which nothing of the schema runs. Throws CommandError{failed} naming what doesn't belong there. A
// missing schema or table is sound.
//
// Who owns the schema can change it after this was asked. That is a race against one query of a session, and it is told in
// docs/security.md.
void require_sound_journal(postgres::Session& session);

// What stands in the journal (an open run's plan, what an earlier run has left behind) decides what a command does, with the
// rights of who runs it. So a command goes on from there only where nobody may write the journal's tables but superusers, the
// connected role, and, if that isn't a superuser, roles that it is a member of. Throws RefusedError naming the others and the
// ways out. Asked before anything is read from the journal as an instruction. `what`: "finish the open run".
void require_trusted_writers(postgres::Session& session, const std::string& what);

// A session of a database that may have a journal; asked as above before anything else.
std::unique_ptr<postgres::Session> connect(const std::string& url, const std::string& application);

}  // namespace lockstep::executor
