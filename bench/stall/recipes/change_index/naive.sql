BEGIN;
DROP INDEX shop.orders_placed_at;
CREATE INDEX orders_placed_at ON shop.orders (placed_at, customer);
COMMIT;
