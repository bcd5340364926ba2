-- weight 5
\set id random(1, :rows / 50)
INSERT INTO shop.notes (order_id, body) VALUES (:id, 'new');
