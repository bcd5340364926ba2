DROP INDEX shop.orders_placed_at;
