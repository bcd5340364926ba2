BEGIN;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ begin new.shipped_at = now(); return new; end $$;
CREATE TRIGGER orders_touch BEFORE UPDATE OF state ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
COMMIT;
