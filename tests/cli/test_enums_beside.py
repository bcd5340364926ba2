"""Values of an enum are removed, reordered and mapped while an application writes: the old values until contract, the new ones after."""
import json
import os

from harness import Case

OLD = """schema app {
  enum status ('new', 'paid', 'lost', 'gone', 'sent');
  table orders {
    online;
    id integer not null primary key;
    status status not null default 'lost';
    past status[];
    index orders_status on (status);
    check known (status <> 'gone' or id > 0);
  }
  table small { id integer not null primary key; status status; }
  view open as $$ SELECT id, status FROM orders WHERE status IN ('new', 'lost') $$;
}
"""
NEW = """schema app {
  enum status ('new', 'sent', 'paid', 'void', 'open') map 'lost' to 'void' map 'gone' to 'sent';
  table orders {
    online;
    id integer not null primary key;
    status status not null default 'void';
    past status[];
    index orders_status on (status);
    check known (status <> 'sent' or id > 0);
  }
  table small { id integer not null primary key; status status; }
  view open as $$ SELECT id, status FROM orders WHERE status IN ('new', 'void') $$;
}
"""
LABELS = ["new", "paid", "lost", "gone", "sent"]
BECOME = {"lost": "void", "gone": "sent"}


class EnumsBeside(Case):
    def setUp(self):
        super().setUp()
        os.environ["LOCKSTEP_STRICT_LOCKS"] = "1"
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.target = ("--url", self.url)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.orders SELECT i, (ARRAY['new', 'paid', 'lost', 'gone', 'sent'])[1 + i % 5]::app.status, '{lost,NULL,sent}' FROM generate_series(1, 50) i;"
                 "INSERT INTO app.small VALUES (1, 'lost'), (2, 'sent')")
        self.before = self.server.dump(self.database, "-s")
        self.rows = self.orders()

    def orders(self):
        return self.sql("SELECT id, status, past FROM app.orders ORDER BY id")

    def expected(self, ids=range(1, 51)):
        return "".join(f"{i}\t{BECOME.get(LABELS[i % 5], LABELS[i % 5])}\t{{void,NULL,sent}}\n" for i in ids)

    def change(self, code=0, *more, **how):
        return self.apply(code, "new", "--yes", "--allow", "all", *more, **how)

    def rollback(self, code, *more):
        return self.call(code, "rollback", *self.target, "--yes", "--allow", "all", *more)

    def run_id(self):
        return json.loads(self.call(0, "history", *self.target, "--format", "json").stdout)["runs"][0]["id"]

    def file(self):
        return self.sql("SELECT pg_relation_filenode('app.orders')")

    def settled(self, files):
        self.call(0, "verify", *self.target, "--schema", files + ".schema", "--strict")
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))
        self.assertEqual("status\n", self.sql("SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname = 'app' AND typtype = 'e'"))

    def same_schema(self):
        def lines(dump):
            return sorted(line.rstrip(",").strip() for line in dump.splitlines())
        self.assertEqual(lines(self.before), lines(self.server.dump(self.database, "-s")))

    def refused(self, statement):
        with self.assertRaises(RuntimeError) as failed:
            self.sql(statement)
        return str(failed.exception)

    def test_the_table_is_not_rewritten(self):
        text = self.call(0, "plan", *self.target, "--schema", "new.schema").stdout
        self.assertNotIn("rewrite:app.orders", text)
        self.assertIn("rewrite:app.small", text)
        file = self.file()
        self.change()
        self.assertEqual(file, self.file())
        self.assertEqual(self.expected(), self.orders())
        self.assertEqual("1\tvoid\n2\tsent\n", self.sql("SELECT id, status FROM app.small ORDER BY id"))
        self.settled("new")

    def test_the_old_application_writes_at_the_gate(self):
        self.change(6, "--phase", "migrate")
        self.assertEqual(self.rows, self.orders())
        self.sql("INSERT INTO app.orders VALUES (51, 'gone', '{gone}'); INSERT INTO app.orders (id) VALUES (52); UPDATE app.orders SET status = 'lost' WHERE id = 5;"
                 "DELETE FROM app.orders WHERE id = 6")
        self.apply(0, "new", "--yes", "--allow", "all", "--phase", "contract")
        self.assertEqual("5\tvoid\t{void,NULL,sent}\n51\tsent\t{sent}\n52\tvoid\t\n",
                         self.sql("SELECT id, status, past FROM app.orders WHERE id IN (5, 6, 51, 52) ORDER BY id"))
        self.settled("new")

    def test_taken_back_at_the_gate(self):
        self.change(6, "--phase", "migrate")
        self.sql("UPDATE app.orders SET status = 'gone' WHERE id = 1; INSERT INTO app.orders VALUES (51, 'lost')")
        self.rollback(0)
        self.assertEqual("1\tgone\n51\tlost\n", self.sql("SELECT id, status FROM app.orders WHERE id IN (1, 51) ORDER BY id"))
        self.same_schema()
        self.settled("old")

    def test_rolled_back_without_a_hold(self):
        self.change()
        self.sql("UPDATE app.orders SET status = 'sent' WHERE id = 2")
        self.rollback(0)
        self.assertEqual(self.rows.replace("\n2\tlost", "\n2\tsent"), self.orders())
        self.same_schema()
        self.settled("old")

    def test_rolled_back_in_the_hold_with_what_was_written_since(self):
        self.change(0, "--hold", "24h")
        self.call(0, "verify", *self.target, "--schema", "new.schema", "--strict")
        file = self.file()
        self.sql("INSERT INTO app.orders (id, status, past) VALUES (51, 'void', '{void,sent}'), (52, 'sent', NULL); INSERT INTO app.orders (id) VALUES (53);"
                 "UPDATE app.orders SET status = 'paid' WHERE id = 2; UPDATE app.orders SET id = 103 WHERE id = 3; DELETE FROM app.orders WHERE id = 4")
        self.rollback(0)
        self.assertEqual(file, self.file())
        self.assertEqual("2\tpaid\t{lost,NULL,sent}\n51\tlost\t{lost,sent}\n52\tsent\t\n53\tlost\t\n103\tgone\t{lost,NULL,sent}\n",
                         self.sql("SELECT id, status, past FROM app.orders WHERE id IN (2, 3, 4) OR id > 50 ORDER BY id"))
        self.assertEqual(self.rows.splitlines()[4:], self.orders().splitlines()[2:48])
        self.same_schema()
        self.settled("old")

    def test_a_value_that_the_old_type_lacks(self):
        self.change(0, "--hold", "24h")
        self.sql("UPDATE app.orders SET status = 'open' WHERE id = 7")  # nobody's write fails
        self.assertIn("1 row breaks it (7)", self.rollback(1).stderr)
        self.sql("UPDATE app.orders SET status = 'new' WHERE id = 7")
        self.rollback(0)
        self.assertEqual("new\n", self.sql("SELECT status FROM app.orders WHERE id = 7"))
        self.settled("old")

    def test_purged(self):
        self.change(0, "--hold", "24h")
        run = self.run_id()
        self.call(0, "purge", *self.target, "--yes", run, "--early", "tests")
        self.assertEqual(self.expected(), self.orders())
        self.settled("new")

    def test_rolled_back_after_purge(self):
        self.change(0, "--hold", "24h")
        run = self.run_id()
        self.sql("UPDATE app.orders SET status = 'paid' WHERE id = 2")
        self.call(0, "purge", *self.target, "--yes", run, "--early", "tests")
        file = self.file()
        self.rollback(0)
        self.assertEqual(file, self.file())
        self.assertEqual("2\tpaid\t{lost,NULL,sent}\n", self.sql("SELECT id, status, past FROM app.orders WHERE id = 2"))
        self.same_schema()
        self.settled("old")

    def test_the_way_back_after_purge_is_killed_and_goes_on(self):
        self.change(0, "--hold", "24h")
        run = self.run_id()
        self.call(0, "purge", *self.target, "--yes", run, "--early", "tests")
        for step in ("s03", "s05"):
            killed = self.call_any("rollback", *self.target, "--yes", "--allow", "all", environment=dict(LOCKSTEP_CRASH_AT=f"{step}:before-exec"))
            self.assertEqual(-9, killed.returncode, killed.stderr)
        self.rollback(0)
        self.same_schema()
        self.settled("old")

    def test_killed_on_its_way(self):
        steps = json.loads(self.call(0, "plan", *self.target, "--schema", "new.schema", "--hold", "1h", "--format", "json").stdout)["steps"]
        swap = next(step["id"] for step in steps if "take their places" in step["title"])
        for boundary in ("before-commit", "after-settled"):
            for hold in ((), ("--hold", "24h")):
                with self.subTest(boundary, hold=hold):
                    killed = self.call_any("apply", *self.target, "--schema", "new.schema", "--yes", "--allow", "all", *hold,
                                           environment=dict(LOCKSTEP_CRASH_AT=f"{swap}:{boundary}"))
                    self.assertEqual(-9, killed.returncode, killed.stderr)
                    said = self.rollback(0).stdout
                    self.assertEqual(self.rows, self.orders(), said)
                    self.same_schema()
                    self.settled("old")

    def test_given_up_at_the_gate(self):
        self.change(6, "--phase", "migrate")
        self.call(0, "resolve", "--abandon", "--reason", "other plans", *self.target)
        self.apply(0, "old", "--yes", "--allow", "all")
        self.assertEqual(self.rows, self.orders())
        self.same_schema()
        self.settled("old")
