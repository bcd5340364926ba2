#!/usr/bin/env python3
"""What plan remembers, tried on the real binary: when it answers from memory, and that nothing makes it answer wrongly.
tests/cli/memory.py [--lockstep BINARY]"""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from server import Server  # noqa: E402

SCHEMA = "schema ${word} {\n  table t { id bigint not null primary key; note text default 'x'; }\n}\n"
MADE = "create schema app; create table app.t (id bigint primary key, note text default 'x')"
KNOWN = "known from before"


class Memory(unittest.TestCase):
    lockstep = ""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().__enter__()
        # Answers of these tests alone, and so an embedded server of their own, which leaves soon after them.
        cls.cache = tempfile.mkdtemp(prefix="lockstep_memory_cache_")
        os.chmod(cls.cache, 0o755)
        cls.environment = dict(os.environ, LOCKSTEP_CACHE=cls.cache, LOCKSTEP_SERVER_IDLE="3")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        for _ in range(100):
            if not glob.glob(cls.cache + "/pg*/data/postmaster.pid"):
                break
            time.sleep(0.2)
        shutil.rmtree(cls.cache, ignore_errors=True)

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep_memory_")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.database = self.server.new_database()
        self.server.sql(self.database, MADE)
        self.write("one.schema", SCHEMA)
        self.write("lockstep.yaml", "schema: one.schema\nvariables: { word: app }\n")
        for name in ("answers", "elaborated"):
            shutil.rmtree(f"{self.cache}/{name}", ignore_errors=True)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def plan(self, *arguments):
        done = subprocess.run([self.lockstep, "plan", "-v", "--url", self.server.url(self.database), *arguments], cwd=self.folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120,
                              env=self.environment)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done

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
        self.database = self.server.new_database()
        self.server.sql(self.database, MADE)
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    options, rest = parser.parse_known_args()
    Memory.lockstep = os.path.abspath(options.lockstep)
    unittest.main(argv=[sys.argv[0], *rest])
