BEGIN;
ALTER TABLE app.orders ALTER COLUMN code SET NOT NULL, ADD CONSTRAINT orders_code_key UNIQUE (code), ADD CONSTRAINT orders_amount_check CHECK (amount >= 0),
  ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES app.customers (id);
COMMIT;
