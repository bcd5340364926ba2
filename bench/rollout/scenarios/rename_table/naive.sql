ALTER TABLE app.people RENAME TO users;
