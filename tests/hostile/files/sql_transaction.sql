-- statements that no desired state may hold [refused]
BEGIN;
CREATE SCHEMA app;
COMMIT;
ROLLBACK;
CREATE TABLE app.t (id integer);
PREPARE TRANSACTION 'hostile @CASE@';
