ALTER TABLE shop.orders ADD COLUMN priority integer NOT NULL DEFAULT 5;
