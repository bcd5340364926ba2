-- a search_path of the role's and the database's own; the planter's are its own affair
ALTER ROLE planter SET search_path = app, pg_catalog;
CREATE FUNCTION app.o1(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR app.= (FUNCTION = app.o1, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION app.o2(text, text) RETURNS text LANGUAGE plpgsql AS $$
-- returns: 'x'
@PAYLOAD@$$;
CREATE OPERATOR app.|| (FUNCTION = app.o2, LEFTARG = text, RIGHTARG = text);
