"""How often a command asks the target server: as often for a schema of 50 tables as for one of 5.

Catalogs are read by a fixed number of queries, never by one for each object. The numbers below are exact, so that whoever
changes one knows it: more of them is time for everybody whose server is far away."""
import difflib
import os
import re

from harness import Case
from many_tables import schema
from own_cache import OwnCache

# Connections, statements, and statements of PostgreSQL 18 and later, where NOT NULL is a constraint.
WANTED = {
    "inspect": (1, 73, 74),
    "plan, nothing to do": (1, 95, 96),
    "plan, remembered": (1, 26, 26),
    "plan --no-cache, nothing to do": (1, 95, 96),
    "verify": (1, 113, 114),
    "plan of one table": (1, 103, 104),
    "apply of one table": (1, 368, 369),
}
SIZES = (5, 50)
INSPECT_A_LARGE_ONE = (2, 80, 81)


class Log:
    """What the server was asked. It writes a line before it executes a statement, so all are there when a command has ended."""

    options = "-c log_statement=all -c log_connections=on -c log_line_prefix='%p|%a|'"
    # Further lines of a statement begin with a tab. Several statements that are sent together are one round trip, and one here.
    line = re.compile(r"^(?P<session>\d+)\|(?P<application>[^|\n]*)\|LOG:  (?:connection authorized|"
                      r"(?:statement|execute [^:\n]*):\s+(?P<statement>.*))", re.M)
    # Sessions that look what a step or a network waits for, if that takes long. They take these names after they have connected.
    waiting = ("/watch", "/probe")

    def __init__(self, server):
        self.path, self.at = server.folder + "/log", 0

    def since(self):
        """Connections, and first lines of statements, since the last time."""
        with open(self.path, "rb") as stream:
            stream.seek(self.at)
            text = stream.read()
        self.at += len(text)
        lines = list(self.line.finditer(text.decode(errors="replace")))
        waiting = {line["session"] for line in lines if line["application"].endswith(self.waiting)}
        asked = [line["statement"] for line in lines if line["session"] not in waiting]
        return asked.count(None), [statement for statement in asked if statement is not None]


class RoundTrips(Case):
    own_server = True
    server_options = Log.options

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = OwnCache().__enter__()  # what is remembered is of these tests alone
        cls.addClassCleanup(cls.own.__exit__)
        cls.log = Log(cls.server)

    def asked(self, says, *arguments):
        self.log.since()
        done = self.call(0, *arguments, "--url", self.url, environment=self.own.environment)
        self.assertIn(says, done.stdout)
        return self.log.since()

    def of_size(self, tables):
        self.database, self.url = self.fresh(f"of{tables}")
        self.write("one.schema", schema(tables))
        self.write("two.schema", schema(tables, [tables // 2]))
        one, two = ("--schema", "one.schema"), ("--schema", "two.schema")
        self.asked(f"view app.v{tables - 1}", "apply", "--yes", *one)
        self.own.forget()
        return {
            "inspect": self.asked(f"view v{tables - 1} ", "inspect"),
            "plan, nothing to do": self.asked("Nothing to do", "plan", *one),
            "plan, remembered": self.asked("Nothing to do", "plan", *one),
            "plan --no-cache, nothing to do": self.asked("Nothing to do", "plan", "--no-cache", *one),
            "verify": self.asked("drift      none", "verify", *one),
            "plan of one table": self.asked("add column", "plan", *two),
            "apply of one table": self.asked("add column", "apply", "--yes", *two),
        }

    def as_wanted(self, wanted, found):
        connections, before_18, from_18 = wanted
        self.assertEqual((connections, before_18 if self.server.major < 18 else from_18), (found[0], len(found[1])),
                         "connections and statements: if the new numbers are meant, write them above\n  " + "\n  ".join(found[1]))

    def test_the_same_for_every_size(self):
        few, many = map(self.of_size, SIZES)
        self.assertEqual(list(WANTED), list(few))
        for name, wanted in WANTED.items():
            with self.subTest(name):
                more = "\n".join(difflib.unified_diff(few[name][1], many[name][1], *map(str, SIZES), lineterm=""))
                self.assertEqual(len(few[name][1]), len(many[name][1]), f"statements for {SIZES} tables differ\n{more}")
                self.as_wanted(wanted, few[name])
                self.as_wanted(wanted, many[name])

    def test_a_large_one(self):
        """From some 2,000 relations on a second connection reads at the same time."""
        self.sql("DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t%s (id integer, note text)', i); END LOOP; END $$")
        self.as_wanted(INSPECT_A_LARGE_ONE, self.asked("table t1000 ", "inspect"))
