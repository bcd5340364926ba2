ALTER TABLE shop.orders ALTER COLUMN mail TYPE text;
