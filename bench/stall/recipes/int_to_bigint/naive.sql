ALTER TABLE shop.orders ALTER COLUMN qty TYPE bigint;
