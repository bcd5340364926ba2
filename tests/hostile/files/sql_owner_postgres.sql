-- ALTER … OWNER TO postgres of what is called [apply 1]
CREATE SCHEMA app;
CREATE FUNCTION app.f() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
-- returns: 1
@PAYLOAD@$$;
ALTER FUNCTION app.f() OWNER TO postgres;
CREATE MATERIALIZED VIEW app.m AS SELECT app.f() AS x;
CREATE TABLE app.t (id integer DEFAULT app.f());
GRANT SELECT ON app.t TO plain;
CREATE FUNCTION app.e() RETURNS event_trigger LANGUAGE plpgsql AS $x$ BEGIN PERFORM app.f(); END $x$;
CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION app.e();
