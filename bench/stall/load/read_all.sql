-- weight 15
-- unprepared: its columns change with the table, and a prepared statement's may not
\set id random(1, :rows)
SELECT * FROM {orders} WHERE id = :id;
