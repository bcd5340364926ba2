"""The hazard foreign-code: a plan that calls what somebody without power over the table can change at any time."""
import os
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

    def test_a_way_back_that_is_carried_to_a_referring_table(self):
        of = lambda column: f"schema app partial {{ table t {{ id integer not null primary key; code {column}; unique (code); }} }}"  # noqa: E731
        self.write("one.schema", of("integer"))
        self.write("two.schema", of("bigint convert using (code * 10)"))
        self.apply(0, "one", "--yes")
        self.sql(f"INSERT INTO app.t VALUES (1, 1), (2, 2); CREATE TABLE public.ran (who text); GRANT ALL ON public.ran TO PUBLIC; CREATE SCHEMA m AUTHORIZATION {self.role};"
                 f"GRANT USAGE ON SCHEMA app TO {self.role}; GRANT REFERENCES, SELECT ON app.t TO {self.role}")
        self.apply(0, "two", "--yes", "--allow", "all")
        self.sql(f"SET ROLE {self.role}; CREATE TABLE m.x (code bigint REFERENCES app.t (code) ON UPDATE CASCADE ON DELETE CASCADE); INSERT INTO m.x VALUES (10);"
                 "CREATE FUNCTION m.evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ran VALUES (current_user); RETURN NULL; END $$;"
                 "CREATE CONSTRAINT TRIGGER c AFTER UPDATE OR DELETE ON m.x DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION m.evil()")
        back = ("rollback", "--url", self.url, "--yes", "--allow", "lossy-type,rewrite,long-lock,breaking")
        self.assertIn("1 hazard without consent", self.call(7, *back).stderr)
        self.assertEqual("", self.sql("SELECT * FROM public.ran"))
        run = self.sql("SELECT id FROM lockstep.run ORDER BY started DESC LIMIT 1").strip()
        self.assertIn("foreign-code", self.call(3, "backup", "restore", run, "--url", self.url, "--yes").stderr)
        self.assertEqual("", self.sql("SELECT * FROM public.ran"))

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
        """A superuser's; and those of the table's own owner, where he has the database too. Otherwise a superuser would run them unasked."""
        self.want("short text not null backfill (initials(name));")
        self.give("postgres")
        self.assertNotIn("foreign-code", self.plan(2).stdout)
        self.give(self.role)
        self.sql(f"ALTER TABLE shop.people OWNER TO {self.role}")
        self.assertIn("--allow foreign-code:shop.people.short", self.plan(2).stdout)
        self.sql(f"ALTER DATABASE {self.database} OWNER TO {self.role}")
        self.assertNotIn("foreign-code", self.plan(2).stdout)
        self.apply(0, "it", "--yes", "--allow", "breaking")
        self.assertEqual("GH", self.column("short"))


PLANTED = """CREATE SCHEMA lw AUTHORIZATION {low}; GRANT USAGE ON SCHEMA lw TO PUBLIC; CREATE SCHEMA shop; SET ROLE {low};
CREATE FUNCTION lw.ran() RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'COPY (SELECT 1) TO ' || quote_literal('{ran}'); RETURN ''; EXCEPTION WHEN OTHERS THEN RETURN ''; END $$;
CREATE FUNCTION lw.fine(text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM lw.ran(); RETURN true; END $$;
CREATE FUNCTION lw.same(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM lw.ran(); RETURN $1; END $$;
CREATE DOMAIN lw.tag AS text CHECK (lw.fine(VALUE));
CREATE TYPE lw.deep AS (a lw.tag);
CREATE TYPE lw.pair AS (a text);
CREATE FUNCTION lw.told(lw.pair) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM lw.ran(); RETURN ($1).a; END $$;
CREATE FUNCTION lw.read(text) RETURNS lw.pair IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM lw.ran(); RETURN ROW($1); END $$;
CREATE CAST (lw.pair AS text) WITH FUNCTION lw.told(lw.pair) AS ASSIGNMENT;
CREATE CAST (text AS lw.pair) WITH FUNCTION lw.read(text) AS ASSIGNMENT;
CREATE VIEW lw.view AS SELECT lw.ran() AS x; GRANT SELECT ON lw.view TO PUBLIC;
CREATE FUNCTION lw.fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM lw.ran(); RETURN NEW; END $$;
RESET ROLE;
CREATE TABLE shop.t (id integer NOT NULL PRIMARY KEY, v text NOT NULL, w text);
INSERT INTO shop.t VALUES (1, '(a)', '{{(a)}}');
"""
TABLE = "  table t {{ id integer not null primary key; v text not null; w {w}; {more} }}\n"


class Reached(Case):
    """Code of a role without power, that the plan would run as a superuser by way of something else."""

    def setUp(self):
        super().setUp()
        self.low = "low_" + self.database
        self.ran = f"{self.server.folder}/ran_{self.database}"
        self.sql(f"CREATE ROLE {self.low}")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", f"DROP ROLE {self.low}")))
        self.planted(PLANTED.format(low=self.low, ran=self.ran))

    def planted(self, text):
        """What runs while it is planted doesn't count."""
        self.sql(text)
        if os.path.exists(self.ran):
            os.remove(self.ran)

    def want(self, w="text", more="", beside=""):
        self.write("it.schema", "schema shop {\n" + TABLE.format(w=w, more=more) + beside + "}\n")

    def named(self, *what):
        """What of the plan's hazards: (object, function, what stands between)."""
        told = " ".join(self.call(2, "plan", "--url", self.url, "--schema", "it.schema", "--detailed-exitcode").stdout.split())
        self.assertFalse(os.path.exists(self.ran), "it ran while planning")
        for name, code, between in what:
            self.assertRegex(told, rf"foreign-code: [^!]* calls {code}[^!]*{between}[^!]*, which belongs to {self.low}: "
                                   rf"[^!]*\(step: [^!]*consent: --allow foreign-code:{re.escape(name)}(\s|$)")
        return told

    def refused(self, *what):
        self.named(*what)
        allowed = ("--yes", "--no-backup", "--allow", "drop,lossy,rewrite,long-lock,breaking,fires-triggers,unproved")
        self.assertIn("foreign-code", self.apply(3, "it", *allowed).stderr)
        self.assertFalse(os.path.exists(self.ran), "it ran although nobody consented")
        self.apply(0, "it", *allowed, "--allow", "foreign-code:shop.*")
        self.assertTrue(os.path.exists(self.ran), "what is asked about would not have run")
        self.call(0, "plan", "--url", self.url, "--schema", "it.schema", "--detailed-exitcode")

    def test_casts_of_a_retype(self):
        self.planted("CREATE TABLE shop.u (id integer NOT NULL PRIMARY KEY, c lw.pair, d text); INSERT INTO shop.u VALUES (1, ROW('a'), 'b')")
        self.want(beside="  table u { id integer not null primary key; c text; d lw.pair; }\n")
        self.refused(("shop.u.c", r"function lw\.told\(lw\.pair\)", r"cast from lw\.pair to text"),
                     ("shop.u.d", r"function lw\.read\(text\)", r"cast from text to lw\.pair"))

    def test_the_check_of_a_domain_in_a_composite_in_an_array(self):
        self.want(w="lw.deep[]")
        self.refused(("shop.t.w", r"function lw\.fine\(text\)", ""))

    def test_a_view_under_a_materialized_view(self):
        self.planted("CREATE VIEW shop.middle AS SELECT x FROM lw.view")
        self.want(beside="  view middle as $$ select x from lw.view $$;\n  materialized view m as $$ select x from shop.middle $$;\n")
        self.refused(("shop.m", r"function lw\.ran\(\)", r"view shop\.middle"))

    def test_a_row_that_an_expression_casts(self):
        self.want(more="y text not null backfill ((row(v)::lw.deep).a);")
        self.refused(("shop.t.y", r"function lw\.fine\(text\)", r"type lw\.deep"))

    def test_what_hangs_on_a_table_that_is_filled(self):
        self.planted("ALTER TABLE shop.t ADD CONSTRAINT fine CHECK (lw.fine(v)), ADD g text GENERATED ALWAYS AS (lw.same(v)) STORED; "
                     "CREATE INDEX by_same ON shop.t (lw.same(w)); "
                     "CREATE TRIGGER fires BEFORE UPDATE ON shop.t FOR EACH ROW EXECUTE FUNCTION lw.fired()")
        self.want(more="g text generated always as (lw.same(v)) stored; check fine (lw.fine(v)); index by_same on (lw.same(w)); "
                       "trigger fires before update for each row execute function lw.fired(); n integer not null backfill (3);")
        self.refused(("shop.t", r"function lw\.fine\(text\)", "constraint fine"), ("shop.t", r"function lw\.same\(text\)", ""),
                     ("shop.t", r"function lw\.fired\(\)", "trigger fires"))

    def test_what_hangs_on_a_table_that_is_rewritten(self):
        """On his own table too, unless he has the database."""
        self.planted(f"CREATE INDEX by_same ON shop.t (lw.same(w)); ALTER TABLE shop.t OWNER TO {self.low}")
        self.write("it.schema", "schema shop {\n" + TABLE.format(w="text", more="index by_same on (lw.same(w));").replace("id integer", "id bigint") + "}\n")
        self.named(("shop.t", r"function lw\.same\(text\)", r"index shop\.by_same"))
        self.sql(f"ALTER DATABASE {self.database} OWNER TO {self.low}")
        self.assertNotIn("foreign-code", self.named())

    def test_the_key_of_partitions_and_a_trigger_of_one(self):
        self.planted("CREATE TABLE shop.p (id integer NOT NULL, v text) PARTITION BY LIST (lw.same(v)); "
                     "CREATE TABLE shop.p1 PARTITION OF shop.p FOR VALUES IN ('a'); INSERT INTO shop.p VALUES (1, 'a'); "
                     "CREATE TRIGGER fires BEFORE UPDATE ON shop.p1 FOR EACH ROW EXECUTE FUNCTION lw.fired()")
        self.want(beside="  table p partition by list (lw.same(v)) { id integer not null; v text; n integer not null backfill (3); partition p1 for values in ('a') { "
                         "trigger fires before update for each row execute function lw.fired(); } }\n")
        self.named(("shop.p", r"function lw\.same\(text\)", r"table shop\.p\b"), ("shop.p", r"function lw\.fired\(\)", r"trigger fires on table shop\.p1"))

    def test_the_key_that_a_table_is_checked_for_before_it_is_attached(self):
        self.planted("CREATE TABLE shop.p (id integer NOT NULL, v text) PARTITION BY LIST (lw.same(v)); "
                     "CREATE TABLE shop.p1 (id integer NOT NULL, v text); INSERT INTO shop.p1 VALUES (1, 'a')")
        self.want(beside="  table p partition by list (lw.same(v)) { id integer not null; v text; partition p1 for values in ('a'); }\n")
        self.named(("shop.p1", r"function lw\.same\(text\)", r"through table shop\.p\b"))

    def test_the_key_of_a_default_partition(self):
        self.planted("CREATE TABLE shop.p (id integer NOT NULL, v text) PARTITION BY LIST (lw.same(v)); "
                     "CREATE TABLE shop.p0 PARTITION OF shop.p DEFAULT; INSERT INTO shop.p VALUES (1, 'b')")
        self.want(beside="  table p partition by list (lw.same(v)) { id integer not null; v text; partition p0 default; partition p1 for values in ('a'); }\n")
        self.named(("shop.p1", r"function lw\.same\(text\)", r"through table shop\.p\b"), ("shop.p0", r"function lw\.same\(text\)", r"through table shop\.p\b"))

    def test_expressions_of_his_own_that_call_what_can_do_anything(self):
        """No function of his is in there by name."""
        self.planted(f"SET ROLE {self.low}; CREATE DOMAIN lw.any_query AS text CHECK (query_to_xml(VALUE, true, true, '') IS NOT NULL); "
                     "CREATE DOMAIN lw.long AS text CHECK (length(VALUE) < 100)")
        self.want(w="lw.any_query")
        self.named(("shop.t.w", r"constraint any_query_check", r"type lw\.any_query"))
        self.want(w="lw.long")
        self.assertNotIn("foreign-code", self.named())

    def test_a_function_of_his_that_he_gave_to_an_extension(self):
        """It is no less his for that. (It can't be copied to scratch then, and so neither can the index.)"""
        self.planted("CREATE INDEX by_same ON shop.t (lw.same(w)); CREATE EXTENSION citext SCHEMA public; ALTER EXTENSION citext ADD FUNCTION lw.same(text)")
        self.want(more="n integer not null backfill (3);")
        with open(self.path("it.schema"), "a", encoding="utf-8") as stream:
            stream.write("extension citext schema public;\n")
        done = self.call_any("plan", "--url", self.url, "--schema", "it.schema")
        self.assertRegex(" ".join((done.stdout + done.stderr).split()), r"foreign-code: [^!]* calls function lw\.same\(text\) through index shop\.by_same")

    def test_support_functions_and_event_triggers(self):
        self.planted(f"""CREATE FUNCTION lw.ranked(text, text) RETURNS integer IMMUTABLE LANGUAGE sql AS $$ SELECT pg_catalog.bttextcmp($1, $2) $$;
ALTER FUNCTION lw.ranked OWNER TO {self.low};
CREATE OPERATOR CLASS lw.ordered FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 lw.ranked(text, text);
CREATE INDEX by_order ON shop.t (w lw.ordered);
CREATE FUNCTION lw.at_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; ALTER FUNCTION lw.at_ddl OWNER TO {self.low};
CREATE EVENT TRIGGER at_ddl_{self.database} ON ddl_command_end EXECUTE FUNCTION lw.at_ddl()""")
        self.want(more="n integer not null backfill (3);")
        done = self.call_any("plan", "--url", self.url, "--schema", "it.schema")
        told = " ".join((done.stdout + done.stderr).split())
        self.assertRegex(told, r"foreign-code: [^!]* calls function lw\.ranked\(text,text\) through index shop\.by_order")
        self.assertRegex(told, r"foreign-code: every step that changes the schema calls function lw\.at_ddl\(\) through event trigger")

    def test_what_the_files_declare_as_it_is(self):
        """Its text is the files' author's, whoever owns the function."""
        self.planted(f"CREATE FUNCTION shop.plain(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT $1 $$; ALTER FUNCTION shop.plain OWNER TO {self.low}; "
                     "ALTER TABLE shop.t ADD CONSTRAINT fine CHECK (shop.plain(v) <> '')")
        function = "  function plain(text) returns text immutable language sql as $$%s$$;\n"
        more = "check fine (shop.plain(v) <> ''); n integer not null backfill (3);"
        self.want(more=more, beside=function % " SELECT $1 ")
        self.assertNotIn("foreign-code", self.named())
        self.want(more=more, beside=function % " SELECT $1 || '' ")
        self.assertIn("calls function shop.plain(text) through constraint fine", self.named())

    def test_nothing_runs_of_a_journal_that_he_made(self):
        """Every command reads schema lockstep."""
        self.planted(f"CREATE SCHEMA lockstep AUTHORIZATION {self.low}; SET ROLE {self.low}; CREATE VIEW lockstep.identity AS SELECT lw.ran() AS id, "
                     "1 AS format, now() AS created, '' AS system_identifier, '' AS database, 1 AS database_oid; "
                     "CREATE VIEW lockstep.event AS SELECT lw.ran() AS id; GRANT USAGE ON SCHEMA lockstep TO PUBLIC")
        self.want(more="n integer;")
        for command in (("plan", "--schema", "it.schema"), ("status",), ("apply", "--yes", "--schema", "it.schema")):
            told = self.call_any(*command, "--url", self.url)
            self.assertNotEqual(0, told.returncode)
            self.assertIn("lockstep.event is no table", told.stderr)
        self.assertFalse(os.path.exists(self.ran))
        self.sql("DROP SCHEMA lockstep CASCADE")
        self.apply(0, "it", "--yes")
        self.want(more="n integer; m integer;")
        self.sql(f"GRANT TRIGGER ON lockstep.event TO {self.low}; GRANT USAGE ON SCHEMA lockstep TO {self.low}; SET ROLE {self.low}; "
                 "CREATE TRIGGER fires BEFORE INSERT ON lockstep.event FOR EACH ROW EXECUTE FUNCTION lw.fired()")
        self.assertIn("lockstep.event has the trigger fires", self.call_any("apply", "--yes", "--schema", "it.schema", "--url", self.url).stderr)
        self.assertFalse(os.path.exists(self.ran))


LOOP = """CREATE EXTENSION postgres_fdw SCHEMA public; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {low};
CREATE SCHEMA shop; GRANT USAGE, CREATE ON SCHEMA shop TO {low}; SET ROLE {low};
CREATE SERVER loop_{low} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', dbname '{database}');
CREATE USER MAPPING FOR PUBLIC SERVER loop_{low} OPTIONS (user 'postgres');
CREATE FUNCTION shop.ran() RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('COPY (SELECT 1) TO %L', '{ran}'); RETURN 'x'; END $$;
CREATE VIEW shop.far AS SELECT 2 AS id, 1 AS k, shop.ran() AS v;
CREATE TABLE shop.t (id integer NOT NULL PRIMARY KEY, k integer, v text); INSERT INTO shop.t VALUES (1, 1, 'a');
"""
CHILD = "CREATE FOREIGN TABLE shop.t2 (id integer NOT NULL, k integer, v text OPTIONS (column_name 'v')) INHERITS (shop.t) SERVER loop_{low} OPTIONS (schema_name 'shop', table_name 'far')"


class ForeignTables(Case):
    """A child of a table, whose rows are somewhere else: what reads the table runs there, as whoever the user mapping says."""

    def setUp(self):
        super().setUp()
        self.low = "low_" + self.database
        self.ran = f"{self.server.folder}/ran_{self.database}"
        self.sql(f"CREATE ROLE {self.low}")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", f"DROP ROLE {self.low}")))
        self.sql(LOOP.format(low=self.low, host=self.server.folder, database=self.database, ran=self.ran))
        self.child = CHILD.format(low=self.low)
        self.write("less.schema", f"schema shop partial {{ table t owner {self.low} {{ id integer not null primary key; k integer; }} }}\n")
        self.write("more.schema", f"schema shop partial {{ table t owner {self.low} {{ id integer not null primary key; k integer; v text; "
                                  "n integer not null backfill (3); } }\n")
        self.write("check.schema", f"schema shop partial {{ table t owner {self.low} {{ id integer not null primary key; k integer; v text; "
                                   "check small (k < 100); } }\n")

    ALLOWED = ("--yes", "--allow", "drop,breaking,long-lock,rewrite,unproved")

    def asked(self, done):
        self.assertRegex(done.stderr, rf"foreign-code shop\.t: what works on the rows of table shop\.t reads foreign table shop\.t2 of server loop_{self.low}, "
                                      rf"which belongs to {self.low}")
        self.assertIn("--allow foreign-code:shop.t", done.stderr)
        self.assertFalse(os.path.exists(self.ran), "it was read although nobody consented")

    def test_a_backup(self):
        self.sql(f"SET ROLE {self.low}; " + self.child)
        self.asked(self.apply(3, "less", *self.ALLOWED))
        self.apply(0, "less", *self.ALLOWED, "--allow", "foreign-code:shop.t")
        self.assertTrue(os.path.exists(self.ran), "what is asked about would not have been read")

    def test_a_table_of_a_trusted_role_on_his_server(self):
        self.sql(self.child)
        self.asked(self.apply(3, "less", *self.ALLOWED))

    def test_checks(self):
        self.sql(f"SET ROLE {self.low}; " + self.child)
        self.asked(self.apply(3, "check", *self.ALLOWED))

    def test_a_view_that_reads_the_table(self):
        self.sql(f"SET ROLE {self.low}; {self.child}; RESET ROLE; CREATE VIEW shop.seen AS SELECT id FROM shop.t")
        self.write("m.schema", "schema shop partial { view seen as $$ select id from shop.t $$; materialized view m as $$ select id from shop.seen $$; }\n")
        done = self.call_any("apply", "--url", self.url, "--schema", "m.schema", *self.ALLOWED)
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)  # scratch can't read it either
        self.assertFalse(os.path.exists(self.ran))

    def test_of_whom_it_is_trusted(self):
        self.sql(f"ALTER SERVER loop_{self.low} OWNER TO postgres; {self.child}")
        self.assertNotIn("foreign-code", self.call(0, "plan", "--url", self.url, "--schema", "less.schema").stdout)

    def test_it_came_after_the_plan(self):
        self.call(0, "plan", "--url", self.url, "--schema", "less.schema", "-o", "plan.json")
        self.sql(f"SET ROLE {self.low}; " + self.child)
        done = self.call_any("apply", "plan.json", "--url", self.url, *self.ALLOWED)
        self.assertIn(done.returncode, (3, 4), done.stderr)
        self.assertFalse(os.path.exists(self.ran))

    def test_it_came_while_the_run_stood_still(self):
        done = self.call_any("apply", "--url", self.url, "--schema", "less.schema", *self.ALLOWED, environment={"LOCKSTEP_CRASH_AT": "s01:after-settled"})
        self.assertEqual(-9, done.returncode, done.stderr)
        self.sql(f"SET ROLE {self.low}; " + self.child.replace(" v text", " lockstep_dropped_v text"))
        done = self.call_any("resume", "--url", self.url, "--yes")
        self.assertIn(done.returncode, (3, 4, 7), done.stderr)
        self.assertFalse(os.path.exists(self.ran))


HANGS = """SET ROLE {low}; CREATE OR REPLACE FUNCTION shop.ran() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('COPY (SELECT 1) TO %L', '{ran}'); EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
CREATE FUNCTION shop.evil(t text) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM shop.ran(); RETURN 1; END $$;
CREATE FUNCTION shop.fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM shop.evil('x'); RETURN new; END $$;
"""


class Restored(Case):
    """Rows that come back meet what somebody has put on their table meanwhile."""

    def setUp(self):
        super().setUp()
        self.low = "low_" + self.database
        self.ran = f"{self.server.folder}/ran_{self.database}"
        self.sql(f"CREATE ROLE {self.low}")
        self.addCleanup(lambda: (self.server.drop_database(self.database), self.server.sql("postgres", f"DROP ROLE {self.low}")))
        self.sql(f"CREATE SCHEMA shop; GRANT ALL ON SCHEMA shop TO {self.low}; SET ROLE {self.low}; CREATE DOMAIN shop.dom AS integer;"
                 "CREATE TABLE shop.a (id integer PRIMARY KEY, v text); INSERT INTO shop.a SELECT n, 'v' FROM generate_series(1, 5) n;"
                 "CREATE TABLE shop.b (id shop.dom PRIMARY KEY, v text); INSERT INTO shop.b SELECT n, 'v' FROM generate_series(1, 5) n")
        table = "table %s owner " + self.low + " { id %s not null primary key; %s } "
        domain = f"schema shop {{ domain dom as integer owner {self.low}; "
        self.write("less.schema", domain + table % ("b", "dom", "") + "}\n")
        self.write("all.schema", domain + table % ("a", "integer", "v text;") + table % ("b", "dom", "v text;") + "}\n")
        self.apply(0, "less", "--yes", "--allow", "drop,breaking", "--store", "store")
        self.run_id = os.listdir(self.path("store/" + self.database))[0].split("-")[-1]
        self.apply(0, "all", "--yes", "--store", "store")

    def restore(self, code, *more):
        return self.call(code, "backup", "restore", self.run_id, "--url", self.url, "--store", "store", "--yes", *more)

    def test_what_hangs_on_the_table(self):
        for what, told in (("ALTER TABLE shop.a ADD CONSTRAINT ck CHECK (shop.evil(v) > 0)", "through constraint ck on table shop.a"),
                           ("CREATE INDEX ai ON shop.a ((shop.evil(v) + id))", "through index shop.ai"),
                           ("ALTER DOMAIN shop.dom ADD CONSTRAINT x CHECK (shop.evil('') > 0 AND VALUE > 0)", "function shop.evil(text)"),
                           ("ALTER TABLE shop.a ADD g integer GENERATED ALWAYS AS (shop.evil(v)) STORED", "function shop.evil(text)"),
                           ("ALTER TABLE shop.a ADD d integer DEFAULT shop.evil('')", "function shop.evil(text)"),
                           ("CREATE TRIGGER tt BEFORE INSERT ON shop.a FOR EACH ROW EXECUTE FUNCTION shop.fired()", "through trigger tt on table shop.a"),
                           ("CREATE RULE rr AS ON INSERT TO shop.a DO ALSO SELECT shop.evil('')", "rule rr on table shop.a")):
            with self.subTest(what):
                self.sql(HANGS.format(low=self.low, ran=self.ran) + what)
                if os.path.exists(self.ran):
                    os.remove(self.ran)
                trigger = "TRIGGER" in what or "RULE" in what
                done = self.restore(3, *(() if trigger else ("--without-triggers",)))
                self.assertIn(told, done.stderr)
                self.assertIn(f"which belongs to {self.low}", done.stderr)
                self.assertIn("nothing was changed", done.stderr)
                self.assertIn("--allow foreign-code:shop.", done.stderr)
                self.assertFalse(os.path.exists(self.ran), "it ran although nobody consented")
                if trigger:
                    self.restore(0, "--without-triggers")
                    self.assertFalse(os.path.exists(self.ran))
                    self.sql("DELETE FROM shop.a")
                if "RULE" not in what:  # with a rule PostgreSQL takes no ON CONFLICT
                    self.restore(0, "--allow", "foreign-code:shop.*")
                    self.assertTrue(os.path.exists(self.ran), "what is asked about would not have run")
                self.sql("DROP RULE IF EXISTS rr ON shop.a; DROP TRIGGER IF EXISTS tt ON shop.a; ALTER TABLE shop.a DROP CONSTRAINT IF EXISTS ck, "
                         "DROP COLUMN IF EXISTS g, DROP COLUMN IF EXISTS d; DROP INDEX IF EXISTS shop.ai; ALTER DOMAIN shop.dom DROP CONSTRAINT IF EXISTS x;"
                         "DROP FUNCTION shop.fired(); DROP FUNCTION shop.evil(text); DROP FUNCTION shop.ran(); DELETE FROM shop.a; UPDATE shop.b SET v = NULL")

    def test_nothing_of_others(self):
        self.restore(0)
