"""`convert using` of a column whose type stays by name and is recreated in the plan: it is obeyed, tried first, or refused by name."""
import unittest

from harness import Case

ROWS = "generate_series(1, 300) g"


class ConvertUsing(Case):
    def given(self, before, after, column, convert, rows, more=""):
        self.database, self.url = self.fresh("shop")
        text = "schema app {\n  %s\n  table t { id bigint not null primary key; c %s%s;%s }\n}\n"
        self.write("before.schema", text % (before, column, "", more))
        self.write("after.schema", text % (after, column, " convert using (" + convert + ")", more))
        self.apply(0, "before", "--yes")
        self.sql(f"INSERT INTO app.t (id, c) SELECT g, {rows} FROM {ROWS}")

    def plan(self):
        return self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout

    def applied(self, query, wanted):
        plan = " ".join(self.plan().split())
        self.assertIn("by convert using", plan)
        self.assertIn("--allow lossy-type:app.t.c", plan)
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual(wanted, self.sql(query).strip())
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "--detailed-exitcode")
        return plan

    def refused(self, code, *texts):
        before = self.server.dump(self.database)
        done = self.apply(code, "after", "--yes", "--allow", "all")
        for text in texts:
            self.assertIn(text, " ".join((done.stdout + done.stderr).split()))
        self.assertEqual(before, self.server.dump(self.database))

    def test_it_is_obeyed(self):
        for before, after, column, convert, rows, shown, first in (
                ("domain d as numeric;", "domain d as integer;", "d", "c * 100", "g + 0.25", "725", True),
                ("domain d as numeric(5,2);", "domain d as integer;", "d", "round(c)", "g / 3.0", "2", True),
                ("domain d as varchar(10);", "domain d as text;", "d", "upper(c)", "'q' || g", "Q7", True),
                ("domain d as varchar(10);", "domain d as text;", "d[]", "array[upper(c[1])]", "array['q' || g]::app.d[]", "{Q7}", True),
                ("domain d as integer;", "domain d as integer; domain f as integer;", "d", "c", "g", None, True),
                ("enum e ('a', 'b');", "enum e ('b', 'c');", "e", "case c when 'a' then 'b' else 'c' end", "'a'", "b", True),
                ("enum e ('a', 'b');", "enum e ('b', 'c');", "e", "(case c when 'a' then 'b' else 'c' end)::e", "'a'", "b", False),
                ("enum e ('a', 'b');", "enum e ('b', 'c');", "e[]", "array['c', 'b']", "array['a']::app.e[]", "{c,b}", True),
                ("enum e ('a', 'b'); domain f as e;", "enum e ('b', 'c'); domain f as e;", "e", "case c when 'a' then 'b' end", "'a'", "b",
                 True),
                ("composite k (x integer, z text);", "composite k (z text, x integer);", "k", "row((c).z || '!', -(c).x)", "(g, 'z')::app.k",
                 "(z!,-7)", False)):
            if shown is None:
                continue
            with self.subTest(before=before, column=column, convert=convert):
                self.given(before, after, column, convert, rows)
                plan = self.applied("SELECT c::text FROM app.t WHERE id = 7", shown)
                self.assertEqual(first, "tried on the rows first" in plan)

    def test_it_is_tried_first(self):
        for before, after, column, convert, rows, what in (
                ("domain d as text;", "domain d as integer;", "d", "c::integer", "CASE WHEN g = 7 THEN 'x' ELSE g::text END", "a value of integer"),
                ("domain d as integer;", "domain d as smallint;", "d", "c * 100", "CASE WHEN g = 7 THEN 70000 ELSE g END", "of smallint"),
                ("domain d as numeric;", "domain d as integer check d_small (value < 700);", "d", "c * 100", "CASE WHEN g = 7 THEN 7 ELSE 1 END",
                 "d_small"),
                ("domain d as text;", "domain d as varchar(2);", "d", "c || '!'", "CASE WHEN g = 7 THEN 'xx' ELSE 'x' END", "varchar"),
                ("enum e ('a', 'b');", "enum e ('b', 'c');", "e", "c", "(CASE WHEN g = 7 THEN 'a' ELSE 'b' END)::app.e", "one of 'b', 'c'")):
            with self.subTest(before=before, convert=convert):
                self.given(before, after, column, convert, rows)
                self.refused(1, "convert using gives app.t.c" if "d_small" not in what else "convert using gives", "1 row breaks it (7)")

    def test_the_new_values_obey_what_is_declared(self):
        for more, what in ((" check small (c < 700);", "CHECK ((((c)::integer) < 700))"), (" unique t_c (c);", "alike in (c)"),
                           (" n integer generated always as (10 / (c - 700)) stored;", "generated column")):
            with self.subTest(more=more):
                convert = "case when c = 8 then 700 else c * 100 end" if "unique" in more else "case when c > 7 then 1 else c * 100 end"
                self.given("domain d as numeric;", "domain d as integer;", "d", convert, "g", more)
                self.refused(1, "once they are converted" if "unique" in more else "", "break")

    def test_a_renamed_column(self):
        self.given("domain d as numeric;", "domain d as integer;", "d", "c * 100", "g")
        self.write("after.schema", "schema app {\n  domain d as integer;\n  table t { id bigint not null primary key; "
                   "n d renamed from c convert using (c * 100); }\n}\n")
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual("700", self.sql("SELECT n FROM app.t WHERE id = 7").strip())

    def test_what_can_not_be_obeyed_is_refused(self):
        self.given("range r (subtype = integer);", "range r (subtype = bigint);", "r", "c", "app.r(g, g + 1)")
        self.refused(3, "column app.t.c says convert using", "range app.r")


if __name__ == "__main__":
    unittest.main()
