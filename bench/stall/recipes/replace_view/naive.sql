CREATE OR REPLACE VIEW shop.open_orders AS SELECT id, customer, qty * 2 AS qty, region FROM shop.orders WHERE state = 'open';
