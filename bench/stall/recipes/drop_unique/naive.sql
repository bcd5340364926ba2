ALTER TABLE shop.orders DROP CONSTRAINT orders_code_key;
