-- weight 3
\set id :rows * 8 / 10 + random(0, :rows / 10 / :slots - 1) * :slots + :slot + 1
\set other 0 - :id
UPDATE {orders} SET id = 0 - id WHERE id IN (:id, :other);
