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

// Statements that stand in the journal (an open run's plan, what brings a transitional object away) run with the rights of who
// goes on with them. So a superuser goes on only where nobody but superusers may write lockstep.run, lockstep.event and
// lockstep.object; anybody else's rights are his own business. Throws RefusedError naming the roles. `what`: "finish this run".
void require_trusted_writers(postgres::Session& session, const std::string& what);

// A session of a database that may have a journal; asked as above before anything else.
std::unique_ptr<postgres::Session> connect(const std::string& url, const std::string& application);

}  // namespace lockstep::executor
