ALTER INDEX shop.orders_placed_at RENAME TO orders_when;
