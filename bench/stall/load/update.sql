-- weight 10
\set id random(0, :rows * 8 / 10 / :slots - 1) * :slots + :slot + 1
\set qty random(1, 100)
UPDATE {orders} SET qty = :qty, price = price + 1, note = 'written' WHERE id = :id;
