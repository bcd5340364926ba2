ALTER TABLE app.people ALTER COLUMN mail TYPE text, ALTER COLUMN nick TYPE text;
