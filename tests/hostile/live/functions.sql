-- functions that fit better than PostgreSQL's of the same name
CREATE FUNCTION app.upper(character varying) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE FUNCTION app.lower(character varying) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE FUNCTION app.count(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 1
@PAYLOAD@$$;
CREATE FUNCTION app.format_type(oid, integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE FUNCTION app.to_regclass(name) RETURNS regclass LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: null
@PAYLOAD@$$;
CREATE FUNCTION app.set_config(name, text, boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE FUNCTION app.coalesce_(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE FUNCTION app.now() RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: null
@PAYLOAD@$$;
CREATE FUNCTION app.max(bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
-- returns: 1
@PAYLOAD@$$;
