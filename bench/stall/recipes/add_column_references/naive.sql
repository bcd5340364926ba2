ALTER TABLE shop.orders ADD COLUMN payer integer CONSTRAINT orders_payer_fkey REFERENCES shop.customers (id);
