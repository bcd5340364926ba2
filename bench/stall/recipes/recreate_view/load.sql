-- weight 5
-- unprepared: its columns change
\set customer random(1, :customers)
SELECT * FROM shop.open_orders WHERE customer = :customer;
