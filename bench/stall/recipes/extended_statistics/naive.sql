CREATE STATISTICS shop.orders_together (dependencies) ON state, region FROM shop.orders;
ANALYZE shop.orders;
