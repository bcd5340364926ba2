-- domains that are called as PostgreSQL's types are, and an aggregate
CREATE FUNCTION app.k(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: true
@PAYLOAD@$$;
CREATE DOMAIN app."text" AS pg_catalog.text CHECK (app.k(VALUE::pg_catalog.text));
CREATE DOMAIN app."date" AS pg_catalog.date CHECK (app.k(VALUE::pg_catalog.text));
CREATE DOMAIN app."varchar" AS pg_catalog.varchar CHECK (app.k(VALUE::pg_catalog.text));
CREATE DOMAIN app.int8 AS pg_catalog.int8 CHECK (app.k(VALUE::pg_catalog.text));
CREATE DOMAIN app.regclass AS pg_catalog.text CHECK (app.k(VALUE::pg_catalog.text));
CREATE FUNCTION app.s(pg_catalog.int8, pg_catalog.int8) RETURNS pg_catalog.int8 LANGUAGE plpgsql AS $$
-- returns: 0
@PAYLOAD@$$;
CREATE AGGREGATE app.sum(pg_catalog.int8) (SFUNC = app.s, STYPE = pg_catalog.int8, INITCOND = '0');
