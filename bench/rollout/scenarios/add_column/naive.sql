BEGIN;
ALTER TABLE app.people ADD COLUMN country text;
UPDATE app.people SET country = 'US';
ALTER TABLE app.people ALTER COLUMN country SET NOT NULL, ADD COLUMN score integer NOT NULL DEFAULT 7, ADD COLUMN remark text;
COMMIT;
