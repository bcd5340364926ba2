BEGIN;
ALTER TABLE app.people ALTER COLUMN id TYPE bigint;
ALTER TABLE app.notes ALTER COLUMN person TYPE bigint;
COMMIT;
