BEGIN;
ALTER TABLE app.people RENAME COLUMN mail TO email;
ALTER TABLE app.people RENAME COLUMN visits TO visit_count;
ALTER TABLE app.people RENAME COLUMN nick TO nickname;
COMMIT;
