BEGIN;
ALTER TABLE shop.orders RENAME TO purchases;
ALTER SEQUENCE shop.orders_id_seq RENAME TO purchases_id_seq;
COMMIT;
