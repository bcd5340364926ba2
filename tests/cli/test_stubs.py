"""What scratch databases can't have, and what is there instead: extensions that are not installed, C functions, collations of
another machine."""
import re
import shutil
import tempfile

from harness import Case
from lesser import lesser_postgres

REST = "schema shop {\n  table plain { id bigint not null primary key; note text; }\n}\n"


class Stubs(Case):
    own_server = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tree = tempfile.mkdtemp(prefix="lockstep_bare_")
        cls.addClassCleanup(shutil.rmtree, tree, True)
        # The embedded server has no extension but plpgsql.
        bare = lesser_postgres(cls.server.bin, tree, lambda entry: entry.startswith("plpgsql"))
        cls.bare = {**bare, "LOCKSTEP_SERVER_IDLE": "5"}

    def sql(self, text, database=None):
        return super().sql(text, database).strip()

    def call(self, code, *arguments, installed=False):
        return super().call(code, *arguments, environment={} if installed else self.bare)

    def declare(self, text):
        self.write("it.schema", text)

    def apply(self, code, text, *more, installed=False):
        self.declare(text)
        return self.call(code, "apply", "--url", self.url, "--schema", "it.schema", "--yes", *more, installed=installed)

    def plan(self, code, *more, installed=False):
        return self.call(code, "plan", "--detailed-exitcode", "--url", self.url, "--schema", "it.schema", *more, installed=installed)

    def inspected(self):
        return self.call(0, "inspect", "--url", self.url).stdout

    def settled(self):
        """Nothing is left to do, with stubs and with the real things alike; and nothing drifted."""
        done = self.plan(0)
        self.plan(0, installed=True)
        self.call(0, "verify", "--url", self.url, "--schema", "it.schema")
        return done

    # --- extensions

    def test_types_operators_and_index_classes(self):
        self.sql("""CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION ltree SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext;
            CREATE EXTENSION cube SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext; CREATE EXTENSION btree_gist SCHEMA ext;
            CREATE SCHEMA shop;
            CREATE TABLE shop.items (id bigint NOT NULL PRIMARY KEY, name ext.citext NOT NULL UNIQUE, path ext.ltree, tags ext.hstore DEFAULT ''::ext.hstore,
              box ext.cube, during tsrange, room int, title text, CHECK (path OPERATOR(ext.@>) 'a.b'::ext.ltree),
              EXCLUDE USING gist (room WITH =, during WITH &&), EXCLUDE USING gist (box WITH OPERATOR(ext.&&)));
            CREATE INDEX items_path ON shop.items USING gist (path);
            CREATE INDEX items_title ON shop.items USING gin (title ext.gin_trgm_ops);
            CREATE INDEX items_size ON shop.items (ext.cube_size(box)) WHERE ext.similarity(title, 'x') > 0.5;
            CREATE VIEW shop.names AS SELECT name, path OPERATOR(ext.||) 'x'::ext.ltree AS longer, tags OPERATOR(ext.->) 'a' AS a FROM shop.items WHERE name OPERATOR(ext.=) 'b';
            CREATE MATERIALIZED VIEW shop.sizes AS SELECT ext.cube_size('(1,2)'::ext.cube) AS size, id FROM shop.items;
            CREATE TABLE shop.plain (id bigint NOT NULL PRIMARY KEY)""")
        text = self.inspected()
        self.declare(text)
        self.assertEqual("", self.settled().stderr)  # all is as the database prints it: no stub was needed
        # What has nothing to do with them is proved; what has is named, and planned all the same.
        plain = text.replace("table plain {", "table plain { note text;")
        self.assertIn("proved on a scratch copy", self.apply(0, plain).stdout)
        self.settled()
        more = plain.replace("table items {", "table items { other ext.citext; paths ext.ltree[];")
        done = self.apply(3, more)
        self.assertRegex(done.stderr, r"it\.schema:\d+:\d+: .*warning.*LS0307|LS0307")
        self.assertRegex(done.stderr, r"extension ext\.citext|extension citext")
        self.assertIn("shop.items", done.stderr)
        self.assertRegex(done.stderr, r"unproved shop\.items\S*: .*depends on extension")
        self.apply(0, more, "--allow", "unproved:shop.items*")
        self.assertEqual("ext.citext,ext.ltree[]", self.sql("SELECT string_agg(atttypid::regtype::text, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shop.items'::regclass AND attname IN ('other', 'paths')"))
        self.settled()
        # A new table, a new index and a retyped column.
        more = more.replace("table plain {", "table fresh { id bigint primary key; name ext.citext; index fresh_name on (name); }\n  table plain {").replace("note text", "note ext.citext")
        done = self.apply(3, more, "--allow", "rewrite", "--allow", "long-lock", "--allow", "lossy", "--allow", "breaking")
        self.assertIn("unproved shop.fresh", done.stderr)
        self.assertIn("unproved shop.plain", done.stderr)
        self.apply(0, more, "--allow", "all")
        self.settled()
        # A mistake is one, stub or not.
        self.assertRegex(self.apply(64, more.replace("name ext.citext;", "name ext.citexd;", 1)).stderr, "citexd")
        self.assertRegex(self.apply(64, more.replace("on (name)", "on (nome)")).stderr, "nome")
        self.assertRegex(self.apply(64, more.replace("ext.cube_size(box)", "ext.cube_sise(box)")).stderr, "cube_sise")

    def test_an_access_method_of_its_own_and_its_options(self):
        self.sql("CREATE EXTENSION bloom; CREATE SCHEMA shop; CREATE TABLE shop.t (id int, a text, b int);"
                 "CREATE INDEX t_bloom ON shop.t USING bloom (id, a) WITH (length='100', col1='3')")
        text = self.inspected()
        self.declare(text)
        self.settled()
        more = text.replace("col1='3'", "col1='4'")
        self.assertNotEqual(text, more)
        done = self.apply(3, more)
        self.assertIn("unproved shop.t", done.stderr)
        self.apply(0, more, "--allow", "unproved:shop.t*", "--allow", "long-lock")
        self.assertIn("col1='4'", self.sql("SELECT pg_get_indexdef('shop.t_bloom'::regclass)"))
        self.settled()
        self.assertIn("nonesuch", self.apply(64, text.replace("index t_bloom", "index t_usual on (b) with (nonesuch = 1);\n    index t_bloom")).stderr)

    def test_modifiers_of_a_type(self):
        # An extension that no server has the files of: what the database says of it is all there is.
        self.sql("""INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
              VALUES (99999, 'measured', 10, 'public'::regnamespace, false, '1.0');
            CREATE TYPE public.measured;
            CREATE FUNCTION public.measured_in(cstring, oid, integer) RETURNS public.measured LANGUAGE internal IMMUTABLE STRICT AS 'textin';
            CREATE FUNCTION public.measured_out(public.measured) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
            CREATE FUNCTION public.measured_mod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'numerictypmodin';
            CREATE FUNCTION public.measured_mod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'numerictypmodout';
            CREATE TYPE public.measured (INPUT = public.measured_in, OUTPUT = public.measured_out, TYPMOD_IN = public.measured_mod_in,
              TYPMOD_OUT = public.measured_mod_out);
            ALTER EXTENSION measured ADD TYPE public.measured; ALTER EXTENSION measured ADD FUNCTION public.measured_in(cstring, oid, integer);
            ALTER EXTENSION measured ADD FUNCTION public.measured_out(public.measured);
            ALTER EXTENSION measured ADD FUNCTION public.measured_mod_in(cstring[]);
            ALTER EXTENSION measured ADD FUNCTION public.measured_mod_out(integer);
            CREATE SCHEMA shop; CREATE TABLE shop.t (id int, size public.measured(4, 2), sizes public.measured(3, 1)[])""")
        text = "schema shop { table t { id integer; size public.measured(4,2); sizes public.measured( 3, 1 )[]; } }\n"
        self.declare(text)
        self.plan(0)
        self.call(0, "verify", "--url", self.url, "--schema", "it.schema")
        self.apply(0, text.replace("4,2", "5,1").replace("id integer;", "id integer; more public.measured(9,9);"), "--allow", "all")
        self.assertEqual("measured(9,9) measured(5,1)", self.sql("SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attname) FROM pg_attribute WHERE attrelid = 'shop.t'::regclass AND attname IN ('more', 'size')"))
        self.plan(0)

    def test_an_extension_that_nobody_declared(self):
        self.sql("CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION pgcrypto SCHEMA ext; CREATE SCHEMA shop;")
        text = REST.replace("note text;", "note ext.citext; salt text default ext.gen_salt('bf');")
        self.apply(3, text)
        self.apply(0, text, "--allow", "unproved")
        done = self.settled()
        self.assertIn("extension citext", done.stderr)
        self.assertEqual("2", self.sql("SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'"))

    def test_a_rename_beside_stubs(self):
        self.sql("CREATE EXTENSION citext; CREATE SCHEMA shop; CREATE TABLE shop.plain (id bigint NOT NULL PRIMARY KEY, note public.citext)")
        text = REST.replace("note text;", "remark public.citext renamed from note;")
        self.apply(0, text, "--allow", "unproved", "--allow", "breaking")
        self.assertEqual("remark", self.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'shop.plain'::regclass AND attnum = 2"))
        self.settled()

    def test_an_extension_that_the_database_lacks_too(self):
        text = "extension citext;\n" + REST.replace("note text;", "note public.citext;")
        done = self.apply(64, text)
        self.assertIn("same-server", done.stderr)
        self.assertIn("just the extension", done.stderr)
        self.assertEqual("", self.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'shop'"))
        self.apply(0, "extension citext;\n", "--allow", "unproved:citext")
        self.apply(0, text, "--allow", "unproved:shop.plain*")
        self.settled()

    def test_it_is_compared_and_checked(self):
        self.sql("CREATE EXTENSION citext; CREATE SCHEMA shop; CREATE TABLE shop.plain (id bigint NOT NULL PRIMARY KEY, note public.citext)")
        self.declare(REST.replace("note text", "note public.citext"))
        self.call(0, "check", "--schema", "it.schema", "--url", self.url)
        self.call(0, "status", "--schema", "it.schema", "--url", self.url)
        self.call(0, "compare", "it.schema", self.url)

    # --- C functions

    def test_c_functions(self):
        text = """schema shop {
  function salted(kind text, rounds integer default 5) returns text language c volatile strict as '$libdir/pgcrypto', 'pg_gen_salt_rounds';
  function touched() returns trigger language c as '$libdir/moddatetime', 'moddatetime';
  function alike(a text, b text) returns real language c immutable strict parallel safe cost 7 as '$libdir/pg_trgm', 'similarity';
  operator ~~~ (text, text) (function = shop.alike);
  table t { id bigint not null primary key; salt text default shop.salted('bf', 8); changed timestamptz; name text;
    index near on (shop.alike(name, 'x')); trigger touch before update for each row execute function shop.touched('changed'); }
  view odd as $$ select id from shop.t where name operator(shop.~~~) 'y' > 0.5 $$;
  table plain { id bigint; }
}
"""
        done = self.apply(3, text, installed=True)
        for name in ("shop.salted", "shop.touched", "shop.alike", "shop.t", "shop.odd"):
            self.assertRegex(done.stderr, r"unproved " + re.escape(name))
        self.assertNotIn("unproved shop.plain", done.stderr)
        self.assertIn("language c", done.stderr)
        self.apply(0, text, "--allow", "unproved", installed=True)
        self.assertEqual("c pg_gen_salt_rounds $libdir/pgcrypto", self.sql("SELECT concat_ws(' ', lanname, prosrc, probin) FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE proname = 'salted'"))
        self.assertEqual("c similarity 7", self.sql("SELECT concat_ws(' ', lanname, prosrc, procost) FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE proname = 'alike'"))
        self.sql("INSERT INTO shop.t (id, name) VALUES (1, 'yy')")
        self.settled()
        self.declare(self.inspected())
        self.settled()
        self.assertIn("proved on a scratch copy", self.apply(0, text.replace("plain { id bigint;", "plain { id bigint; note text;"), installed=True).stdout)
        # What changes of one is planned; what hangs on it is still named.
        done = self.apply(3, text.replace("cost 7", "cost 9"), "--allow", "drop", installed=True)
        self.assertIn("unproved shop.alike", done.stderr)
        self.apply(0, text.replace("cost 7", "cost 9"), "--allow", "unproved", "--allow", "drop", installed=True)
        self.assertEqual("9", self.sql("SELECT procost FROM pg_proc WHERE proname = 'alike'"))
        self.settled()

    def test_c_functions_of_others(self):
        self.sql("CREATE SCHEMA lib; CREATE FUNCTION lib.salted(text) RETURNS text LANGUAGE c AS '$libdir/pgcrypto', 'pg_gen_salt'")
        text = REST.replace("note text;", "note text default lib.salted('bf');")
        done = self.apply(3, text)
        self.assertRegex(done.stderr, r"unproved shop\.plain\S*: .*function lib\.salted")
        self.apply(0, text, "--allow", "unproved")
        self.settled()
        self.assertIn("lib.sealed", self.apply(64, text.replace("lib.salted", "lib.sealed")).stderr)

    def test_a_stub_has_no_power(self):
        text = """schema shop { function f() returns text language c security definer as '$libdir/pgcrypto', 'pg_gen_salt';
  function who() returns text language sql immutable as $$ select rolsuper::text from pg_roles r join pg_proc p on p.proowner = r.oid where proname = 'f' $$;
  table t { id int; }  materialized view m as $$ select shop.who() as who, 1 / (shop.who() = 'false')::int as fine $$; }
"""
        self.apply(3, text)

    def test_checked_without_a_database(self):
        self.declare("schema shop { function f(text) returns text language c as '$libdir/pgcrypto', 'pg_gen_salt'; table t { id text default shop.f('x'); } }\n")
        self.assertIn("LS0307", self.call(0, "check", "--schema", "it.schema").stderr)

    # --- functions that don't belong together

    def test_text_search_functions_that_do_not_belong_together(self):
        text = """extension unaccent schema public;
schema shop {
  text search template good (init = dsimple_init, lexize = dsimple_lexize);
  text search template odd (init = dsimple_init, lexize = public.unaccent_lexize);
  text search template bare (lexize = dsimple_lexize);
  text search parser own (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
  text search parser odd (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = dsimple_init);
  text search dictionary fine (template = shop.good);
  text search dictionary worn (template = shop.odd);
  text search configuration c (parser = shop.own, mappings = (asciiword = 'shop.fine'));
}
"""
        done = self.apply(3, text, installed=True)
        # A template has the name of a parser here, so the kind must tell them apart.
        self.assertIn("text search template shop.odd can't be had", done.stderr)
        self.assertIn("text search parser shop.odd can't be had", done.stderr)
        for name in ("shop.odd", "shop.bare", "shop.worn"):
            self.assertRegex(done.stderr, r"unproved " + re.escape(name))
        for name in ("shop.good", "shop.own", "shop.fine", "shop.c"):
            self.assertNotRegex(done.stderr, r"unproved " + re.escape(name) + r"\b")
        self.apply(0, text, "--allow", "unproved", installed=True)
        self.assertEqual("bare: - dsimple_lexize, good: dsimple_init dsimple_lexize, odd: dsimple_init unaccent_lexize", self.sql(
            "SELECT string_agg(tmplname || ': ' || tmplinit::text || ' ' || tmpllexize::text, ', ' ORDER BY tmplname) FROM pg_ts_template WHERE oid >= 16384 AND tmplname <> 'unaccent'"))
        self.assertEqual("dsimple_init", self.sql("SELECT prslextype FROM pg_ts_parser WHERE prsname = 'odd'"))
        self.declare(text)
        self.plan(0, installed=True)
        self.call(0, "verify", "--url", self.url, "--schema", "it.schema", installed=True)
        self.declare(self.inspected())
        self.plan(0, installed=True)
        # A rename beside them, of what hangs on them.
        self.apply(0, text.replace("dictionary worn (template = shop.odd)", "dictionary older (template = shop.odd) renamed from worn"),
                   "--allow", "unproved", "--allow", "breaking", installed=True)
        self.plan(0, installed=True)

    def test_a_declared_wrapper_keeps_what_it_names(self):
        text = """extension postgres_fdw schema public;
foreign data wrapper w (handler = public.postgres_fdw_handler, validator = public.postgres_fdw_validator);
foreign server s (wrapper = w, options = (host = 'nowhere.invalid'));
schema shop { foreign table t (definition = (id integer), server = s); view v as $$ select id from shop.t $$; }
"""
        self.assertIn("proved on a scratch copy", self.apply(0, text, installed=True).stdout)
        self.plan(0, installed=True)
        self.call(0, "verify", "--url", self.url, "--schema", "it.schema", installed=True)
        self.plan(0, "--shadow", "same-server", installed=True)
        self.assertIn("extension postgres_fdw can't be had", self.plan(0).stderr)
        self.assertIn("handler = postgres_fdw_handler", self.inspected().replace("public.", ""))
        without = text.replace(", validator = public.postgres_fdw_validator", "")
        self.assertIn("NO VALIDATOR", self.apply(0, without, "--allow", "breaking", installed=True).stdout)
        self.assertIn("VALIDATOR public.postgres_fdw_validator", self.apply(0, text, "--allow", "breaking", installed=True).stdout)
        read = text.replace("view v as", "materialized view m as $$ select id from shop.t $$; view v as")
        self.assertIn("a foreign table can't be read on a scratch database", self.apply(64, read, installed=True).stderr)

    # --- collations

    def test_a_collation_of_another_machine(self):
        there = "CREATE SCHEMA shop; CREATE COLLATION shop.german (locale = 'C'); UPDATE pg_collation SET collcollate = 'xx_XX.utf8', collctype = 'xx_XX.utf8' WHERE collname = 'german';"
        self.sql(there + "CREATE TABLE shop.worn (name text COLLATE shop.german); CREATE TABLE shop.plain (id bigint NOT NULL PRIMARY KEY, note text)")
        for said in ("(locale = 'xx_XX.utf8')", "(provider = libc, locale = 'xx_XX.utf8')", "(LC_COLLATE = 'xx_XX.utf8', lc_ctype = \"xx_XX.utf8\")"):
            with self.subTest(said=said):
                text = f"schema shop {{\n  collation german {said};\n  table worn {{ name text collate shop.german; }}\n" + REST.split("\n", 1)[1]
                self.declare(text)
                done = self.plan(0)
                if "provider" in said:  # as the database prints it
                    self.assertEqual("", done.stderr)
                else:
                    self.assertIn("collation shop.german can't be had", done.stderr)
        self.assertIn("proved on a scratch copy", self.apply(0, text.replace("note text", "note text; more text")).stdout)
        done = self.apply(3, text.replace("{ name text", "{ id integer; name text").replace("note text", "note text; more text"))
        self.assertRegex(done.stderr, r"unproved shop\.worn\S*: .*collation shop\.german")
        self.apply(0, text.replace("{ name text", "{ id integer; name text").replace("note text", "note text; more text"), "--allow", "unproved:shop.worn*")
        self.plan(0)
