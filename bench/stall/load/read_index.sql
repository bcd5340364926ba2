-- weight 10
\set customer random(1, :customers)
SELECT count(*), count(shipped_at) FROM {orders} WHERE customer = :customer;
