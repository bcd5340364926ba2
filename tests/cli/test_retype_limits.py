"""Changes that PostgreSQL refuses whatever the rows are end in a sentence that says what to do, before anything is tried."""
import unittest

from harness import Case


class RetypeLimits(Case):
    def refused(self, live, wanted, *texts):
        self.sql(live)
        self.write("want.sql", wanted)
        before = self.server.dump(self.database)
        done = self.call(3, "apply", "--url", self.url, "--schema", "want.sql", "--yes", "--allow", "all")
        for text in texts + ("Nothing was changed.",):
            self.assertIn(text, done.stderr)
        self.assertNotIn("scratch", done.stderr)
        self.assertEqual(before, self.server.dump(self.database))

    ROWS = """CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ({labels}); CREATE DOMAIN s.d AS integer;
CREATE TABLE s.t (id integer PRIMARY KEY, e s.e, n {type}{more}); CREATE TABLE s.child () INHERITS (s.t);
CREATE TABLE s.u (t {of});"""

    def rows(self, of, labels="'b', 'a'", type="integer", more=""):
        self.database, self.url = self.fresh("shop")
        self.refused(self.ROWS.format(labels="'a', 'b'", type="integer", of=of, more=""), self.ROWS.format(labels=labels, type=type, of=of, more=more),
                     "column s.u.t", "rewrites no column of a table whose row type is stored")

    def test_a_row_type_that_is_stored(self):
        same = "'a', 'b'"
        for of, change in (("s.t", {}), ("s.t[]", {"labels": same, "type": "bigint"}), ("s.child", {"labels": same, "type": "s.d"})):
            with self.subTest(of=of, **change):
                self.rows(of, **change)

    def test_a_row_type_inside_other_types(self):
        text = """CREATE SCHEMA s; CREATE TABLE s.t (id integer PRIMARY KEY, n {type});
CREATE DOMAIN s.d AS s.t; CREATE TYPE s.c AS (d s.d); CREATE TABLE s.u (c s.c[]);"""
        self.refused(text.format(type="integer"), text.format(type="bigint"), "column s.u.c of type s.c[] holds rows of table s.t")

    KEY = """CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ({labels});
CREATE TABLE s.p (id {id}, at {type}, e s.e, lower text, "Odd name" {odd}) PARTITION BY {by};"""

    def test_a_column_of_a_partition_key(self):
        for by, change in (("RANGE (id, at)", {"type": "timestamptz"}), ("LIST (e)", {"labels": "'b', 'a'"}),
                           ('LIST ("Odd name")', {"odd": "bigint"}), ("RANGE ((id + 1))", {"id": "bigint"})):
            with self.subTest(by=by):
                plain = {"id": "integer", "labels": "'a', 'b'", "type": "timestamp", "odd": "integer", "by": by}
                self.database, self.url = self.fresh("shop")
                self.refused(self.KEY.format(**plain), self.KEY.format(**{**plain, **change}), "is partitioned by it", "retypes no column of a partition key")

    def test_a_column_that_a_key_only_seems_to_name(self):
        text = "CREATE SCHEMA s; CREATE TABLE s.p (id text, lower {type}) PARTITION BY LIST (lower(id)); CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES IN ('a');"
        self.sql(text.format(type="integer"))
        self.write("want.sql", text.format(type="bigint"))
        self.call(0, "apply", "--url", self.url, "--schema", "want.sql", "--yes", "--allow", "all")

    def test_the_key_of_a_partition_of_its_own(self):
        text = """CREATE SCHEMA s; CREATE TABLE s.p (id integer, n {type}) PARTITION BY RANGE (id);
CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM (0) TO (10) PARTITION BY LIST (n);"""
        self.refused(text.format(type="integer"), text.format(type="bigint"), "table s.p1 is partitioned by it, LIST (n)")

    def test_a_typed_table(self):
        for attributes in ("a integer, b text, d integer", "a integer", "a bigint, b text", "b text, a integer"):
            with self.subTest(attributes=attributes):
                self.database, self.url = self.fresh("shop")
                text = "CREATE SCHEMA s; CREATE TYPE s.c AS (%s); CREATE TABLE s.t OF s.c;"
                self.refused(text % "a integer, b text" + "INSERT INTO s.t VALUES (1, 'a');", text % attributes, "table s.t is a table OF that type",
                             "NOT OF by hand")

    def test_a_typed_table_over_a_domain(self):
        text = "CREATE SCHEMA s; CREATE DOMAIN s.d AS %s; CREATE TYPE s.c AS (a s.d); CREATE TABLE s.t OF s.c;"
        self.refused(text % "integer", text % "bigint", "table s.t is a table OF that type")


if __name__ == "__main__":
    unittest.main()
