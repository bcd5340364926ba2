-- a function of the file's own made a member of an extension [refused]
CREATE SCHEMA app;
CREATE EXTENSION hstore SCHEMA app;
CREATE FUNCTION app.v(text[], oid) RETURNS void LANGUAGE plpgsql AS $$
-- returns: 
@PAYLOAD@$$;
ALTER EXTENSION hstore ADD FUNCTION app.v(text[], oid);
CREATE FOREIGN DATA WRAPPER w VALIDATOR app.v OPTIONS (a 'b');
