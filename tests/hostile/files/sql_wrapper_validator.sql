-- CREATE FOREIGN DATA WRAPPER with a validator of the file's own, which PostgreSQL would call as a superuser [refused]
CREATE SCHEMA app;
CREATE FUNCTION app.v(text[], oid) RETURNS void LANGUAGE plpgsql AS $$
-- returns: 
@PAYLOAD@$$;
CREATE FOREIGN DATA WRAPPER w VALIDATOR app.v OPTIONS (a 'b');
CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (c 'd');
