"""Rows that contradict what is declared are found before the first step, with their number and keys, and nothing is changed."""
import json
import unittest

from harness import Case

ROWS = "generate_series(1, 300) g"
PARTED = ("schema app {\n  table p partition by range (d) {\n    id integer not null;\n    d date not null;\n    v text;\n    primary key p_pkey (id, d);\n"
          "%s  }\n  table r { id integer; d date; v text;%s }\n}\n")
KEY = " foreign key r_p (id, d) references p (id, d) on delete cascade;"
OLD = "    partition p1 for values from ('2025-01-01') to ('2026-01-01');\n"
NEW = "    partition p2 for values from ('2026-01-01') to (%s);\n"


class RowsFirst(Case):
    def given(self, before, after, rows):
        self.database, self.url = self.fresh("shop")
        self.write("before.schema", before)
        self.write("after.schema", after)
        self.apply(0, "before", "--yes")
        self.sql(rows)

    def table(self, before, after, rows):
        text = "schema app {\n  table t { id bigint not null primary key; %s }\n}\n"
        self.given(text % before, text % after, rows)

    def plan(self):
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "-o", "plan.json")
        return json.loads(self.read("plan.json"))

    def applied(self, query, wanted):
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual(wanted, self.sql(query).strip())
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "--detailed-exitcode")

    def refused(self, *texts):
        before = self.server.dump(self.database)
        done = self.apply(1, "after", "--yes", "--allow", "all")
        for text in ("nothing was changed",) + texts:
            self.assertIn(text, " ".join((done.stdout + done.stderr).split()))
        self.assertEqual(before, self.server.dump(self.database))

    # --- partitions

    FILL = ("INSERT INTO app.p (id, d, v) SELECT n, '2025-12-01'::date + n, n FROM generate_series(1, 60) n; "
            "INSERT INTO app.r SELECT id, d FROM app.p WHERE id < 10; ")

    def test_a_partition_that_goes_and_is_referred_to(self):
        both = OLD + NEW % "'2027-01-01'"
        self.given(PARTED % (both, KEY), PARTED % (NEW % "'2027-01-01'", KEY), self.FILL)
        self.assertIn("drop table app.p1", self.plan()["steps"][0]["title"])
        self.refused("has a row in app.p that stays, outside app.p1: 9 rows break it")
        self.sql("DELETE FROM app.r")
        self.applied("SELECT count(*) FROM app.p", "30")

    def test_a_partition_that_is_detached_and_referred_to(self):
        both = OLD + NEW % "'2027-01-01'"
        after = PARTED % (NEW % "'2027-01-01'", KEY)
        after = after[:-2] + "  table p1 { id integer not null; d date not null; v text; primary key p1_pkey (id, d); }\n}\n"
        self.given(PARTED % (both, KEY), after, self.FILL)
        self.refused("9 rows break it")
        self.sql("DELETE FROM app.r")
        self.applied("SELECT count(*) FROM app.p1", "30")

    def test_a_foreign_key_to_a_table_of_the_same_plan(self):
        self.given("schema app {\n  table t { id int not null primary key; kind int; }\n}\n",
                   "schema app {\n  table kinds { id int not null primary key; }\n"
                   "  table t { id int not null primary key; kind int; foreign key t_kind (kind) references kinds (id); }\n}\n",
                   "INSERT INTO app.t VALUES (1, NULL), (2, 7);")
        self.refused("a table that this plan creates without rows", "7")
        self.sql("UPDATE app.t SET kind = NULL")
        self.applied("SELECT count(*) FROM pg_constraint WHERE conname = 't_kind' AND convalidated", "1")

    def test_another_bound(self):
        self.given(PARTED % (OLD + NEW % "'2027-01-01'", KEY), PARTED % (OLD + NEW % "'2026-01-10'", KEY), self.FILL)
        titles = [step["title"] for step in self.plan()["steps"]]
        self.assertEqual(3, len(titles))
        self.assertRegex(titles[-1], "^detach partition app.p2 from app.p; attach partition app.p2 to app.p ")
        self.refused("every row of app.p2 belongs to it as a partition of app.p", "21 rows break it ((40, 2026-01-10), (41, 2026-01-11)")
        self.sql("DELETE FROM app.p WHERE d >= '2026-01-10'")
        self.applied("SELECT count(*) FROM app.p", "39")
        self.sql("INSERT INTO app.r SELECT id, d FROM app.p WHERE d >= '2026-01-01'")
        self.write("after.schema", PARTED % (OLD + NEW % "'2026-01-11'", KEY))
        self.refused("refers to a row of app.p2", "9 rows break it")

    def test_a_partition_beside_a_default_one(self):
        rest = "    partition p_rest default;\n"
        self.given(PARTED % (rest, ""), PARTED % (OLD + rest, ""), self.FILL)
        self.refused("no row of the default partition app.p_rest belongs to partition app.p1", "30 rows break it ((1, 2025-12-02)")
        self.sql("DELETE FROM app.p WHERE d < '2026-01-01'")
        self.applied("SELECT count(*) FROM app.p", "30")

    def test_an_attached_table(self):
        text = "schema app {\n  table p partition by %s {\n    k integer not null;\n    v text;\n%s  }\n%s}\n"
        alone = "  table alone { k integer not null; v text; }\n"
        for by, bound, values, what in (
                ("range (k)", "for values from (1) to (100)", "(1, 'z'), (500, 'y'), (600, 'y')", "2 rows break it"),
                ("list (k)", "for values in (1, 2)", "(1, 'z'), (3, 'y')", "1 row breaks it"),
                ("hash (k)", "for values with (modulus 2, remainder 0)", "(1, 'z'), (2, 'z'), (3, 'z'), (4, 'z')", "break")):
            with self.subTest(by=by):
                self.given(text % (by, "", alone), text % (by, "    partition alone " + bound + ";\n", ""), f"INSERT INTO app.alone VALUES {values}")
                self.refused("every row of app.alone belongs to it as a partition of app.p", what)

    # --- indexes, exclusion constraints, generated columns

    def test_indexes(self):
        rows = f"INSERT INTO app.t SELECT g, CASE WHEN g = 7 THEN 'X' ELSE g::text END, g, '' FROM {ROWS}; "
        for index, more, what in (
                ("index ix on ((a::integer));", "", "1 row breaks it (7)"),
                ("index ix on (b) where (a::integer > 5);", "", "1 row breaks it (7)"),
                ("unique index ux on (lower(a));", "UPDATE app.t SET a = 'x' WHERE id = 9", "2 rows break it (7 has x, 9 has x)"),
                ("unique index ux on (b) where (c is not null);", "UPDATE app.t SET b = 7 WHERE id = 9", "2 rows break it (7 has 7, 9 has 7)"),
                ("unique index ux on (b);", "UPDATE app.t SET b = 7 WHERE id = 9", "2 rows break it (7 has 7, 9 has 7)"),
                ("unique index ux on ((a::integer));", "", "1 row breaks it (7)")):
            with self.subTest(index=index):
                columns = "a text; b integer; c text;"
                self.table(columns, columns + " " + index + " index other on (b);", rows + more)
                self.refused(what)

    def test_indexes_that_hold(self):
        columns = "a text; b integer; c text;"
        self.table(columns, columns + " unique index ux on (lower(a)) where (b > 5); index ix on ((a::integer)); unique index uy on (b, c);",
                   f"INSERT INTO app.t SELECT g, g, g, NULL FROM {ROWS}; UPDATE app.t SET b = 3 WHERE id < 5; UPDATE app.t SET a = '1' WHERE id < 3")
        self.applied("SELECT count(*) FROM pg_index WHERE indrelid = 'app.t'::regclass AND indisvalid", "4")

    def test_exclusion(self):
        self.table("r int4range;", "r int4range; exclude ex using gist (r with &&);",
                   f"INSERT INTO app.t SELECT g, int4range(g * 10, g * 10 + CASE WHEN g = 7 THEN 15 ELSE 5 END) FROM {ROWS}")
        self.refused("2 rows break it (7 with 8, 8 with 7)")
        self.sql("UPDATE app.t SET r = NULL WHERE id = 7")
        self.applied("SELECT count(*) FROM pg_constraint WHERE conname = 'ex'", "1")

    def test_a_generated_column(self):
        self.table("b integer;", "b integer; c integer generated always as (10 / b) stored;", f"INSERT INTO app.t SELECT g, g - 7 FROM {ROWS}")
        self.refused("the generated column app.t.c can be computed in every row", "1 row breaks it (7)")

    def test_checks_show_keys(self):
        self.table("a integer;", "a integer; check pos (10 / a > 0);", f"INSERT INTO app.t SELECT g, CASE g WHEN 7 THEN -3 WHEN 8 THEN 0 ELSE 1 END FROM {ROWS}")
        self.refused("2 rows break it (7, 8)")

    # --- an expression that nothing uses

    def test_an_expression_that_no_step_uses(self):
        self.table("a integer;", "a integer; b integer convert using (a * 2); c integer generated always as (a) stored;",
                   f"INSERT INTO app.t SELECT g, g FROM {ROWS}")
        text = " ".join(self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.split())
        self.assertIn("convert using of column app.t.b is used by no step", text)


if __name__ == "__main__":
    unittest.main()
