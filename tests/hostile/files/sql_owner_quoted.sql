-- the same with other spellings of a role [apply 1]
CREATE SCHEMA app;
CREATE FUNCTION app.f() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
-- returns: 1
@PAYLOAD@$$;
ALTER FUNCTION app.f() OWNER TO "pg_execute_server_program"  ;
ALTER FUNCTION app.f() OWNER TO U&"ri\0063h";
CREATE MATERIALIZED VIEW app.m AS SELECT app.f() AS x;
