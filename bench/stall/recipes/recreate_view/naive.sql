BEGIN;
DROP VIEW shop.open_orders;
CREATE VIEW shop.open_orders AS SELECT id, customer, price FROM shop.orders WHERE state = 'open';
COMMIT;
