-- weight 5
\set id random(0, :rows * 8 / 10 / :slots - 1) * :slots + :slot + 1
UPDATE {orders} SET note = NULL, shipped_at = NULL, seller = NULL, mail = NULL WHERE id = :id;
