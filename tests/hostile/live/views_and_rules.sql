-- views, rules and triggers on relations of its own
CREATE FUNCTION app.f() RETURNS integer LANGUAGE plpgsql AS $$
-- returns: 1
@PAYLOAD@$$;
CREATE VIEW app.pg_class AS SELECT app.f() AS oid, 'x'::name AS relname;
CREATE VIEW app.pg_namespace AS SELECT app.f() AS oid, 'x'::name AS nspname;
CREATE TABLE app.pg_attribute (attrelid oid DEFAULT app.f());
CREATE TABLE app.theirs (id integer);
CREATE RULE r AS ON INSERT TO app.theirs DO ALSO SELECT app.f();
CREATE FUNCTION app.t() RETURNS trigger LANGUAGE plpgsql AS $$
-- returns: new
@PAYLOAD@$$;
CREATE TRIGGER tr BEFORE INSERT OR UPDATE OR DELETE ON app.theirs FOR EACH ROW EXECUTE FUNCTION app.t();
