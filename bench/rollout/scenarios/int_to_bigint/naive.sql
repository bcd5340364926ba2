ALTER TABLE app.people ALTER COLUMN visits TYPE bigint;
