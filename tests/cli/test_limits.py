"""Schema text is somebody else's: what it may cost, which files it may name, and that none of it crashes."""
import os
import time

from harness import ONE, Case

# Each makes an expression or query of some depth: (name, of an expression, of a query).
DEEP = {
    "sums": lambda n: "1" + "+1" * n,
    "parentheses": lambda n: "(" * n + "1" + ")" * n,
    "arrays": lambda n: "array[" * n + "1" + "]" * n,
    "casts": lambda n: "1" + "::int" * n,
    "negations": lambda n: "(" + "not " * n + "true)::int",
    "cases": lambda n: "case when true then " * n + "1" + " end" * n,
    "calls": lambda n: "abs(" * n + "1" + ")" * n,
    "subscripts": lambda n: "(array[1])" + "[1]" * n,
    "minus": lambda n: "- " * n + "1",
    "null tests": lambda n: "((1" + " is null" * n + ")::int)",
    "collations": lambda n: "length('a'" + ' collate "C"' * n + ")",
    "or": lambda n: "(" + " or 1 = 2 and ".join(["true"] * n) + ")::int",
    "concatenation": lambda n: "length('a'" + " || 'a'" * n + ")",
    "strings": lambda n: "length('" + "x" * (n * 10) + "')",
    "number": lambda n: "1" * n,
    "json": lambda n: "length('" + "[" * n + "]" * n + "'::jsonb::text)",
    "subqueries": lambda n: "(select " * n + "1" + ")" * n,
    "comments": lambda n: "1 " + "/*" * n + "*/" * n,
    "unclosed comments": lambda n: "1 " + "/*" * n,
    "unclosed parentheses": lambda n: "(" * n,
}
QUERIES = {
    "unions": lambda n: "select 1 as a" + " union all select 1" * n,
    "unions with commas": lambda n: "select 1 as a, 2 as b" + " union all select 1, 2" * n,
    "joins": lambda n: "select 1 as a from pg_class x0" + "".join(f" cross join pg_class x{i}" for i in range(1, n)),
    "with": lambda n: "with " + ", ".join(f"w{i} as (select 1 as a)" for i in range(n)) + " select 1 as a",
    "values": lambda n: "select count(*) as a from (values " + ", ".join(["(1)"] * n) + ") v (x)",
}


class Depth(Case):
    def tried(self, name, text, seconds=90):
        self.write(name, text)
        before = time.monotonic()
        done = self.call_any("check", "--schema", name)
        self.assertIn(done.returncode, (0, 64), f"{name}: {done.returncode}\n{done.stderr[:2000]}")
        self.assertNotIn("internal error", done.stderr)
        self.assertLess(time.monotonic() - before, seconds, name)
        if done.returncode == 64:
            self.assertRegex(done.stderr, rf"(?m)^{name}:\d+:\d+: error LS")
            self.assertLess(len(done.stderr), 20000)
        return done

    def test_in_both_languages(self):
        for name, make in DEEP.items():
            with self.subTest(name):
                self.tried("deep.sql", f"create table t (a int default {make(100000)});\n")
                self.tried("deep.schema", f"schema app {{\n  table t {{ a int default ({make(100000)}); }}\n}}\n")

    def test_queries(self):
        for name, make in QUERIES.items():
            with self.subTest(name):
                self.tried("deep.sql", f"create view v as {make(30000)};\n")

    def test_what_is_deep_but_not_too_deep(self):
        for name in ("sums", "casts", "or", "concatenation", "parentheses"):
            with self.subTest(name):
                done = self.tried("deep.sql", f"create table t (a int default {DEEP[name](150)});\n")
                self.assertEqual(0, done.returncode, done.stderr[:2000])

    def test_it_comes_back_from_a_database(self):
        for n in (200, 2000):
            self.sql(f"CREATE SCHEMA s{n}; CREATE TABLE s{n}.t (a int DEFAULT {DEEP['sums'](n)}, CHECK (a < {DEEP['sums'](n)}));"
                     f"CREATE VIEW s{n}.v AS SELECT {DEEP['sums'](n)} AS a; CREATE INDEX i ON s{n}.t ((a + {DEEP['sums'](100)}))")
        done = self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        for command in ("plan", "verify"):
            done = self.call_any(command, "--url", self.url, "--schema", "live.schema")
            self.assertIn(done.returncode, (0, 64), done.stderr[:3000])
            self.assertNotIn("internal error", done.stderr)

    def test_bytes(self):
        with open(self.path("bad.sql"), "wb") as stream:
            stream.write(b"create table t (a int);\n-- \xff\n")
        self.assertIn("offset 27", self.call(64, "check", "--schema", "bad.sql").stderr)
        self.write("large.sql", "create table t (a int);\n" + "-- a line of a comment\n" * 1500000)
        self.call(0, "check", "--schema", "large.sql")
        with open(self.path("larger.sql"), "wb") as stream:
            stream.truncate((64 << 20) + 1)
        self.assertIn("larger than 64 MiB", self.call(64, "check", "--schema", "larger.sql").stderr)


class Time(Case):
    SLEEPS = {
        "sleep.schema": "schema app {\n  materialized view slow as $$ select pg_sleep(100000)::text as a $$;\n}\n",
        "sleep.sql": "create schema app;\ncreate materialized view app.slow as select pg_sleep(100000)::text as a;\n",
        # The error of a timeout can be caught, and the timeout can be switched off.
        "caught.sql": "create function f() returns int language plpgsql as $$begin loop begin perform pg_sleep(1000);"
                      " exception when query_canceled then null; end; end loop; end$$;\ncreate materialized view slow as select f();\n",
        "off.sql": "create function f() returns text language sql as $$select set_config('statement_timeout', '0', false)$$;\n"
                   "create materialized view first as select f();\ncreate materialized view slow as select pg_sleep(1000)::text as a;\n",
    }

    def test_the_object_is_named(self):
        for name, text in self.SLEEPS.items():
            with self.subTest(name):
                self.write(name, text)
                before = time.monotonic()
                error = self.call(64, "check", "--schema", name, "--shadow-timeout", "1s").stderr
                self.assertLess(time.monotonic() - before, 15)
                self.assertRegex(error, rf"(?m)^{name}:\d+:\d+: error LS0301: .*longer than 1 s")
                self.assertIn("slow", error)

    def test_it_can_be_set(self):
        self.write("nap.schema", "schema app {\n  materialized view nap as $$ select pg_sleep(2)::text as a $$;\n}\n")
        self.write("lockstep.yaml", "schema: nap.schema\nshadow_timeout: 500ms\n")
        self.assertIn("longer than 500 ms", self.call(64, "check").stderr)
        self.call(0, "check", "--shadow-timeout", "30s")
        self.write("lockstep.yaml", "schema: nap.schema\nshadow_timeout: soon\n")
        self.assertIn("lockstep.yaml:2:", self.call(64, "check").stderr)
        self.write("lockstep.yaml", "schema: nap.schema\n")
        self.assertIn("--shadow-timeout soon", self.call(64, "check", "--shadow-timeout", "soon").stderr)


class Files(Case):
    SECRET = "hunter2_is_the_password"

    def setUp(self):
        super().setUp()
        outside = self.path("outside")
        self.write("outside/.env", self.SECRET + "\n")
        self.write("outside/secret.schema", self.SECRET + "\n")
        self.write("outside/secret.sql", self.SECRET + ";\n")
        self.outside = outside
        self.write("project/lockstep.yaml", "schema: schemas/\n")
        self.write("project/schemas/app.schema", ONE)
        self.write("project/.env", self.SECRET + "\n")

    def refused(self, *arguments, code=64):
        done = self.call_any(*arguments, folder=self.path("project"))
        self.assertEqual(code, done.returncode, done.stderr)
        self.assertNotIn(self.SECRET, done.stdout + done.stderr)
        return done.stderr

    def test_includes(self):
        for path in (self.outside + "/.env", self.outside + "/secret.schema", "../../outside/secret.sql", "../.env", "/proc/self/environ",
                     "/dev/zero", "link.schema", "folder/secret.schema", "../schemas/../../outside/secret.schema"):
            with self.subTest(path):
                self.write("project/schemas/app.schema", f"include '{path}';\n" + ONE)
                for name, to in (("link.schema", "secret.schema"), ("folder", "")):
                    if not os.path.lexists(self.path("project/schemas/" + name)):
                        os.symlink(os.path.join(self.outside, to), self.path("project/schemas/" + name))
                error = self.refused("check", "--schema", "schemas/app.schema")
                self.assertRegex(error, r"app.schema:1:\d+: error LS0114")

    def test_within_the_project(self):
        self.write("project/common/base.schema", "schema base {\n  table b { id int; }\n}\n")
        self.write("project/schemas/app.schema", "include '../common/base.schema';\n" + ONE)
        self.assertEqual(0, self.call_any("check", folder=self.path("project")).returncode)
        # Without a lockstep.yaml, a file's own folder is all there is.
        os.remove(self.path("project/lockstep.yaml"))
        self.assertIn("leads out of the folder", self.refused("check", "--schema", "schemas/app.schema"))
        self.write("project/schemas/top.schema", "include 'app.schema';\n")

    def test_links_in_a_folder_or_pattern(self):
        os.symlink(self.outside + "/secret.schema", self.path("project/schemas/x.schema"))
        for arguments in (("check",), ("check", "--schema", "schemas"), ("check", "--schema", "schemas/*.schema"), ("fmt", "schemas"),
                          ("fmt", "--check", "schemas/*")):
            with self.subTest(arguments):
                self.assertIn("leads out of the folder", self.refused(*arguments))
        self.assertEqual(self.SECRET + "\n", self.read("outside/secret.schema"))

    def test_what_lockstep_yaml_names(self):
        for item in ("../outside/secret.schema", self.outside, self.outside + "/*.schema", "../outside/*.sql", "schemas/../../outside"):
            with self.subTest(item):
                self.write("project/lockstep.yaml", f"schema: \"{item}\"\n")
                self.assertIn("leads out of the folder", self.refused("check"))
        os.remove(self.path("project/lockstep.yaml"))
        os.symlink(self.outside + "/.env", self.path("project/lockstep.yaml"))
        self.assertIn("link", self.refused("check"))

    def test_what_the_user_names_is_the_users_choice(self):
        os.symlink(self.path("one.schema"), self.path("project/mine.schema"))
        self.assertEqual(0, self.call_any("check", "--schema", "mine.schema", folder=self.path("project")).returncode)


class Endings(Case):
    """A .sql file is read to its last byte, or is an error at its place."""

    def test_cut_off(self):
        whole = "create table a (id int);\n"
        for rest in ("create table b (id int", "create table b (id int;\ncreate table c (id int);\n", "create table b (id int));\n",
                     "comment on table a is 'it", 'create table "b', "create function f() returns int language sql as $$ select",
                     "/* a comment", "create function f() returns int begin atomic select 1;", "create view v as select (1;\n", "garbage\n",
                     "create table b (id int);\n)", "create index on", "create function f() returns int return (1", "alter table a", "]"):
            with self.subTest(rest):
                self.write("cut.sql", whole + rest)
                self.assertRegex(self.call(64, "check", "--schema", "cut.sql").stderr, r"(?m)^cut.sql:[2-4]:\d+: error LS")
        for rest in ("create table b (id int)", "create table b (id int) -- the end", "create table b (id int);;;", "\n;\n/* c */ ;"):
            with self.subTest(rest):
                self.write("whole.sql", whole + rest)
                self.call(0, "check", "--schema", "whole.sql")

    def test_every_prefix_of_a_dump(self):
        """However a dump is cut: an error, or the cut is between two statements."""
        text = ("create schema app;\ncreate table app.a (id int primary key, note text default ')' check (note <> 'it''s'));\n"
                "create function app.f(x int) returns int language sql as $b$ select (x + 1); $b$;\n"
                "create view app.v as select id, (select count(*) from app.a) as n from app.a where (id > 0);\n")
        marks = [i for i, c in enumerate(text) if c in "();,'$ "][::7]
        for at in marks:
            self.write("cut.sql", text[:at])
            done = self.call_any("check", "--schema", "cut.sql")
            if done.returncode == 0:
                tail = text[:at].rsplit(";", 1)[-1].split()
                self.assertIn(" ".join(tail), ("", "create schema app") + tuple(" ".join(s.split()) for s in text.split(";\n")), text[:at])
            else:
                self.assertEqual(64, done.returncode, done.stderr)

    def test_what_does_not_exist_is_named(self):
        for name, text in (
                ("sequence.schema", "schema app {\n  sequence s owned by nonsuch.id;\n}\n"),
                ("column.schema", "schema app {\n  table t { id int; }\n  sequence s owned by t.nonsuch;\n}\n"),
                ("sequence.sql", "create sequence s owned by nonsuch.id;\n")):
            with self.subTest(name):
                self.write(name, text)
                self.assertRegex(self.call(64, "check", "--schema", name).stderr, rf"(?m)^{name}:\d+:\d+: error LS0301: .*nonsuch")

    def test_what_would_be_passed_over(self):
        for text in ("create table t (a int);\ncreate table if not exists t (b text);\n",
                     "create table t (a int);\nalter table if exists u add column b int;\n",
                     "create table t (a int);\nalter table t add column if not exists a text;\n",
                     "create table t (a int);\ncreate sequence if not exists t;\n",
                     "create view v as select 1 as a;\ncreate materialized view if not exists v as select 2 as b;\n"):
            with self.subTest(text):
                self.write("twice.sql", text)
                self.assertRegex(self.call(64, "check", "--schema", "twice.sql").stderr, r"(?m)^twice.sql:2:\d+: error LS")
        self.write("once.sql", "create schema if not exists app;\ncreate schema if not exists app;\ncreate table if not exists app.t (a int);\n"
                   "alter table if exists app.t add column if not exists b int;\n")
        self.call(0, "check", "--schema", "once.sql")
