ALTER TABLE shop.orders ADD COLUMN total numeric GENERATED ALWAYS AS (qty * price) STORED;
