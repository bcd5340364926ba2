// Recognises a connection pooler between Lockstep and the server, before anything is set on a server process that others use.
#pragma once

#include "session/session.h"

namespace lockstep::postgres {

// Throws RefusedError if the server's version is that of a pooler's administration database.
void refuse_administration_database(int server_version);

// Throws RefusedError if the server process that answers is not the one that the protocol named when the connection was made.
// PgBouncer, Odyssey, pgcat and Supavisor make up a process id of their own in every mode, because they must route cancel
// requests. It asks twice: a pooler that passes on the id of one process may use another one for the next transaction. It
// changes nothing on the server; nor does connecting, which sends no setting (connect_url.h).
// Throws DatabaseError if the query fails.
void require_own_server_process(Session& session);

// Removes PGAPPNAME, PGTZ, PGDATESTYLE, PGGEQO and PGCLIENTENCODING from the environment: libpq sends them while it connects,
// and a pooler would set them on a server process of the application's. REQUIRES: called before any thread is started.
void forget_client_settings();

}  // namespace lockstep::postgres
