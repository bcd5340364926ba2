BEGIN;
CREATE OR REPLACE VIEW app.public_people AS SELECT id, mail, nick, visits FROM app.people;
DROP VIEW app.labels;
CREATE VIEW app.labels AS SELECT id, mail AS title FROM app.people;
COMMIT;
