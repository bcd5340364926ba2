"""A transitional trigger runs with the rights of who writes: the plan names the roles that can't write while it is there, and what they lack."""
from harness import Case

BEFORE = """CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint NOT NULL PRIMARY KEY, total text NOT NULL, note text);
INSERT INTO shop.orders SELECT g, g || ' EUR', 'n' FROM generate_series(1, 50) g;
CREATE SCHEMA lib; CREATE FUNCTION lib.cents(text) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$ SELECT pg_catalog.split_part($1, ' ', 1)::bigint $$;
CREATE FUNCTION lib.euro(bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT $1 || ' EUR' $$;
REVOKE EXECUTE ON FUNCTION lib.cents, lib.euro FROM PUBLIC;
"""
TEXT = """schema shop {
  table orders { online; id bigint not null primary key; total %s; note text; %s}
}
"""
WITHOUT = ("text not null", "")
CONVERTED = ("bigint not null convert using (lib.cents(total)) back using (lib.euro(total))", "")
FILLED = ("text not null", "cent bigint not null backfill (lib.cents(total)); ")
ALLOWED = ("--yes", "--allow", "lossy", "--allow", "rewrite", "--allow", "long-lock")


class WritersRights(Case):
    def setUp(self):
        super().setUp()
        self.sql(BEFORE)
        self.roles = []
        self.addCleanup(self.forget)

    def forget(self):
        self.server.drop_database(self.database)
        for role in self.roles:
            self.server.sql("postgres", f"DROP ROLE {role}")

    def role(self, name, *grants, more=""):
        role = f"{name}_{self.database}"
        self.sql(f"CREATE ROLE {role} {more}; GRANT USAGE ON SCHEMA shop, lib TO {role};" + "".join(f"GRANT {one} TO {role};" for one in grants))
        self.roles.append(role)
        return role

    def want(self, parts, more=""):
        self.write("it.schema", TEXT % parts + more)

    def plan(self):
        return " ".join(self.call(0, "plan", "--url", self.url, "--schema", "it.schema").stdout.split())

    def insert(self, role, relation="shop.orders"):
        return self.sql(f"SET ROLE {role}; INSERT INTO {relation} (id, total) SELECT max(id) + 1, '7 EUR' FROM {relation}")

    def lacks(self, told, role, what):
        self.assertRegex(told, rf"role {role}[^:]*? lacks? {what}")

    def test_a_conversion(self):
        first = self.role("writer", "INSERT, SELECT ON shop.orders")
        able = self.role("able", "INSERT, SELECT ON shop.orders", "EXECUTE ON FUNCTION lib.cents")
        reader = self.role("reader", "SELECT ON shop.orders")
        narrow = self.role("narrow", "UPDATE (note) ON shop.orders")
        above = self.role("superuser", "INSERT ON shop.orders", more="SUPERUSER")
        self.want(CONVERTED)
        told = self.plan()
        for role in (first, narrow):
            self.assertIn("role " + role, told)
        self.assertIn(r"lack EXECUTE on function lib.cents(text)", told)
        for role in (able, reader, above):
            self.assertNotIn(role, told)
        refused = self.apply(3, "it", *ALLOWED, "--allow", "breaking:shop.orders.total")
        self.assertRegex(refused.stderr, rf"breaking shop.orders: .*role {first}")
        # What the hazard says happens, and a grant takes it away.
        self.killed("it", "s01", "after-settled")
        self.insert(able)
        with self.assertRaisesRegex(Exception, "permission denied for function cents"):
            self.insert(first)
        self.sql(f"GRANT EXECUTE ON FUNCTION lib.cents TO {first}")
        self.insert(first)

    def test_a_grant_before_the_plan(self):
        first = self.role("writer", "INSERT, SELECT ON shop.orders")
        self.sql(f"GRANT EXECUTE ON FUNCTION lib.cents TO {first}")
        self.want(CONVERTED)
        self.assertNotIn(first, self.plan())

    def test_a_backfill(self):
        first = self.role("writer", "INSERT, SELECT ON shop.orders")
        self.want(FILLED)
        told = self.plan()
        self.lacks(told, first, r"EXECUTE on function lib\.cents\(text\)")
        self.assertIn("--allow breaking:shop.orders", told)
        self.apply(3, "it", "--yes")
        self.apply(0, "it", "--yes", "--allow", "breaking:shop.orders*")

    def test_who_is_let_write_otherwise(self):
        """Through a view, by a partition's parent or a partition, as a member, as whoever, and by the files."""
        self.sql("CREATE VIEW shop.some AS SELECT id, total FROM shop.orders")
        through = self.role("through", "INSERT, SELECT ON shop.some")
        group = self.role("grouped", "INSERT, SELECT ON shop.orders")
        member = self.role("member", group)
        blessed = self.role("blessed", group, "EXECUTE ON FUNCTION lib.cents")
        later = self.role("later")
        self.want(FILLED, f"view shop.some as $$ SELECT id, total FROM shop.orders $$;\n")
        text = self.read("it.schema").replace("note text;", f"note text; grant insert to {later};")
        self.write("it.schema", text)
        told = self.plan()
        for role in (through, group, later):
            self.assertIn("role " + role, told)
        for role in (member, blessed):
            self.assertNotIn(role, told)
        self.sql("GRANT INSERT ON shop.orders TO PUBLIC")
        self.assertIn("PUBLIC, role", self.plan())

    def test_partitions(self):
        self.sql("""CREATE TABLE shop.parts (id bigint NOT NULL, total text NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE shop.part PARTITION OF shop.parts FOR VALUES FROM (0) TO (1000); INSERT INTO shop.parts SELECT id, total FROM shop.orders""")
        leaf = self.role("leaf", "INSERT ON shop.part")
        text = TEXT.rstrip()[:-1] + """  table parts partition by range (id) { id bigint not null; total text not null; cent bigint not null backfill (lib.cents(total));
    partition part for values from (0) to (1000); }
}
"""
        self.write("it.schema", text % WITHOUT)
        self.lacks(self.plan(), leaf, r"EXECUTE on function lib\.cents\(text\)")

    def test_what_is_lacking_otherwise(self):
        """A schema, a column that is read, a cast, the check of a domain, a body that PostgreSQL knows."""
        self.sql("""CREATE SCHEMA other; CREATE FUNCTION other.one(text) RETURNS bigint IMMUTABLE LANGUAGE sql RETURN lib.cents($1);
CREATE TABLE other.rates (name text, rate bigint, other bigint); INSERT INTO other.rates VALUES ('EUR', 1, 1);
CREATE FUNCTION other.fine(bigint) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT true $$; REVOKE EXECUTE ON FUNCTION other.fine FROM PUBLIC;
CREATE DOMAIN other.money AS bigint CHECK (other.fine(VALUE));""")
        first = self.role("writer", "INSERT, SELECT ON shop.orders", "SELECT (other) ON other.rates")
        for column, what in (("cent bigint not null backfill (other.one(total)); ", r"USAGE on schema other"),
                             ("cent bigint not null backfill (other.one(total)); ", r"EXECUTE on function lib\.cents\(text\)"),
                             ("cent bigint not null backfill ((select r.rate from other.rates r limit 1)); ", r"SELECT on other\.rates\.rate"),
                             ("cent other.money not null backfill (1); ", r"EXECUTE on function other\.fine\(bigint\)")):
            with self.subTest(column=column):
                self.want(("text not null", column), "")
                self.lacks(self.plan(), first, what)
        self.want(("text not null", "cent bigint not null backfill ((select r.other from other.rates r limit 1)); "))
        self.sql(f"GRANT USAGE ON SCHEMA other TO {first}")
        self.assertNotIn(first, self.plan())

    def test_a_function_that_the_plan_creates(self):
        first = self.role("writer", "INSERT, SELECT ON shop.orders")
        made = "function shop.fresh(text) returns bigint language sql immutable as $$ SELECT 1::bigint $$%s;\n"
        self.want(("text not null", "cent bigint not null backfill (fresh(total)); "), made % " { grant execute to public; }")
        self.assertNotIn(first, self.plan())
        self.want(("text not null", "cent bigint not null backfill (fresh(total)); "), made % " { revoke all from public; }")
        self.lacks(self.plan(), first, r"EXECUTE on function shop\.fresh\(text\)")
        self.sql("GRANT INSERT ON shop.orders TO PUBLIC")
        self.assertIn("PUBLIC, role " + first, self.plan())

    def test_both_names_at_the_gate(self):
        """The way back too is computed with the rights of who writes."""
        first = self.role("writer", "INSERT, SELECT ON shop.orders", "EXECUTE ON FUNCTION lib.cents")
        self.write("lockstep.yaml", f"environments:\n  e:\n    url: {self.url}\n    gates: on\n")
        self.write("it.schema", (TEXT % CONVERTED).replace("total bigint not null", "amount bigint not null renamed from total")
                   .replace("lib.euro(total)", "lib.euro(amount)"))
        told = " ".join(self.call(0, "plan", "--env", "e", "--schema", "it.schema").stdout.split())
        self.lacks(told, first, r"EXECUTE on function lib\.euro\(bigint\)")
        # What no file declares is found for the way back too: a row can be written under the new name.
        self.call(6, "apply", "--env", "e", "--schema", "it.schema", "--yes", "--allow", "all")
        self.sql("INSERT INTO shop.orders (id, amount) VALUES (99, 7)")
        self.assertEqual("7 EUR", self.sql("SELECT total FROM shop.orders WHERE id = 99").strip())

    def test_what_stays(self):
        """The expressions of indexes, defaults, generated columns and checks are evaluated with the rights of who writes too."""
        first = self.role("writer", "INSERT, UPDATE, SELECT ON shop.orders")
        above = self.role("superuser", "INSERT ON shop.orders", more="SUPERUSER")
        norm = "function norm(text) returns text language sql immutable %s { revoke all from public; }\n"
        inner = "function nested(text) returns bigint language sql immutable as $$ SELECT 1::bigint $$ { revoke all from public; }\n"
        sum = inner + norm % "body $$RETURN nested($1)::text || clock_timestamp()$$"
        norm = norm % "as $$ SELECT $1 || (SELECT 'x') $$"
        domain = "domain fine as text check c (norm(value) <> 'x');"
        write = "UPDATE shop.orders SET total = total || 'x'", "INSERT INTO shop.orders (id, total) SELECT max(id) + 1, '1 EUR' FROM shop.orders"
        for part, more, object, lacking, fails in (
                ("index ii on (norm(total)); ", norm, "index shop.orders.ii", "shop.norm(text)", write),
                ("more text default norm('a'); ", norm, "default shop.orders.more", "shop.norm(text)", write[1:]),
                ("more text generated always as (norm(total)) stored; ", norm, "column shop.orders.more", "shop.norm(text)", write),
                ("check fine (norm(total) <> 'a'); ", norm, "check shop.orders.fine", "shop.norm(text)", write),
                ("more text default norm('a'); ", sum, "default shop.orders.more", "shop.nested(text)", write[1:]),
                ("more fine; ", norm + domain, "column shop.orders.more", "shop.norm(text)", write[1:])):
            with self.subTest(part=part, lacking=lacking):
                self.write("it.schema", TEXT.rstrip()[:-1] % ("text not null", part) + more + "}\n")
                told = self.plan()
                self.assertIn("PostgreSQL evaluates " + object, told)
                self.assertIn(f"role {first} lacks EXECUTE on function {lacking}", told)
                self.assertNotIn(above, told)
                self.apply(0, "it", "--yes", "--allow", "all")
                for statement in fails:
                    with self.assertRaisesRegex(Exception, "permission denied for function"):
                        self.sql(f"SET ROLE {first}; {statement}")
                self.assertNotIn("lacks", self.plan())
                self.sql(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA shop TO {first}")
                for statement in fails:
                    self.sql(f"SET ROLE {first}; BEGIN; {statement}; ROLLBACK")
                self.write("it.schema", TEXT % WITHOUT)
                self.apply(0, "it", "--yes", "--allow", "all")

    def test_what_stays_and_is_granted(self):
        first = self.role("writer", "INSERT, UPDATE, SELECT ON shop.orders")
        norm = "function norm(text) returns text language sql immutable as $$ SELECT $1 $$ { revoke all from public; grant execute to %s; }\n}\n" % first
        self.write("it.schema", TEXT.rstrip()[:-1] % ("text not null", "index ii on (norm(total)); check fine (norm(total) <> 'a'); ") + norm)
        self.assertNotIn("lack", self.plan())

    def test_sequences(self):
        """A default draws from a sequence with the rights of who inserts; an identity needs none."""
        first = self.role("writer", "INSERT, UPDATE, SELECT ON shop.orders")
        self.sql("ALTER TABLE shop.orders ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY")
        table = "schema shop { table orders { online; id bigint not null primary key; total text not null; note text; number integer not null %s; }\n"
        serial = table % "default nextval('shop.orders_number_seq'::regclass)" + "sequence orders_number_seq as integer owned by orders.number%s\n}\n"
        insert = f"SET ROLE {first}; INSERT INTO shop.orders (id, total) SELECT max(id) + 1, '7 EUR' FROM shop.orders"
        for grant, before in ((" { grant usage to %s; }" % first, ""), (";", f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {first}")):
            self.sql(f"BEGIN; {before}; COMMIT")
            self.write("it.schema", serial % grant)
            self.assertNotIn("lack", self.plan())
        self.sql(f"ALTER DEFAULT PRIVILEGES REVOKE USAGE ON SEQUENCES FROM {first}")
        self.write("it.schema", serial % ";")
        self.assertIn(f"role {first} lacks USAGE on sequence shop.orders_number_seq", self.plan())
        self.sql(insert)
        self.apply(0, "it", "--yes", "--allow", "all")
        with self.assertRaisesRegex(Exception, "permission denied for sequence orders_number_seq"):
            self.sql(insert)
        self.assertNotIn("lacks", self.plan())
        self.sql(f"GRANT UPDATE ON SEQUENCE shop.orders_number_seq TO {first}")
        self.sql(insert)
        self.assertEqual("52", self.sql("SELECT max(number) FROM shop.orders").strip())
