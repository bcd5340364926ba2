ALTER TABLE shop.orders ADD COLUMN returned_at timestamptz;
