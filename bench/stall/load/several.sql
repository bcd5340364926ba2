-- weight 3
\set id random(0, :rows * 8 / 10 / :slots - 1) * :slots + :slot + 1
\set note random(1, :rows / 50)
\set customer random(0, :customers / :slots - 1) * :slots + :slot + 1
BEGIN;
SELECT state FROM {orders} WHERE id = :id FOR NO KEY UPDATE;
UPDATE {orders} SET state = 'shipped', shipped_at = now() WHERE id = :id;
INSERT INTO shop.notes (order_id, body) VALUES (:note, 'shipped');
UPDATE shop.customers SET visits = visits + 1 WHERE id = :customer;
COMMIT;
