"""The hazard foreign-code: a plan that calls what somebody without power over the table can change at any time."""
import re

from harness import Case

BEFORE = """CREATE SCHEMA shop; CREATE TABLE shop.people (id bigint NOT NULL PRIMARY KEY, name varchar(40));
INSERT INTO shop.people VALUES (1, 'Grace Hopper'); GRANT USAGE ON SCHEMA shop TO PUBLIC;
CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; GRANT USAGE, CREATE ON SCHEMA ext TO PUBLIC;
CREATE FUNCTION ext.initials(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT pg_catalog.regexp_replace($1, '[^A-Z]', '', 'g') $$;
CREATE FUNCTION ext.upper(varchar) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT 'not PostgreSQL''s' $$;
CREATE FUNCTION ext.fine(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT $1 <> '' $$;
"""
TEXT = """extension citext schema ext;
schema shop {
  table people { id bigint not null primary key; name character varying(40); }
}
"""


class ForeignCode(Case):
    def setUp(self):
        super().setUp()
        self.sql(BEFORE)
        self.role = "fc_" + self.database
        self.sql(f"CREATE ROLE {self.role}")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", f"DROP ROLE {self.role}")))
        self.give(self.role)

    def give(self, role):
        self.sql("".join(f"ALTER FUNCTION ext.{name} OWNER TO {role};" for name in ("initials(text)", "upper(varchar)", "fine(text)")))

    def want(self, more):
        self.write("it.schema", TEXT.replace("(40);", "(40); " + more))

    def plan(self, code):
        return self.call(code, "plan", "--url", self.url, "--schema", "it.schema", "--detailed-exitcode")

    def column(self, name):
        return self.sql(f"SELECT {name} FROM shop.people").strip()

    def columns(self):
        return self.sql("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shop.people'::regclass AND attnum > 0").strip()

    def refused_then_allowed(self, *names):
        """`names`: of objects that call a function of somebody's."""
        told = self.plan(2)
        refused = self.apply(3, "it", "--yes", "--allow", "breaking", "--allow", "long-lock")
        for name in names:
            self.assertIn("consent: --allow foreign-code:" + name, told.stdout)
            self.assertRegex(refused.stderr, rf"foreign-code {name}: .* calls function ext\.\S+.*, which belongs to {self.role}: .*shop\.people")
            self.assertIn("--allow foreign-code:" + name, refused.stderr)
        self.assertEqual("id name", self.columns())
        consents = [word for name in names for word in ("--allow", "foreign-code:" + name)]
        self.apply(0, "it", "--yes", "--allow", "breaking", "--allow", "long-lock", *consents)
        self.plan(0)

    def test_a_backfill_that_picks_up_a_planted_function(self):
        self.want("short text not null backfill (initials(name));")
        self.refused_then_allowed("shop.people.short")
        self.assertEqual("GH", self.column("short"))

    def test_a_conversion(self):
        self.write("it.schema", TEXT.replace("character varying(40)", "text convert using (initials(name))"))
        allowed = ("--yes", "--allow", "rewrite", "--allow", "long-lock", "--allow", "lossy", "--allow", "breaking")
        self.assertIn("foreign-code shop.people.name", self.apply(3, "it", *allowed).stderr)
        self.assertEqual("Grace Hopper", self.column("name"))
        self.apply(0, "it", *allowed, "--allow", "foreign-code")
        self.assertEqual("GH", self.column("name"))

    def test_definitions(self):
        """By themselves, through the check of a domain, and through an operator."""
        self.sql(f"""CREATE DOMAIN ext.tag AS text CHECK (ext.fine(VALUE));
CREATE FUNCTION ext.same(text, text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT true $$; ALTER FUNCTION ext.same OWNER TO {self.role};
CREATE OPERATOR ext.=== (FUNCTION = ext.same, LEFTARG = text, RIGHTARG = text)""")
        self.want("short text default ext.initials('Ada Lovelace'); check (ext.fine(name)); index by_initials on (ext.initials(name)); tag ext.tag; "
                  "same boolean default 'a' operator(ext.===) 'b';")
        with open(self.path("it.schema"), "a", encoding="utf-8") as stream:
            stream.write("view shop.all_fine as $$ select ext.fine(name) as fine from shop.people $$;\n")
        told = self.plan(2).stdout
        told = " ".join(told.split())
        for what, function in (("column shop.people.short", "initials"), ("index shop.people.by_initials", "initials"), ("check shop.people.people_name_check", "fine"),
                               ("column shop.people.tag", "fine"), ("column shop.people.same", "same"), ("view shop.all_fine", "fine")):
            self.assertRegex(told, rf"foreign-code: {re.escape(what)} calls function ext\.{function}\(", what)
        self.apply(3, "it", "--yes", "--allow", "breaking", "--allow", "long-lock")
        self.assertEqual("id name", self.columns())
        self.apply(0, "it", "--yes", "--allow", "breaking", "--allow", "long-lock", "--allow", "rewrite", "--allow", "foreign-code:shop.*")
        self.plan(0)

    def test_what_fits_better_than_postgresqls_own_is_not_picked_up(self):
        self.want("loud text not null backfill (upper(name));")
        self.assertNotIn("foreign-code", self.plan(2).stdout)
        self.apply(0, "it", "--yes", "--allow", "breaking")
        self.assertEqual("GRACE HOPPER", self.column("loud"))

    def test_what_an_extension_brings_is_meant(self):
        """citext has a split_part of its own, which PostgreSQL's would stand in for."""
        self.sql("ALTER TABLE shop.people ALTER name TYPE ext.citext")
        self.write("it.schema", TEXT.replace("character varying(40);", "ext.citext; first text not null backfill (split_part(name, ' h', 1));"))
        self.assertNotIn("foreign-code", self.plan(2).stdout)
        self.apply(0, "it", "--yes", "--allow", "breaking")
        self.assertEqual("Grace", self.column("first"))

    def test_functions_of_whom_the_table_is_trusted_to(self):
        """A superuser's, and those of the table's own owner."""
        self.want("short text not null backfill (initials(name));")
        self.give("postgres")
        self.assertNotIn("foreign-code", self.plan(2).stdout)
        self.give(self.role)
        self.sql(f"ALTER TABLE shop.people OWNER TO {self.role}")
        self.assertNotIn("foreign-code", self.plan(2).stdout)
        self.apply(0, "it", "--yes", "--allow", "breaking")
        self.assertEqual("GH", self.column("short"))
