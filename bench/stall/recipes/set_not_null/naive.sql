BEGIN;
UPDATE shop.orders SET region = 'r0' WHERE region IS NULL;
ALTER TABLE shop.orders ALTER COLUMN region SET NOT NULL;
COMMIT;
