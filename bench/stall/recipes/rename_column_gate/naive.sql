ALTER TABLE shop.orders RENAME COLUMN legacy TO former;
