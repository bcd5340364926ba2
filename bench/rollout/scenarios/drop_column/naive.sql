ALTER TABLE app.people DROP COLUMN fax;
