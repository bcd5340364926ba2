BEGIN;
DROP TRIGGER orders_touch ON shop.orders;
DROP FUNCTION shop.touch();
COMMIT;
