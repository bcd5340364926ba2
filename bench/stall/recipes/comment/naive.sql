COMMENT ON COLUMN shop.orders.region IS 'where it goes';
COMMENT ON TABLE shop.orders IS 'All orders.';
