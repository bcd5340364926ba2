ALTER TABLE shop.orders DROP COLUMN legacy;
