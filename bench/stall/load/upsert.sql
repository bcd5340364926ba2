-- weight 5
\set id random(0, :rows * 8 / 10 / :slots - 1) * :slots + :slot + 1
\set customer random(1, :customers)
INSERT INTO {orders} AS o (id, customer, region) VALUES (:id, :customer, 'r3') ON CONFLICT (id) DO UPDATE SET qty = o.qty + 1, region = excluded.region;
