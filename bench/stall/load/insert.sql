-- weight 5
\set n :n + 1
\set id :first_key + :n
\set customer random(1, :customers)
INSERT INTO {orders} (id, customer, seller, qty, price, code, region, note) VALUES (:id, :customer, NULL, 3, 9.99, 'I' || :id::text, 'r1', NULL);
