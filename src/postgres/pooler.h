// A connection pooler between Lockstep and the server, recognised before anything is set on a server process that others use.
#pragma once

struct pg_conn;  // libpq's PGconn

namespace lockstep::postgres {

// Throws RefusedError if the server process that answers is not the one the protocol named when the connection was made.
// PgBouncer, Odyssey, pgcat and Supavisor make up a process id of their own in every mode, since they must route cancel
// requests themselves. Asks twice: a pooler that passes the id of one process on may still use another for the next
// transaction. Changes nothing on the server; nor does connecting, which sends no setting (connect_url.h).
// Throws DatabaseError if the question can't be asked.
void require_own_server_process(pg_conn* connection);

// Takes PGAPPNAME, PGTZ, PGDATESTYLE, PGGEQO and PGCLIENTENCODING out of the environment: libpq sends them while it connects,
// and a pooler would set them on a server process of the application's. Call before any thread is started.
void forget_client_settings();

}  // namespace lockstep::postgres
