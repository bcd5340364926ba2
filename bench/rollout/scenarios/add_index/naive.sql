BEGIN;
CREATE INDEX people_nick ON app.people (nick);
CREATE UNIQUE INDEX people_lower_mail ON app.people (lower(mail));
COMMIT;
