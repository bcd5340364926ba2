-- weight 3
\set id :rows * 9 / 10 + random(0, :rows / 10 / :slots - 1) * :slots + :slot + 1
\set customer random(1, :customers)
BEGIN;
DELETE FROM {orders} WHERE id = :id;
INSERT INTO {orders} (id, customer, code, region) VALUES (:id, :customer, 'C' || :id::text, 'r2');
COMMIT;
