-- SET search_path, and operators in it, around what only a superuser says [apply 1]
CREATE SCHEMA app;
SET search_path = app, pg_catalog;
CREATE FUNCTION f("char", text) RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE FUNCTION g("char", "char") RETURNS boolean LANGUAGE plpgsql AS $$
-- returns: true
@PAYLOAD@$$;
CREATE OPERATOR <> (FUNCTION = g, LEFTARG = "char", RIGHTARG = "char");
CREATE OPERATOR = (FUNCTION = g, LEFTARG = "char", RIGHTARG = "char");
CREATE TABLE t (id integer);
ALTER TABLE t OWNER TO plain;
CREATE PUBLICATION p FOR ALL TABLES;
CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $x$ BEGIN END $x$;
CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION app.e();
