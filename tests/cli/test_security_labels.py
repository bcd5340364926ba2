"""Security labels, on a server that has a provider (tests/support/label_provider) with scratch databases that have none."""
import os
import re
import shutil
import subprocess
import tempfile

from harness import HERE, Case
from server import Server, bindir

FORBIDDEN = 'lockstep_test takes no label "forbidden"'
TABLE = "manage all; schema public; schema shop {\n  table people { id bigint not null primary key; ssn text; label lockstep_test 'secret'; }\n}\n"
ALL = ("SELECT o.type || ' ' || o.identity || ' ' || l.provider || ' ' || l.label FROM pg_seclabel l, "
       "pg_identify_object(l.classoid, l.objoid, l.objsubid) o ORDER BY (o.type || o.identity || l.provider) COLLATE \"C\"")
MANY = r'''schema shop {
  label lockstep_test 'the schema';
  enum mood ('ok') { label lockstep_test 'the enum'; }
  domain plain as text default 'x' { label lockstep_test 'the domain'; }
  composite pair (a integer label lockstep_test 'the attribute', "B" text comment 'c' label lockstep_test 'b' label "Other ""Provider""" 'c') {
    label lockstep_test 'the composite';
  }
  range span (subtype = integer) { label lockstep_test 'the range'; }
  sequence numbers { label lockstep_test 'the sequence'; }
  function f(a int, b text[] default '{}') returns int language sql as $$ select 1 $$ { label lockstep_test 'the function'; }
  function f() returns int language sql as $$ select 1 $$ { label lockstep_test 'the other function'; }
  procedure p(a varchar) language sql as $$ select 1 $$ { security label lockstep_test 'the procedure'; }
  aggregate total(int) (sfunc = int4pl, stype = int) { label lockstep_test 'the aggregate'; }
  table "Mixed Case" partition by list (id) {
    id bigint not null label lockstep_test 'a column' comment 'of the column';
    "Ssn ""x""" text default 'a' || 'b' label lockstep_test 'another column' label "Other ""Provider""" 'its other label';
    primary key (id);
    label lockstep_test 'the table';
    label "Other ""Provider""" 'its other label';
    partition part default { column id label lockstep_test 'of a partition''s column'; label lockstep_test 'the partition'; }
  }
  view v as $$ select 1 as a $$ { column a label lockstep_test 'a view''s column'; label lockstep_test 'the view'; }
  materialized view m as $$ select 1 as a $$ { label lockstep_test 'the materialized view'; }
  foreign table r (definition = (a integer), server = remote) { column a label lockstep_test 'r.a'; label lockstep_test 'the foreign table'; }
  function fired() returns event_trigger language plpgsql as $$ begin end $$;
}
foreign data wrapper w;
foreign server remote (wrapper = w);
publication everything for all tables { label lockstep_test 'the publication'; }
event trigger e on ddl_command_end execute function shop.fired() { label lockstep_test 'the event trigger'; }
'''


class Labels(Case):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="lockstep_provider_")
        cls.addClassCleanup(shutil.rmtree, folder, True)
        source = os.path.join(HERE, "..", "support", "label_provider")
        for name in os.listdir(source):
            shutil.copy(os.path.join(source, name), folder)
        built = subprocess.run(["make", "-s", "with_llvm=no", f"PG_CONFIG={bindir()}/pg_config"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if built.returncode:
            raise RuntimeError("the provider can't be built (scripts/setup installs postgresql-server-dev-…):\n" + built.stdout)
        os.chmod(folder, 0o755)
        # Not the server that the other classes share.
        cls.server = Server(f"-c shared_preload_libraries={folder}/label_provider").__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def declare(self, text, name="it.schema"):
        self.write(name, text)

    def apply(self, code, text, *more, url=None):
        self.declare(text)
        return self.call(code, "apply", "--url", url or self.url, "--schema", "it.schema", "--yes", *more)

    def settled(self, name="it.schema", database=None):
        url = self.server.url(database or self.database)
        self.call(0, "plan", "--detailed-exitcode", "--url", url, "--schema", name)
        self.call(0, "verify", "--url", url, "--schema", name)

    def labels(self, database=None):
        return self.sql(ALL, database).splitlines()

    def test_add_change_and_remove(self):
        done = self.apply(3, TABLE)
        self.assertRegex(done.stderr, r"unproved shop\.people: .*security label provider \"lockstep_test\" is not loaded on the scratch server, so")
        self.assertEqual([], self.labels())
        done = self.apply(0, TABLE, "--allow", "unproved:shop.people")
        self.assertIn("SECURITY LABEL FOR lockstep_test ON TABLE shop.people IS 'secret'", done.stdout)
        self.assertEqual(["table shop.people lockstep_test secret"], self.labels())
        self.settled()
        # On what stands already: old statements may notice, the lock is the one that PostgreSQL takes.
        more = TABLE.replace("ssn text", "ssn text label lockstep_test 'masked'").replace("'secret'", "'top'")
        self.declare(more)
        plan = self.call(0, "plan", "--url", self.url, "--schema", "it.schema").stdout
        self.assertIn("SECURITY LABEL FOR lockstep_test ON COLUMN shop.people.ssn IS 'masked'", plan)
        self.assertIn("session_preload_libraries", plan)
        self.assertIn("SHARE UPDATE EXCLUSIVE", plan)
        done = self.apply(3, more, "--allow", "unproved")
        self.assertIn("breaking", done.stderr)
        self.apply(0, more, "--allow", "unproved,breaking")
        self.assertEqual(["table column shop.people.ssn lockstep_test masked", "table shop.people lockstep_test top"], self.labels())
        self.settled()
        less = TABLE.replace("label lockstep_test 'secret'; ", "")
        done = self.apply(3, less, "--allow", "breaking")
        self.assertIn("unproved shop.people", done.stderr)
        done = self.apply(0, less, "--allow", "unproved,breaking")
        self.assertIn("SECURITY LABEL FOR lockstep_test ON TABLE shop.people IS NULL", done.stdout)
        self.assertEqual([], self.labels())
        self.settled()

    def test_on_all_that_takes_one(self):
        self.apply(0, MANY, "--allow", "unproved")
        labels = self.labels()
        self.assertEqual(27, len(labels), "\n".join(labels))
        self.assertIn("function shop.f(integer,pg_catalog.text[]) lockstep_test the function", labels)
        self.assertIn('table column shop."Mixed Case"."Ssn ""x""" Other "Provider" its other label', labels)
        self.assertIn("table column shop.part.id lockstep_test of a partition's column", labels)
        self.assertIn("event trigger e lockstep_test the event trigger", labels)
        self.settled()
        # As it is, in both languages, and into another database from both.
        live = self.call(0, "inspect", "--url", self.url).stdout
        self.declare(live, "live.schema")
        self.assertIn("label lockstep_test 'a column'", live)
        self.settled("live.schema")
        self.call(0, "fmt", "--check", "live.schema")
        self.call(0, "inspect", "--url", self.url, "--format", "sql", "-o", "live.sql")
        for name in ("live.schema", "live.sql"):
            other, url = self.fresh("other")
            self.call(0, "apply", "--url", url, "--schema", name, "--yes", "--allow", "unproved")
            self.assertEqual(labels, self.labels(other))
            self.settled(name, other)
            self.settled("it.schema", other)
        other, _ = self.fresh("psql")
        self.sql(self.read("live.sql"), other)
        self.assertEqual(labels, self.labels(other))

    def test_a_dump_is_a_desired_state(self):
        """But for an attribute of a composite type: its label pg_dump forgets."""
        self.apply(0, re.sub(r"composite .*\n.*\n  }\n", "", MANY), "--allow", "unproved")
        self.declare(self.server.dump(self.database, "-s", runnable=True), "dump.sql")
        self.assertIn("SECURITY LABEL FOR lockstep_test ON COLUMN", self.read("dump.sql"))
        self.settled("dump.sql")
        other, url = self.fresh("other")
        self.call(0, "apply", "--url", url, "--schema", "dump.sql", "--yes", "--allow", "unproved")
        self.assertEqual(self.labels(), self.labels(other))
        self.settled("dump.sql", other)

    def test_sql_files(self):
        text = ("SET search_path = shop;\nCREATE SCHEMA shop;\nCREATE TABLE people (id int, ssn text);\n"
                "CREATE FUNCTION f(int, text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
                "SECURITY LABEL FOR 'lockstep_test' ON COLUMN people.ssn IS E'it''s\\nmasked';\n"
                "SECURITY LABEL /* x */ FOR \"Other \"\"Provider\"\"\" ON FUNCTION f(int, text[]) IS '';\n"
                "SECURITY LABEL FOR lockstep_test ON TABLE people IS 'gone';\nSECURITY LABEL FOR lockstep_test ON TABLE people IS NULL;\n")
        self.declare(text, "it.sql")
        self.call(0, "apply", "--url", self.url, "--schema", "it.sql", "--yes", "--allow", "unproved")
        self.assertEqual(['function shop.f(integer,pg_catalog.text[]) Other "Provider" ', "table column shop.people.ssn lockstep_test it's", "masked"], self.labels())
        self.settled("it.sql")
        # A mistake is one, at its place; and what is nobody's to label here is refused.
        for line, words in (("SECURITY LABEL FOR lockstep_test ON COLUMN people.sns IS 'x';", r"it\.sql:9:1: .*\"sns\""),
                            ("SECURITY LABEL FOR lockstep_test ON VIEW people IS 'x';", r"it\.sql:9:1: .*is not a view"),
                            ("SECURITY LABEL FOR lockstep_test ON TABLE pg_catalog.pg_class IS 'x';", r"it\.sql:9:1: .*(owner|permission)"),
                            ("SECURITY LABEL ON TABLE people IS 'x';", r"it\.sql:9:1: .*names no provider"),
                            ("SECURITY LABEL FOR lockstep_test ON ROLE postgres IS 'x';", r"it\.sql:9:1: .*LS0111|LS0111"),
                            ("SECURITY LABEL FOR lockstep_test ON LANGUAGE plpgsql IS 'x';", r"LS0111")):
            with self.subTest(line):
                self.declare(text + line, "it.sql")
                self.assertRegex(self.call(64, "plan", "--url", self.url, "--schema", "it.sql").stderr, words)

    def test_a_sql_block_and_a_schema_file(self):
        self.apply(0, "schema shop {\n  table people { id int; }\n  sql labels $$ SECURITY LABEL FOR lockstep_test ON TABLE people IS 'x' $$;\n}\n",
                   "--allow", "unproved")
        self.assertEqual(["table shop.people lockstep_test x"], self.labels())
        self.settled()

    def test_drift_is_seen(self):
        self.apply(0, TABLE, "--allow", "unproved")
        for statement in ("SECURITY LABEL FOR lockstep_test ON TABLE shop.people IS 'changed'",
                          "SECURITY LABEL FOR lockstep_test ON TABLE shop.people IS NULL",
                          "SECURITY LABEL FOR lockstep_test ON TABLE shop.people IS 'secret'; SECURITY LABEL FOR \"Other \"\"Provider\"\"\" ON COLUMN shop.people.id IS 'more'"):
            self.sql(statement)
            self.assertRegex(self.call(2, "verify", "--url", self.url, "--schema", "it.schema").stdout, r"drift +\d object.*\n  . security label (table|column)\.shop\.people")
            self.assertIn("label", self.call(2, "compare", "it.schema", self.url).stdout)

    def test_what_goes_takes_its_labels_along(self):
        self.apply(0, TABLE.replace("ssn text", "ssn text label lockstep_test 'x'"), "--allow", "unproved")
        done = self.apply(0, TABLE.replace("ssn text; ", ""), "--allow", "drop,breaking")
        self.assertNotIn("SECURITY LABEL", done.stdout)
        done = self.apply(0, "manage all; schema public; schema shop;\n", "--allow", "drop,breaking")
        self.assertNotIn("SECURITY LABEL", done.stdout)
        self.assertNotIn("unproved", done.stdout + done.stderr)
        self.assertEqual([], self.labels())
        self.settled()

    def test_what_comes_back_has_its_labels(self):
        text = "schema shop {\n  table t { a int; }\n  view v as $$ select a from shop.t $$ { label lockstep_test 'v'; }\n}\n"
        self.apply(0, text, "--allow", "unproved")
        self.apply(0, text.replace("a int", "a bigint"), "--allow", "all")
        self.assertEqual(["view shop.v lockstep_test v"], self.labels())
        self.settled()
        self.apply(0, text.replace("a int", "a bigint").replace("table t", "table u renamed from t").replace("shop.t ", "shop.u "), "--allow", "all")
        self.assertEqual(["view shop.v lockstep_test v"], self.labels())
        # A column whose values are converted, an enum that is made anew under one.
        other, url = self.fresh("rows")
        text = ("schema shop {\n  enum mood ('ok', 'bad') { label lockstep_test 'e'; }\n  composite pair (a integer label lockstep_test 'a', b text);\n"
                "  table t { id int not null primary key; n text label lockstep_test 'n'; m shop.mood label lockstep_test 'm'; p shop.pair; label lockstep_test 't'; }\n}\n")
        self.apply(0, text, "--allow", "unproved", url=url)
        self.sql("INSERT INTO shop.t VALUES (1, '1', 'ok', (1, 'x'))", other)
        before = self.labels(other)
        self.assertEqual(5, len(before))
        text = text.replace("n text label", "n integer convert using (n::integer) label").replace("'ok', 'bad'", "'ok'").replace("b text", "b text, c text")
        self.apply(0, text, "--allow", "all", url=url)
        self.assertEqual(before, self.labels(other))
        self.assertEqual("1\t1\tok\t(1,x,)\n", self.sql("SELECT * FROM shop.t", other))
        self.settled(database=other)
        renamed = "manage all; schema public; schema shop {\n  table t { a int; label lockstep_test 't'; }\n}\n"
        other, url = self.fresh("other")
        self.apply(0, renamed, "--allow", "unproved", url=url)
        done = self.apply(0, renamed.replace("table t", "table u renamed from t"), "--allow", "breaking", url=url)
        self.assertNotIn("SECURITY LABEL", done.stdout)
        self.assertEqual(["table shop.u lockstep_test t"], self.labels(other))
        self.settled(database=other)

    def test_hostile_text(self):
        label = "it's \\ \x1b[31m$$ \"x\"; DROP TABLE shop.people; --\n\u202e'' ${x}"
        quoted = label.replace("'", "''").replace("${", "$${")
        text = TABLE.replace("'secret'", f"'{quoted}'")
        done = self.apply(0, text, "--allow", "unproved")  # the harness looks for escapes in what is printed
        self.assertNotIn("\u202e", done.stdout + done.stderr)
        self.assertEqual(label, self.sql("SELECT label FROM pg_seclabel").rstrip("\n"))
        self.settled()
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.settled("live.schema")
        provider = 'p"\x1b[31m\'; x'
        self.declare(TABLE.replace("lockstep_test", '"' + provider.replace('"', '""') + '"'))
        done = self.call(3, "apply", "--url", self.url, "--schema", "it.schema", "--yes")
        self.assertIn("unproved shop.people", done.stderr)

    def test_a_comment_stays_as_it_is(self):
        """On scratch a label's object is found by way of comments."""
        self.apply(0, TABLE.replace("label lockstep", "comment 'lockstep: the object of a security label'; label lockstep")
                   .replace("ssn text", "ssn text comment 'lockstep: the object of a security label'"), "--allow", "unproved")
        self.assertEqual(["table shop.people lockstep_test secret"], self.labels())
        self.settled()

    def test_the_database_refuses(self):
        self.apply(0, "manage all; schema public; schema shop;\n")
        before = self.server.dump(self.database)  # without Lockstep's own
        done = self.apply(1, TABLE.replace("'secret'", "'forbidden'"), "--allow", "unproved")
        self.assertIn(FORBIDDEN, done.stdout + done.stderr)
        self.assertIn("The step was rolled back.", done.stdout + done.stderr)
        self.assertEqual(before, self.server.dump(self.database))
        done = self.apply(1, TABLE.replace("lockstep_test", "absent"), "--allow", "unproved")
        self.assertRegex(done.stdout + done.stderr, 'security label provider "absent" is not loaded')
        self.assertEqual(before, self.server.dump(self.database))

    def test_a_scratch_server_that_has_the_provider(self):
        done = self.apply(64, TABLE.replace("'secret'", "'forbidden'"), "--shadow", "same-server")
        self.assertRegex(done.stderr, r"it\.schema:2:\d+: .*" + re.escape(FORBIDDEN))
        self.assertIn("proved on a scratch copy", self.apply(0, TABLE, "--shadow", "same-server").stdout)
        self.assertEqual(["table shop.people lockstep_test secret"], self.labels())
        more = TABLE.replace("ssn text", "ssn text label lockstep_test 'masked'").replace("label lockstep_test 'secret'; ", "")
        done = self.apply(0, more, "--shadow", "same-server", "--allow", "breaking")
        self.assertIn("SHARE UPDATE EXCLUSIVE", done.stdout)
        self.call(0, "plan", "--detailed-exitcode", "--url", self.url, "--schema", "it.schema", "--shadow", "same-server")
        self.apply(0, MANY, "--shadow", "same-server", "--allow", "drop,breaking")
        self.assertEqual(27, len(self.labels()))

    def test_a_scratch_server_of_a_role_without_powers(self):
        self.sql("CREATE ROLE labels_scratch LOGIN CREATEDB CREATEROLE")
        self.addCleanup(self.sql, "DROP ROLE labels_scratch")
        shadow = self.url.replace("user=postgres", "user=labels_scratch").replace(f"dbname={self.database}", "dbname=postgres")
        self.assertIn("proved on a scratch copy", self.apply(0, TABLE, "--shadow", shadow).stdout)
        done = self.apply(64, TABLE.replace("lockstep_test", "absent"), "--shadow", shadow)
        self.assertRegex(done.stderr, r"it\.schema:2:\d+: .*\"absent\" is not loaded on the scratch server")
        self.assertIn("shared_preload_libraries", done.stderr)

    def test_what_takes_none(self):
        for item in ("index on (id) { label lockstep_test 'x'; }", "check c (id > 0) { label lockstep_test 'x'; }",
                     "trigger t before insert for each row execute function f() { label lockstep_test 'x'; }"):
            self.declare("schema shop {\n  table people { id bigint; " + item + " }\n}\n")
            self.assertIn("PostgreSQL keeps no security label of", self.call(64, "check", "--schema", "it.schema").stderr)
        self.declare("schema shop {\n  table t { id int; label lockstep_test 'x'; label lockstep_test 'y'; }\n}\n")
        self.assertIn("LS0201", self.call(64, "check", "--schema", "it.schema").stderr)

    def test_others_are_left_alone(self):
        """Of an extension's members as of Lockstep's own and of large objects; the last are said to be not managed."""
        self.sql("CREATE EXTENSION hstore; SECURITY LABEL FOR lockstep_test ON TYPE hstore IS 'x'; SELECT lo_create(77777);"
                 "SECURITY LABEL FOR lockstep_test ON LARGE OBJECT 77777 IS 'lo'; CREATE SCHEMA shop; CREATE TABLE shop.t (id int GENERATED ALWAYS AS IDENTITY);"
                 "SECURITY LABEL FOR lockstep_test ON SEQUENCE shop.t_id_seq IS 'seq'; SECURITY LABEL FOR lockstep_test ON TABLE shop.t IS 'label';"
                 "SECURITY LABEL FOR lockstep_test ON ROLE postgres IS 'of the cluster'")
        self.addCleanup(self.sql, "SECURITY LABEL FOR lockstep_test ON ROLE postgres IS NULL")
        done = self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        told = done.stdout + done.stderr + self.read("live.schema")
        self.assertIn("label lockstep_test 'label'", told)
        self.assertNotIn("'x'", told)
        self.assertNotIn("of the cluster", told)
        self.assertNotIn("type hstore", told)
        self.assertIn("security label for lockstep_test on large object 77777", told)
        self.assertIn("security label for lockstep_test on sequence shop.t_id_seq", told)
        self.settled("live.schema")
