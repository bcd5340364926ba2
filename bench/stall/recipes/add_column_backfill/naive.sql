BEGIN;
ALTER TABLE shop.orders ADD COLUMN zone text DEFAULT 'zone ?';
UPDATE shop.orders SET zone = 'zone ' || coalesce(region, '?');
ALTER TABLE shop.orders ALTER COLUMN zone SET NOT NULL;
COMMIT;
