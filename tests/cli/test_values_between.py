"""Values that a transitional trigger meets between two phases: row values with NULL in them, values that are equal and stored otherwise, names of PL/pgSQL's own,
writers with other settings; and who subscribes to a table that gets a column."""
from harness import Case


class ValuesBetween(Case):
    def state(self, text):
        self.write("now.schema", text)
        return self.path("now.schema")

    def go(self, code, text, *more):
        return self.call(code, "apply", "--url", self.url, "--schema", self.state(text), "--yes", "--allow", "all", "--no-backup", *more)

    def rows(self, text):
        return self.sql(text).strip().split("\n")

    def test_row_values_under_two_names(self):
        before = """schema s { composite ad (street text, flat text);
  table t { id integer not null primary key; %s; } }"""
        self.go(0, before % "home ad")
        self.sql("INSERT INTO s.t VALUES (1, ROW('A', NULL)), (2, ROW(NULL, NULL)), (3, NULL)")
        self.go(6, before % "address ad renamed from home", "--phase", "migrate")
        self.sql("INSERT INTO s.t (id, address) VALUES (4, ROW('Main', NULL)), (5, ROW(NULL, NULL)), (6, NULL);"
                 "INSERT INTO s.t (id, home) VALUES (7, ROW('Old', NULL)), (8, ROW(NULL, NULL))")
        wanted = ["1\t(A,)", "2\t(,)", "3\t", "4\t(Main,)", "5\t(,)", "6\t", "7\t(Old,)", "8\t(,)"]
        for name in ("home", "address"):
            self.assertEqual(wanted, self.sql(f"SELECT id, {name} FROM s.t ORDER BY id").rstrip("\n").split("\n"))
        self.go(0, before % "address ad renamed from home", "--phase", "contract")
        self.assertEqual(wanted, self.sql("SELECT id, address FROM s.t ORDER BY id").rstrip("\n").split("\n"))

    def test_row_values_that_must_be_there(self):
        text = "schema s { composite ad (street text, flat text); table t { id integer not null primary key; %s } }"
        self.go(0, text % "c ad;")
        self.sql("INSERT INTO s.t VALUES (1, ROW('q', NULL)), (2, ROW(NULL, NULL))")
        self.go(0, text % "c ad not null; extra ad not null backfill (row('b', null)::s.ad);")
        self.assertEqual(["1\t(q,)\t(b,)", "2\t(,)\t(b,)"], self.rows("SELECT id, c, extra FROM s.t ORDER BY id"))
        self.sql("INSERT INTO s.t VALUES (3, ROW(NULL, NULL), ROW(NULL, NULL))")
        self.go(0, text % "extra ad not null;", "--hold", "1h")
        with self.assertRaisesRegex(RuntimeError, "hidden|being dropped"):  # by position, into the column that is hidden
            self.sql("INSERT INTO s.t VALUES (4, ROW('x', NULL), ROW('y', NULL))")

    def test_equal_and_stored_otherwise(self):
        text = "schema s { collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false); table t { id integer not null primary key; online; %s } }"
        self.go(0, text % "f real; word varchar(20) collate loose;")
        self.sql("INSERT INTO s.t SELECT n, 0, 'abc' FROM generate_series(1, 5) n")
        after = text % "f double precision; word text collate loose;"
        self.go(6, after, "--phase", "migrate")
        self.sql("UPDATE s.t SET f = '-0' WHERE id < 3; UPDATE s.t SET word = 'ABC' WHERE id = 4")
        self.go(0, after, "--phase", "contract")
        self.assertEqual(["1\t-0\tabc", "2\t-0\tabc", "3\t0\tabc", "4\t0\tABC", "5\t0\tabc"], self.rows("SELECT * FROM (SELECT id, f, word FROM s.t) t ORDER BY id"))

    def test_names_of_variables(self):
        self.go(0, "schema s { table new { id integer not null primary key; found text; old text; } }")
        self.sql("INSERT INTO s.new VALUES (1, 'a', 'b')")
        after = "schema s { table new { id integer not null primary key; found text; old text; tg_op text not null backfill (new.found || found || old); } }"
        self.go(6, after, "--phase", "migrate")
        self.sql("INSERT INTO s.new (id, found, old) VALUES (2, 'c', 'd')")
        self.assertEqual(["1\taab", "2\tccd"], self.rows("SELECT id, tg_op FROM s.new ORDER BY id"))

    def test_backslashes_of_other_writers(self):
        text = "schema s { table t { id integer not null primary key; w text;%s } }"
        self.go(0, text % "")
        self.sql("INSERT INTO s.t VALUES (1, 'a')")
        self.go(6, text % r" p text not null backfill ('C:\new\' || w);", "--phase", "migrate")
        self.sql("SET standard_conforming_strings = off; SET escape_string_warning = off; INSERT INTO s.t (id, w) VALUES (2, 'b')")
        self.assertEqual(["1\tC:\\new\\a", "2\tC:\\new\\b"], self.rows("SELECT id, p FROM s.t ORDER BY id"))

    def test_what_nobody_changed_in_a_hold(self):
        text = "schema s { table t { id integer not null primary key; v integer; unit text; w %s; online; } }"
        self.go(0, text % "text")
        self.sql("INSERT INTO s.t SELECT n, n, 'x', '007x' FROM generate_series(1, 4) n")
        self.go(0, text % "integer convert using (replace(w, 'x', '')::integer) back using (w::text || unit)", "--hold", "1h")
        self.sql("UPDATE s.t SET v = 0 WHERE id = 1; UPDATE s.t SET unit = 'y' WHERE id = 2; UPDATE s.t SET w = 8 WHERE id = 3")
        self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all", "--no-backup")
        self.assertEqual(["1\t007x", "2\t7y", "3\t8x", "4\t007x"], self.rows("SELECT id, w FROM s.t ORDER BY id"))

    def test_subscribers(self):
        text = "schema s { table t { id integer not null primary key; a %s; online;%s } }\npublication p %s;"
        for relations, warned in (("for table s.t", True), ("for table s.t (id, a)", False), ("for all tables", True)):
            with self.subTest(relations):
                self.database, self.url = self.fresh("subtest")
                self.sql("CREATE SCHEMA s; CREATE TABLE s.t (id integer PRIMARY KEY, a integer); INSERT INTO s.t SELECT n, n FROM generate_series(1, 10) n;"
                         f"CREATE PUBLICATION p {relations}")
                shown = self.call(0, "inspect", "--url", self.url).stdout
                for old, new, column in (("a  integer;", "a integer;\n    b text;", "b"), ("a  integer;", "a bigint;\n    online;", "lockstep_new_a")):
                    self.assertIn(old, shown)
                    said = self.call(0, "plan", "--url", self.url, "--schema", self.state(shown.replace(old, new))).stdout
                    said = " ".join(said.split())
                    wanted = f"subscriptions to publication p stop, and hold back WAL, until their table has column {column} too"
                    (self.assertIn if warned else self.assertNotIn)(wanted, said)


if __name__ == "__main__":
    import unittest
    unittest.main()
