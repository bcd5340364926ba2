-- a wrapper that gets the file's own validator afterwards [refused]
CREATE SCHEMA app;
CREATE FUNCTION app.v(text[], oid) RETURNS void LANGUAGE plpgsql AS $$
-- returns: 
@PAYLOAD@$$;
CREATE FOREIGN DATA WRAPPER w;
ALTER FOREIGN DATA WRAPPER w VALIDATOR app.v OPTIONS (ADD a 'b');
