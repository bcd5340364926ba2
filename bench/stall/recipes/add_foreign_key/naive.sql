ALTER TABLE shop.orders ADD CONSTRAINT orders_seller_fkey FOREIGN KEY (seller) REFERENCES shop.customers (id);
