CREATE TABLE shop.parcels (id bigint CONSTRAINT parcels_pkey PRIMARY KEY, order_id integer NOT NULL CONSTRAINT parcels_order_fkey REFERENCES shop.orders (id));
CREATE INDEX parcels_order ON shop.parcels (order_id);
