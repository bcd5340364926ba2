-- objects in the schema that extensions' scripts run in [apply 7]
CREATE SCHEMA app;
CREATE FUNCTION app.array_to_string(text[], character varying) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE FUNCTION app.textcat_c(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.= (FUNCTION = app.textcat_c, LEFTARG = text, RIGHTARG = text);
CREATE EXTENSION pg_trgm SCHEMA app;
CREATE EXTENSION dblink SCHEMA app;
CREATE EXTENSION pageinspect SCHEMA app;
