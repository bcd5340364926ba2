"""What others own and declared text uses: it is brought onto scratch, in schema public as in any other."""
from harness import Case

# Each makes public.x, or what shop uses of it.
MADE = {
    "composite": "CREATE TYPE {s}.x AS (a text)",
    "enum": "CREATE TYPE {s}.x AS ENUM ('a', 'b')",
    "range": "CREATE TYPE {s}.x AS RANGE (subtype = integer)",
    "domain": "CREATE DOMAIN {s}.x AS integer CHECK (VALUE > 0)",
    "row type": "CREATE TABLE {s}.x (a text)",
    "composite of a composite": "CREATE TYPE {s}.inner_one AS (a text); CREATE TYPE {s}.x AS (i {s}.inner_one)",
    "array": "CREATE TYPE {s}.x AS (a text[])",
}


class Surroundings(Case):
    def managed(self, schema, declared, made):
        database, url = self.fresh("shop")
        prepare = "" if schema == "public" else f"CREATE SCHEMA {schema};"
        self.sql(f"{prepare} {made.format(s=schema)}; CREATE SCHEMA shop;", database)
        self.write("shop.schema", "schema shop { " + declared.format(s=schema) + " }\n")
        self.call(0, "check", "--url", url, "--schema", "shop.schema")
        self.call(0, "apply", "--url", url, "--schema", "shop.schema", "--yes")
        self.call(0, "verify", "--url", url, "--schema", "shop.schema", "--strict")
        self.write("shop.schema", "schema shop { " + declared.format(s=schema) + " table more { id integer; } }\n")
        self.call(0, "apply", "--url", url, "--schema", "shop.schema", "--yes")
        self.call(0, "plan", "--url", url, "--schema", "shop.schema", "--detailed-exitcode")
        self.server.drop_database(database)

    def test_a_column_of_a_type(self):
        for what, made in MADE.items():
            for schema in ("public", "other"):
                with self.subTest(what=what, schema=schema):
                    self.managed(schema, "table u {{ id integer not null primary key; c {s}.x; }}", made)

    def test_an_argument_of_a_type(self):
        for what, made in MADE.items():
            with self.subTest(what=what):
                self.managed("public", "function f(c {s}.x) returns integer language sql as $$ select 1 $$;", made)

    def test_other_kinds_of_use(self):
        for what, made, declared in (
                ("view", "CREATE TABLE {s}.x (a text)", "view v as $$ select a from {s}.x $$;"),
                ("foreign key", "CREATE TABLE {s}.x (a integer primary key)", "table u {{ a integer; foreign key (a) references {s}.x (a); }}"),
                ("default", "CREATE SEQUENCE {s}.x", "table u {{ a bigint default nextval('{s}.x'); }}"),
                ("check", "CREATE FUNCTION {s}.x(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'",
                 "table u {{ a integer; check ({s}.x(a)); }}")):
            for schema in ("public", "other"):
                with self.subTest(what=what, schema=schema):
                    self.managed(schema, declared, made)
