-- weight 1
\set id random(0, :rows * 8 / 10 / :slots - 1) * :slots + :slot + 1
\set n :n + 1
\set other :first_key + :n
\set customer random(1, :customers)
BEGIN;
UPDATE {orders} SET qty = qty + 1 WHERE id = :id;
INSERT INTO {orders} (id, customer, region) VALUES (:other, :customer, 'r4');
ROLLBACK;
