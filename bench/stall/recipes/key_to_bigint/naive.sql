BEGIN;
ALTER TABLE shop.orders ALTER COLUMN id TYPE bigint;
ALTER SEQUENCE shop.orders_id_seq AS bigint;
ALTER TABLE shop.notes ALTER COLUMN order_id TYPE bigint;
COMMIT;
