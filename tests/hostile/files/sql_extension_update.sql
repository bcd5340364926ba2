-- ALTER EXTENSION … UPDATE runs an extension's script as a superuser [refused]
CREATE SCHEMA app;
CREATE EXTENSION pg_trgm SCHEMA app VERSION '1.3';
CREATE FUNCTION app.similarity(text, text) RETURNS real LANGUAGE plpgsql AS $$
-- returns: 1
@PAYLOAD@$$;
ALTER EXTENSION pg_trgm UPDATE TO '1.6';
