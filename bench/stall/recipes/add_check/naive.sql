ALTER TABLE shop.orders ADD CONSTRAINT orders_price_check CHECK (price >= 0);
