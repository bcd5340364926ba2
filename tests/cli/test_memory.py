"""What plan remembers: when it answers from memory, and that nothing makes it answer wrongly."""
import glob
import os

from harness import Case
from own_cache import OwnCache

SCHEMA = "schema ${word} {\n  table t { id bigint not null primary key; note text default 'x'; }\n}\n"
MADE = "create schema app; create table app.t (id bigint primary key, note text default 'x')"
KNOWN = "known from before"


class Memory(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Answers of these tests alone.
        own = OwnCache().__enter__()
        cls.addClassCleanup(own.__exit__)
        cls.cache, cls.environment, cls.forget = own.folder, own.environment, own.forget

    def setUp(self):
        super().setUp()
        self.sql(MADE)
        self.write("one.schema", SCHEMA)
        self.write("lockstep.yaml", "schema: one.schema\nvariables: { word: app }\n")
        self.forget()

    def plan(self, *arguments):
        return self.call(0, "plan", "-v", "--url", self.url, *arguments, environment=self.environment)

    def known(self, *arguments):
        done = self.plan(*arguments)
        self.assertIn(KNOWN, done.stderr)
        return done

    def unknown(self, *arguments):
        done = self.plan(*arguments)
        self.assertNotIn(KNOWN, done.stderr)
        self.assertEqual(self.plan("--no-cache", *arguments).stdout, done.stdout)
        return done

    def test_the_same_answer(self):
        self.server.sql(self.database, "create operator family app.fam using btree")  # unmanaged: told each time
        first = self.unknown("--format", "json")
        second = self.known("--format", "json")
        self.assertEqual(first.stdout, second.stdout)
        self.assertIn("unmanaged: ", first.stderr)
        self.assertEqual(first.stderr, second.stderr.split("\n", 1)[1])

    def test_what_it_depends_on(self):
        self.unknown()
        self.known()
        self.write("one.schema", SCHEMA + "-- a comment\n")
        self.unknown()
        self.known()
        self.write("lockstep.yaml", "schema: one.schema\nvariables: { word: other }\n")
        self.assertIn("schema other", self.unknown().stdout)
        self.write("lockstep.yaml", "schema: one.schema\nvariables: { word: app }\n")
        self.known()
        self.unknown("--no-prove")
        for change in ("grant select on app.t to public", "alter table app.t add column more integer",
                       "alter table app.t drop column more", "create table app.u ()", "comment on table app.t is 'x'",
                       "alter table app.t alter note set statistics 7"):
            with self.subTest(change):
                self.server.sql(self.database, change)
                self.unknown()

    def test_another_database(self):
        self.unknown()
        self.known()
        self.database, self.url = self.fresh("other")
        self.sql(MADE)
        self.unknown()

    def test_only_what_is_empty_is_remembered(self):
        self.server.sql(self.database, "alter table app.t drop column note")
        for _ in range(2):
            self.assertIn("add column", self.unknown().stdout)

    def test_broken_entries_are_none(self):
        self.unknown()
        for path in glob.glob(self.cache + "/answers/*") + glob.glob(self.cache + "/elaborated/*"):
            with open(path, "r+b") as stream:
                stream.seek(-3, os.SEEK_END)
                stream.write(b"xyz")
        self.unknown()
        self.known()
        for path in glob.glob(self.cache + "/answers/*"):
            with open(path, "r+b") as stream:
                stream.truncate(100)
        self.unknown()
        entries = glob.glob(self.cache + "/answers/*")
        self.assertEqual(1, len(entries))
        # A true answer to another question is no answer to this one.
        with open(entries[0], "rb") as stream:
            saved = stream.read()
        self.server.sql(self.database, "comment on table app.t is 'y'")
        self.write("one.schema", SCHEMA.replace("table t {", "table t { comment 'y';"))
        self.unknown()
        for path in glob.glob(self.cache + "/answers/*"):
            with open(path, "wb") as stream:
                stream.write(saved)
        self.unknown()

    def test_no_cache_keeps_nothing(self):
        self.plan("--no-cache")
        self.assertEqual([], glob.glob(self.cache + "/answers/*") + glob.glob(self.cache + "/elaborated/*"))
