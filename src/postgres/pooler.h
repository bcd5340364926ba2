// A connection pooler between Lockstep and the server, recognised before anything is set on a server process that others use.
#pragma once

#include "postgres/session.h"

namespace lockstep::postgres {

// Throws RefusedError where the server's version says that this is a pooler's own administration database.
void refuse_administration_database(int server_version);

// Throws RefusedError if the server process that answers is not the one the protocol named when the connection was made.
// PgBouncer, Odyssey, pgcat and Supavisor make up a process id of their own in every mode, since they must route cancel
// requests themselves. Asks twice: a pooler that passes the id of one process on may still use another for the next
// transaction. Changes nothing on the server; nor does connecting, which sends no setting (connect_url.h).
// Throws DatabaseError if the question can't be asked.
void require_own_server_process(Session& session);

// Takes PGAPPNAME, PGTZ, PGDATESTYLE, PGGEQO and PGCLIENTENCODING out of the environment: libpq sends them while it connects,
// and a pooler would set them on a server process of the application's. Call before any thread is started.
void forget_client_settings();

}  // namespace lockstep::postgres
