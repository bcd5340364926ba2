ALTER TABLE shop.orders ALTER COLUMN price TYPE bigint USING round(price * 100)::bigint;
