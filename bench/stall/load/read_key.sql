-- weight 30
\set id random(1, :rows)
SELECT state, country, visits FROM {orders} o JOIN shop.customers c ON c.id = o.customer WHERE o.id = :id;
