BEGIN;
ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey;
ALTER TABLE shop.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id, customer), ADD CONSTRAINT orders_id_key UNIQUE (id);
COMMIT;
