// The statements that create schema `lockstep`, format 3. They run in one transaction. Their names are qualified, so the
// session's search_path doesn't matter.
#pragma once

#include "support/sql.h"

namespace lockstep::executor {

// Also upgrades a journal of format 2 to format 3. Column `final`: under this name the object becomes the declared one once it
// is complete (an index that is valid); its OIDs are 0 until its step is settled. Column `undo` is never run (plan/undo.h).
inline constexpr support::Sql kObjectTable =
    "CREATE TABLE lockstep.object (id bigint GENERATED ALWAYS AS IDENTITY, run uuid NOT NULL REFERENCES lockstep.run (id), "
    "step text NOT NULL, role text NOT NULL, type text NOT NULL, names text[] NOT NULL, subject text[] NOT NULL, "
    "undo text NOT NULL, final boolean NOT NULL, class_oid oid NOT NULL, object_oid oid NOT NULL, attnum integer NOT NULL, "
    "PRIMARY KEY (type, names, class_oid, object_oid, attnum)); "
    "COMMENT ON COLUMN lockstep.object.undo IS 'For people: Lockstep makes the statement that it runs from type and names.'";

// Not constexpr, because GCC 12 refuses that under -fsanitize=undefined.
inline const support::Sql kJournalSchema[] = {
    "CREATE SCHEMA lockstep",
    "COMMENT ON SCHEMA lockstep IS 'Journal of Lockstep: what was changed in this database, when and by whom. Not to be edited.'",
    "CREATE TABLE lockstep.identity (id uuid PRIMARY KEY, format integer NOT NULL, created timestamptz NOT NULL, "
    "system_identifier text NOT NULL, database text NOT NULL, database_oid bigint NOT NULL)",
    "CREATE TABLE lockstep.run (id uuid PRIMARY KEY, started timestamptz NOT NULL, started_by text NOT NULL, "
    "tool_version text NOT NULL, plan_digest text NOT NULL, desired_fingerprint text NOT NULL, steps integer NOT NULL, "
    "plan text NOT NULL)",
    "CREATE TABLE lockstep.event (id bigint PRIMARY KEY, run uuid REFERENCES lockstep.run (id), at timestamptz NOT "
    "NULL, "
    "kind text NOT NULL, step text NOT NULL, detail json NOT NULL, hash text NOT NULL)",
    "CREATE INDEX event_run ON lockstep.event (run, id)",
    "CREATE TABLE lockstep.backup (run uuid NOT NULL REFERENCES lockstep.run (id), step text NOT NULL, object text NOT NULL, "
    "what text NOT NULL, relation text NOT NULL, folder text NOT NULL, file text NOT NULL, row_count bigint NOT NULL, "
    "raw_bytes bigint NOT NULL, stored_bytes bigint NOT NULL, raw_sha256 text NOT NULL, stored_sha256 text NOT NULL, "
    "PRIMARY KEY (run, file))",
    "CREATE TABLE lockstep.applied (object text PRIMARY KEY, content text NOT NULL, run uuid NOT NULL)",
    kObjectTable,
    "CREATE FUNCTION lockstep.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$"
    "BEGIN RAISE EXCEPTION 'lockstep.% is append-only: % is refused', TG_TABLE_NAME, TG_OP; END$$",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lockstep.run "
    "FOR EACH STATEMENT EXECUTE FUNCTION lockstep.refuse_change()",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lockstep.event "
    "FOR EACH STATEMENT EXECUTE FUNCTION lockstep.refuse_change()",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lockstep.backup "
    "FOR EACH STATEMENT EXECUTE FUNCTION lockstep.refuse_change()",
    "ALTER TABLE lockstep.run ENABLE ALWAYS TRIGGER append_only",
    "ALTER TABLE lockstep.event ENABLE ALWAYS TRIGGER append_only",
    "ALTER TABLE lockstep.backup ENABLE ALWAYS TRIGGER append_only",
};

}  // namespace lockstep::executor
