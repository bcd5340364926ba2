"""What somebody does by hand to what a held run keeps: a purge goes on and tidies up, a rollback says what is wrong and what helps."""
import json

import test_held_types
import test_hold
from harness import Case

DROP_GUARDS = """DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger WHERE tgname LIKE '%lockstep_%' AND NOT tgisinternal AND tgparentid = 0 LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.relation);
  END LOOP; END $$;"""
DROP_FUNCTIONS = """DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT oid::regprocedure AS function FROM pg_proc WHERE proname LIKE 'zz_lockstep_%' LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', one.function);
  END LOOP; END $$;"""


class ByHand(Case):
    def setUp(self):
        super().setUp()
        self.target = ("--url", self.url)

    def dropped(self):
        """A run that has dropped columns and a table, and is held."""
        return self.hold(test_hold.OLD, test_hold.NEW,
                         "INSERT INTO app.t SELECT n, 'note ' || n, n, 'k' || n FROM generate_series(1, 50) n;"
                         "INSERT INTO app.parent SELECT generate_series(1, 5);"
                         "INSERT INTO app.gone (parent, body) SELECT 1 + n % 5, 'b' || n FROM generate_series(1, 30) n")

    def retyped(self):
        """One that has changed types by successors."""
        return self.hold(test_held_types.OLD, test_held_types.NEW,
                         "INSERT INTO app.parent (name) SELECT 'p' || n FROM generate_series(1, 5) n;"
                         "INSERT INTO app.t SELECT n, 1 + n % 5, n, n + 0.1234, 'c' || n FROM generate_series(1, 50) n")

    def hold(self, before, after, rows):
        self.database, self.url = self.fresh("shop")
        self.target = ("--url", self.url)
        self.write("before.schema", before)
        self.write("after.schema", after)
        self.apply(0, "before", "--yes")
        self.sql(rows)
        self.apply(0, "after", "--yes", "--allow", "all", "--hold", "24h")
        return self.runs()[0]["id"]

    def runs(self):
        return json.loads(self.call(0, "history", *self.target, "--format", "json").stdout)["runs"]

    def purge(self, code, run, *more):
        return self.call(code, "purge", *self.target, "--yes", run, *(more or ("--early", "tests")))

    def rollback(self, code, *more):
        return self.call(code, "rollback", *self.target, "--yes", "--allow", "all", *more)

    def nothing_left(self):
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))
        self.assertEqual("", self.sql("SELECT proname FROM pg_proc WHERE proname LIKE 'zz_lockstep%'"))
        self.assertEqual("", self.sql("SELECT tgname FROM pg_trigger WHERE tgname LIKE '%lockstep_%' AND NOT tgisinternal"))
        self.assertEqual("", self.sql("SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE attname LIKE 'lockstep%' "
                                      "AND relkind = 'r' AND relnamespace = 'app'::regnamespace AND NOT attisdropped"))

    def refused(self, run, *parts):
        """A rollback says all of it, and changes nothing."""
        told = self.rollback(3, run).stderr
        for part in ("can't be taken back out of its hold", "Nothing was changed", f"lockstep purge {run[:8]} --early REASON", *parts):
            self.assertIn(part, told)
        self.assertEqual("held", [one for one in self.runs() if one["id"] == run][0]["state"])

    def test_guards_that_are_gone(self):
        for hold in (self.dropped, self.retyped):
            for hand in (DROP_GUARDS, DROP_FUNCTIONS):
                with self.subTest(hold=hold.__name__, hand=hand):
                    run = hold()
                    self.sql(hand)
                    self.purge(0, run)
                    self.nothing_left()
                    self.call(0, "verify", *self.target, "--schema", "after.schema", "--strict")

    def test_guards_that_are_gone_and_a_rollback(self):
        run = self.dropped()
        self.sql(DROP_FUNCTIONS)
        self.rollback(0, run)
        self.nothing_left()
        self.call(0, "verify", *self.target, "--schema", "before.schema", "--strict")

    def test_a_hidden_column_that_is_gone(self):
        run = self.dropped()
        self.sql("ALTER TABLE app.t DROP COLUMN lockstep_dropped_note CASCADE")
        self.refused(run, "hidden column app.t.note is not there under the name that run", "(app.t.lockstep_dropped_note)")
        self.assertIn("nothing of it is saved or removed", self.purge(0, run).stderr)
        self.nothing_left()
        self.rollback(0, run)
        self.assertEqual("50\t50\n", self.sql("SELECT count(note), count(*) FILTER (WHERE kind = 'k' || id) FROM app.t"))
        self.call(0, "verify", *self.target, "--schema", "before.schema", "--strict")

    def test_a_hidden_table_that_is_gone(self):
        run = self.dropped()
        self.sql("DROP TABLE app.lockstep_dropped_gone")
        self.refused(run, "hidden table app.gone is not there")
        self.purge(0, run)
        self.nothing_left()

    def test_an_old_column_that_is_gone(self):
        """Its trigger refuses every row, until the purge takes it away."""
        run = self.retyped()
        self.sql("ALTER TABLE app.t DROP COLUMN lockstep_kept_amount CASCADE")
        write = "INSERT INTO app.t (id, parent, amount) VALUES (90, 1, 4)"
        with self.assertRaisesRegex(RuntimeError, "has no field"):
            self.sql(write)
        self.refused(run, "former column app.t.amount is not there", "rows written to app.t are refused until the hold ends")
        told = self.purge(0, run)
        self.assertIn("former column app.t.amount is not there", told.stderr)
        self.assertIn("remove the mirror trigger of app.t.amount", told.stderr)
        self.sql(write)
        self.nothing_left()
        self.assertEqual("done", self.runs()[1]["state"])
        self.call(0, "verify", *self.target, "--schema", "after.schema", "--strict")
        self.rollback(0)  # of the run, not of what the purge has tidied up
        self.call(0, "verify", *self.target, "--schema", "before.schema", "--strict")

    def test_what_is_in_the_way(self):
        run = self.dropped()
        self.write("later.schema", test_hold.LATER)
        self.apply(0, "later", "--yes")  # what a held run touched is no more compared with what was recorded
        self.sql("ALTER TABLE app.t ADD note text; CREATE VIEW app.gone AS SELECT 1 AS a")
        self.refused(run, "column app.t.note has the name that hidden column app.t.lockstep_dropped_note is to have back",
                     "view app.gone has the name that hidden table app.lockstep_dropped_gone is to have back", "rename or drop what is in the way")
        self.sql("ALTER TABLE app.t DROP note; DROP VIEW app.gone")
        self.rollback(0, run)

    def test_what_was_renamed(self):
        run = self.retyped()
        self.sql("ALTER TABLE app.t RENAME lockstep_kept_amount TO mine")
        self.refused(run, "was renamed: it was app.t.lockstep_kept_amount and is app.t.mine now", "its name back")
        self.assertIn("was renamed", self.purge(3, run).stderr)
        self.sql("ALTER TABLE app.t RENAME mine TO lockstep_kept_amount")
        self.rollback(0, run)

    def test_a_column_whose_old_one_is_kept_is_gone(self):
        """The old one may have the only values: it goes only by hand."""
        run = self.retyped()
        self.sql("DROP VIEW app.v; ALTER TABLE app.t DROP amount")
        self.refused(run, "column app.t.amount is not there, with which former column app.t.lockstep_kept_amount is to change places")
        self.assertIn("may have the only values", self.purge(3, run).stderr)
        self.sql("ALTER TABLE app.t DROP lockstep_kept_amount CASCADE")
        self.purge(0, run)
        self.nothing_left()

    def test_a_column_whose_old_one_is_kept_was_recreated(self):
        """It has the name of the one that the run left, and not its values. Also where a later run has recorded it."""
        for added, later in (("bigint", False), ("bigint NOT NULL DEFAULT 0", False), ("bigint", True)):
            with self.subTest(added=added, later=later):
                run = self.retyped()
                self.sql("DROP VIEW app.v; ALTER TABLE app.t DROP amount; ALTER TABLE app.t ADD amount " + added)
                if later:
                    self.write("later.schema", test_held_types.NEW.replace("  view v as $$ SELECT id, amount FROM app.t $$;\n", "")
                               .replace("    check t_amount (amount > 0);\n", "") + "schema more { table u { id bigint; } }\n")
                    self.apply(0, "later", "--yes", "--allow", "all")
                told = self.purge(3, run).stderr
                self.assertIn("column app.t.amount is not the one that the run left", told)
                self.assertIn("former column app.t.lockstep_kept_amount", told)
                self.assertEqual("50\n", self.sql("SELECT count(lockstep_kept_amount) FROM app.t WHERE lockstep_kept_amount = id"))
                self.sql("ALTER TABLE app.t DROP lockstep_kept_amount CASCADE")
                self.purge(0, run)
                self.nothing_left()

    def test_a_column_beside_it_is_dropped_by_hand(self):
        run = self.retyped()
        self.sql("ALTER TABLE app.t DROP code; UPDATE app.t SET amount = NULL WHERE id = 3")
        self.purge(0, run)
        self.nothing_left()

    def test_a_column_whose_old_one_is_kept_has_another_type(self):
        run = self.retyped()
        self.sql("DROP VIEW app.v; ALTER TABLE app.t ALTER amount TYPE numeric(3, 1)")
        told = self.purge(3, run).stderr
        for part in ("column app.t.amount was changed by hand since (type was bigint, is numeric(3,1))", "former column app.t.lockstep_kept_amount",
                     "Nothing was changed", "Give the column that type back"):
            self.assertIn(part, told)
        self.sql("ALTER TABLE app.t ALTER amount TYPE bigint")
        self.purge(0, run)
        self.nothing_left()

    def test_a_privilege_on_a_column_that_goes_back(self):
        self.sql("DROP ROLE IF EXISTS held_clerk; CREATE ROLE held_clerk")
        run = self.retyped()
        self.sql("GRANT SELECT (amount), UPDATE (amount) ON app.t TO held_clerk; GRANT SELECT (code) ON app.t TO PUBLIC")
        self.refused(run, "SELECT, UPDATE on app.t.amount to held_clerk was granted", "grant it again afterwards")
        self.sql("REVOKE SELECT (amount), UPDATE (amount) ON app.t FROM held_clerk")
        self.rollback(0, run)
        self.assertEqual("1\n", self.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attacl IS NOT NULL AND attname = 'code'"))

    def test_privileges_on_a_column_from_before_and_of_the_files(self):
        self.sql("DROP ROLE IF EXISTS held_clerk; CREATE ROLE held_clerk")
        self.hold(test_held_types.OLD, test_held_types.NEW, "GRANT SELECT (amount) ON app.t TO held_clerk")
        self.assertEqual("t\n", self.sql("SELECT has_column_privilege('held_clerk', 'app.t', 'amount', 'SELECT')"))
        self.rollback(0)
        self.assertEqual("t\n", self.sql("SELECT has_column_privilege('held_clerk', 'app.t', 'amount', 'SELECT')"))
        a = test_held_types.OLD.replace("    check t_amount", "    grant select (amount) to held_clerk;\n    check t_amount")
        b = test_held_types.NEW.replace("    check t_amount", "    grant select (amount), update (amount) to held_clerk;\n    check t_amount")
        self.hold(a, b, "")
        self.rollback(0)
        self.assertEqual("t\tf\n", self.sql("SELECT has_column_privilege('held_clerk', 'app.t', 'amount', 'SELECT'), has_column_privilege('held_clerk', 'app.t', 'amount', 'UPDATE')"))
        granted = test_held_types.NEW.replace("    check t_amount", "    grant select (amount), update (code) to held_clerk;\n    check t_amount")
        self.hold(test_held_types.OLD, granted, "")
        self.rollback(0)

    def test_a_whole_table_that_is_gone(self):
        run = self.retyped()
        self.sql("DROP VIEW app.v; DROP TABLE app.t")
        self.refused(run, "former column app.t.amount is not there", "former column app.t.price is not there")
        self.purge(0, run)
        self.nothing_left()

    def test_purged_already(self):
        run = self.dropped()
        self.sql("DROP TABLE app.lockstep_dropped_gone")
        killed = self.call_any("purge", *self.target, "--yes", run, "--early", "tests", environment=dict(LOCKSTEP_CRASH_AT="purge:before-end"))
        self.assertEqual(-9, killed.returncode, killed.stderr)
        for more in ((), ("--early", "tests")):
            self.assertIn(f"run {run} is purged already", self.call(0, "purge", *self.target, "--yes", run[:8], *more).stdout)
            self.nothing_left()
        self.rollback(0, run)
        self.assertIn("is undone", self.purge(64, run).stderr)
