ALTER TABLE shop.orders ALTER COLUMN price TYPE numeric(14,2);
