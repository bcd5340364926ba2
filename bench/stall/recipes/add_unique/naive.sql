ALTER TABLE shop.orders ADD CONSTRAINT orders_code_key UNIQUE (code);
