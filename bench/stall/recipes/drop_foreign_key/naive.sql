ALTER TABLE shop.orders DROP CONSTRAINT orders_customer_fkey;
