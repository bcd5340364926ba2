"""What others own and declared text uses: it is brought onto scratch, in schema public as in any other."""
from harness import Case

# What stands in schema {s}, and what shop says of it.
MADE = (
    ("composite", "CREATE TYPE {s}.x{n} AS (a text)", "table u{n} {{ id integer not null primary key; c {s}.x{n}; }}"),
    ("enum", "CREATE TYPE {s}.x{n} AS ENUM ('a', 'b')", "table u{n} {{ c {s}.x{n} default 'a'; }}"),
    ("range", "CREATE TYPE {s}.x{n} AS RANGE (subtype = integer)", "table u{n} {{ c {s}.x{n}; }}"),
    ("domain", "CREATE DOMAIN {s}.x{n} AS integer CHECK (VALUE > 0)", "table u{n} {{ c {s}.x{n}; }}"),
    ("row type", "CREATE TABLE {s}.x{n} (a text)", "table u{n} {{ c {s}.x{n}; }}"),
    ("composite of a composite", "CREATE TYPE {s}.i{n} AS (a text); CREATE TYPE {s}.x{n} AS (i {s}.i{n})", "table u{n} {{ c {s}.x{n}[]; }}"),
    ("argument", "CREATE TYPE {s}.x{n} AS (a text)", "function f{n}(c {s}.x{n}) returns integer language sql as $$ select 1 $$;"),
    ("argument of a row type", "CREATE TABLE {s}.x{n} (a text)", "function f{n}(c {s}.x{n}) returns integer language sql as $$ select 1 $$;"),
    ("view", "CREATE TABLE {s}.x{n} (a text)", "view v{n} as $$ select a from {s}.x{n} $$;"),
    ("foreign key", "CREATE TABLE {s}.x{n} (a integer primary key)",
     "table u{n} {{ a integer; foreign key u{n}_fk (a) references {s}.x{n} (a); }}"),
    ("default", "CREATE SEQUENCE {s}.x{n}", "table u{n} {{ a bigint default nextval('{s}.x{n}'); }}"),
    ("check", "CREATE FUNCTION {s}.x{n}(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'", "table u{n} {{ a integer; check ({s}.x{n}(a)); }}"),
)


class ExternalObjects(Case):
    def managed(self, schema, which):
        database, url = self.fresh("shop")
        made = ";".join(one[1].format(s=schema, n=n) for n, one in enumerate(which))
        declared = "\n".join(one[2].format(s=schema, n=n) for n, one in enumerate(which))
        self.sql(("" if schema == "public" else f"CREATE SCHEMA {schema};") + made + "; CREATE SCHEMA shop;", database)
        self.write("shop.schema", "schema shop { " + declared + " }\n")
        self.call(0, "check", "--url", url, "--schema", "shop.schema")
        self.call(0, "apply", "--url", url, "--schema", "shop.schema", "--yes")
        self.call(0, "verify", "--url", url, "--schema", "shop.schema", "--strict")
        self.write("shop.schema", "schema shop { " + declared + " table more { id integer; } }\n")
        self.call(0, "apply", "--url", url, "--schema", "shop.schema", "--yes")
        self.call(0, "plan", "--url", url, "--schema", "shop.schema", "--detailed-exitcode")
        self.assertEqual("0\n", self.sql("SELECT count(*) FROM pg_class WHERE relname = 'more' AND relnamespace = 'public'::regnamespace", database))

    def test_together(self):
        for schema in ("public", "other"):
            with self.subTest(schema):
                self.managed(schema, MADE)

    def test_the_first_by_itself(self):
        """Nothing else of public comes along that could bring the schema."""
        self.managed("public", MADE[:1])
