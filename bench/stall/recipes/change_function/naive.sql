CREATE OR REPLACE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ begin new.shipped_at = clock_timestamp(); return new; end $$;
