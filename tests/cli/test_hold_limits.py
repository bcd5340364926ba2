"""What a hold doesn't keep is said in the plan; and a rollback out of a hold brings back what went beside it, and asks the rows first."""
import json
import re

from harness import Case


class HoldLimits(Case):
    def setUp(self):
        super().setUp()
        self.target = ("--url", self.url)

    def change(self, before, after, rows, *more):
        self.write("before.schema", before)
        self.write("after.schema", after)
        self.apply(0, "before", "--yes")
        self.sql(rows)
        return self.apply(0, "after", "--yes", "--allow", "all", *(more or ("--hold", "24h")))

    def rollback(self, code):
        return self.call(code, "rollback", *self.target, "--yes", "--allow", "all")

    def notes(self, before, after, rows):
        """Those about the hold, of a plan with one; without it there are none."""
        self.write("before.schema", before)
        self.write("after.schema", after)
        self.apply(0, "before", "--yes", "--allow", "all")
        self.sql(rows)
        plan = lambda *more: json.loads(self.call(0, "plan", *self.target, "--schema", "after.schema", "--format", "json", *more).stdout)
        self.assertEqual([], [note for note in plan().get("notes", []) if "the hold" in note])
        held = plan("--hold", "24h")
        self.steps = held["steps"]
        return [note for note in held.get("notes", []) if "the hold" in note]

    def test_a_partition_that_goes_with_a_column_of_its_parent(self):
        before = """schema app { table p partition by list (id) { id bigint not null; a text; b integer; "Odd ""name" text;
                      partition p1 for values in (1); partition p2 for values in (2); } }"""
        after = 'schema app { table p partition by list (id) { id bigint not null; a text; partition p2 for values in (2); } }'
        all_rows = 'SELECT tableoid::regclass, id, a, b, "Odd ""name" FROM app.p ORDER BY 1, 2, 3'
        self.change(before, after, "INSERT INTO app.p VALUES (1, 'x', 5, 'one'), (1, 'y', NULL, 'two'), (2, 'z', 7, NULL)")
        self.sql("INSERT INTO app.p (id, a) VALUES (2, 'zz')")
        self.assertIn("app.p1: 2 of 2 saved rows came back", self.rollback(0).stdout)
        self.assertEqual("app.p2\t2\tz\t7\t\napp.p2\t2\tzz\t\t\napp.p1\t1\tx\t5\tone\napp.p1\t1\ty\t\ttwo\n", self.sql(all_rows))
        self.call(0, "verify", *self.target, "--schema", "before.schema")
        self.call(0, "backup", "verify", "--store", "backups")

    def test_rows_are_asked_before_an_enum_gets_its_values_back(self):
        table = "k k not null; m integer; {}"
        for online in ("online;", ""):
            for hold, values in (("24h", "enum k ('a', 'c', 'b')"), ("24h", "enum k ('a', 'b') map 'c' to 'b'"), ("none", "enum k ('a', 'b') map 'c' to 'b'")):
                with self.subTest(online=online, values=values, hold=hold):
                    self.database, self.url = self.fresh("shop")
                    self.target = ("--url", self.url)
                    before = f"""schema app {{ enum k ('a', 'b', 'c');
                      table t {{ id integer not null primary key; {table.format(online)} check t_m (m > 0); check t_k (k <> 'c'); }}
                      table u {{ id integer not null primary key; n integer not null; check u_n (n > 0); unique u_n_key (n); }} }}"""
                    after = f"""schema app {{ {values};
                      table t {{ id integer not null primary key; {table.format(online)} }}
                      table u {{ id integer not null primary key; n integer; }} }}"""
                    self.change(before, after, "INSERT INTO app.t SELECT n, 'a' FROM generate_series(1, 10) n; INSERT INTO app.u VALUES (1, 1)",
                                "--hold", hold)
                    self.sql("INSERT INTO app.u VALUES (2, -1), (3, 1), (4, NULL); INSERT INTO app.t (id, k, m) VALUES (11, 'b', -1)")
                    refused = self.rollback(1).stderr
                    for rule in ("no row of app.u leaves n NULL: 1 row", "satisfies CHECK ((n > 0)): 1 row", "satisfies CHECK ((m > 0)): 1 row",
                                 "no two rows of app.u have the same (n): 1 row"):
                        self.assertIn(rule, refused)
                    self.assertIn("nothing was changed", refused)
                    self.sql("DELETE FROM app.u WHERE id > 1; DELETE FROM app.t WHERE id > 10")
                    self.rollback(0)
                    self.call(0, "verify", *self.target, "--schema", "before.schema")

    def test_a_retyped_table_that_is_renamed_too_is_not_held(self):
        notes = self.notes("schema app { table t { online; id bigint not null primary key; a integer; b text; } }",
                           "schema app { table t { online; id bigint not null primary key; a bigint; c text renamed from b; } }",
                           "INSERT INTO app.t VALUES (1, 1, 'x')")
        self.assertEqual(1, len(notes), notes)
        self.assertRegex(notes[0], "the hold keeps no old values of column app.t.a, since the plan renames its table, or a column of it. "
                                   "`lockstep rollback` converts the present values back")

    def test_a_type_that_changes_in_one_statement_is_not_held(self):
        notes = self.notes("schema app { table t { id bigint not null primary key; a integer; b varchar(3); } }",
                           "schema app { table t { id bigint not null primary key; a bigint; b varchar(5); } }", "INSERT INTO app.t VALUES (1, 1, 'x')")
        self.assertEqual(["column app.t.a"], re.findall("old values of ([^,]*),", " ".join(notes)), notes)

    def test_a_column_with_extended_statistics(self):
        self.change("schema app { table t { id bigint not null primary key; a integer; b integer; } statistics es on a, b from t; }",
                    "schema app { table t { id bigint not null primary key; a integer; } }", "INSERT INTO app.t VALUES (1, 2, 3)")
        self.assertIn("nothing to do", self.apply(0, "after", "--yes").stdout)
        self.call(0, "verify", *self.target, "--schema", "after.schema")
        self.rollback(0)
        self.assertEqual("2 3 es", self.sql("SELECT a || ' ' || b || ' ' || (SELECT stxname FROM pg_statistic_ext) FROM app.t").strip())

    def test_values_that_do_not_convert_back_come_back(self):
        of = lambda kind: f"schema app {{ table t {{ online; id bigint not null primary key; n {kind}; }} }}"  # noqa: E731
        self.change(of("numeric"), of("double precision"), "INSERT INTO app.t SELECT g, g / 3.0 FROM generate_series(1, 5) g")
        before = "1.3333333333333333"
        self.sql("INSERT INTO app.t (id, n) VALUES (9, 0.5); UPDATE app.t SET n = 2.25 WHERE id = 5")
        self.rollback(0)
        self.assertEqual(f"{before} 2.25 0.5", self.sql("SELECT string_agg(n::text, ' ' ORDER BY id) FROM app.t WHERE id IN (4, 5, 9)").strip())

    def test_a_conversion_without_a_way_back_is_not_held(self):
        notes = self.notes("schema app { table t { online; id bigint not null primary key; a integer; } }",
                           "schema app { table t { online; id bigint not null primary key; a text convert using (a::text || '!'); } }",
                           "INSERT INTO app.t VALUES (1, 1)")
        self.assertEqual(1, len(notes), notes)
        self.assertIn("column app.t.a, since its new values have no way back (`back using`)", notes[0])

    def test_what_can_not_be_hidden_is_told(self):
        notes = self.notes("""schema app { enum k ('a'); table t { id bigint not null; a integer not null; k k; primary key (id, a); }
                                table p partition by list (id) { id bigint; partition p1 for values in (1); partition p2 for values in (2); }
                                table empty { id bigint; } }""",
                           """schema app { table t { id bigint not null; primary key (id); }
                                table p partition by list (id) { id bigint; partition p2 for values in (2); } }""",
                           "INSERT INTO app.t VALUES (1, 1, 'a'); INSERT INTO app.p VALUES (1)")
        told = " ".join(notes)
        self.assertIn("the hold keeps nothing of column app.t.a, since a column that is computed, an identity, in the primary key", told)
        self.assertIn("the hold keeps nothing of column app.t.k, since it uses enum app.k, which the plan drops", told)
        self.assertIn("the hold keeps nothing of table app.p1, since its rows belong to other tables too", told)
        self.assertNotIn("app.empty", told)
        self.assertEqual([], [step for step in self.steps if step["phase"] == "purge"])

    def test_a_table_whose_name_something_new_takes_is_not_held(self):
        for new, named in (("view t as $$ SELECT 1 AS id $$;", "view app.t"), ("enum t ('a');", "enum app.t"), ("sequence t;", "sequence app.t")):
            with self.subTest(new):
                self.database, self.url = self.fresh("shop")
                self.target = ("--url", self.url)
                notes = self.notes("schema app { table t { id bigint not null primary key; } }", f"schema app {{ {new} }}", "INSERT INTO app.t VALUES (1)")
                self.assertIn(f"{named} takes the name of table app.t", " ".join(notes))
                self.apply(0, "after", "--yes", "--allow", "all", "--hold", "24h")
                self.assertIn("1 of 1 saved rows came back", self.rollback(0).stdout)

    def test_what_is_held_needs_no_note(self):
        self.assertEqual([], self.notes("schema app { table t { online; id bigint not null primary key; a integer; b text; } table g { id bigint; } }",
                                        "schema app { table t { online; id bigint not null primary key; a bigint; } }",
                                        "INSERT INTO app.t VALUES (1, 1, 'x'); INSERT INTO app.g VALUES (1)"))
