-- weight 5
\set id random(0, :rows * 8 / 10 / :slots - 1) * :slots + :slot + 1
UPDATE {orders} SET placed_at = now(), state = 'paid', mail = 'other@example.com' WHERE id = :id;
