"""adopt: what is left out, where new objects go, and the line ends of files."""
import os

from harness import Case

SHOP = """schema shop {
  table customers {
    id   bigint not null primary key;
    name text;
  }

  table orders {
    id          bigint not null primary key;
    customer_id bigint references customers (id);
  }
}
"""


class AdoptPlaces(Case):
    def setUp(self):
        super().setUp()
        self.write("shop.schema", SHOP)
        self.apply(0, "shop", "--yes")

    def adopt(self, code, *more, schema="shop.schema"):
        return self.call(code, "adopt", *more, "--url", self.url, "--schema", schema)

    def empty(self, schema="shop.schema"):
        self.call(0, "plan", "--url", self.url, "--schema", schema, "--detailed-exitcode", "--no-cache")
        self.call(0, "apply", "--url", self.url, "--schema", schema, "--yes")
        self.call(0, "verify", "--url", self.url, "--schema", schema, "--strict")

    def test_what_no_file_can_say_is_left_out(self):
        self.sql("ALTER TABLE shop.orders DISABLE TRIGGER ALL; ALTER TABLE shop.customers ALTER name SET NOT NULL")
        refused = self.adopt(3)
        self.assertIn("--exclude 'foreign key shop.orders.orders_customer_id_fkey'", refused.stderr)
        self.assertEqual(SHOP, self.read("shop.schema"))
        self.adopt(0, "--exclude", "foreign key shop.orders.orders_customer_id_fkey")
        self.assertEqual(SHOP.replace("name text;", "name text not null;"), self.read("shop.schema"))

    def test_globs(self):
        self.sql("CREATE TABLE shop.log_a (); CREATE TABLE shop.log_b (); CREATE TABLE shop.notes (); CREATE VIEW shop.log_v AS SELECT 1 AS one")
        self.adopt(0, "table shop.log*")
        text = self.read("shop.schema")
        self.assertIn("table log_a", text)
        self.assertIn("table log_b", text)
        self.assertNotIn("notes", text)
        self.assertNotIn("log_v", text)
        self.adopt(0, "shop", "--exclude", "*.log_?")
        self.assertIn("table notes", self.read("shop.schema"))
        self.assertNotIn("log_v", self.read("shop.schema"))
        for wrong in (("shop.nothing",), ("--exclude", "shop.nothing"), ("shop.log_v", "--exclude", "table *"), ("SHOP.*",), ("",)):
            with self.subTest(wrong):
                before = self.read("shop.schema")
                self.adopt(64, *wrong)
                self.assertEqual(before, self.read("shop.schema"))
        self.assertIn("nothing to adopt", self.adopt(0, "--exclude", "*").stderr)
        self.adopt(0)
        self.empty()

    def test_what_is_left_out_and_needed_is_refused(self):
        self.sql("CREATE TYPE shop.kind AS ENUM ('a'); ALTER TABLE shop.orders ADD kind shop.kind")
        done = self.adopt(3, "--exclude", "shop.kind")
        self.assertIn("What else differs, and isn't adopted with it:\n  enum shop.kind", done.stderr)
        self.assertEqual(SHOP, self.read("shop.schema"))

    def layout(self, files):
        _, self.url = self.fresh("laid out")
        for name, text in files.items():
            self.write("files/" + name, text)
        self.call(0, "apply", "--url", self.url, "--schema", "files", "--yes")
        return list(self.names)[-1]

    def test_a_file_for_each_table_by_other_names(self):
        one = "-- one\nschema {0} {{\n  table {1} {{\n    id integer;\n  }}\n}}\n"
        for label, names, wanted in (
                ("by schema", ("shop/a.schema", "shop/b.schema"), "shop/notes.schema"),
                ("flat", ("a.schema", "b.schema"), "notes.schema"),
                ("a folder of tables", ("shop/tables/a.schema", "shop/tables/b.schema"), "shop/tables/notes.schema"),
                ("with the schema", ("shop.a.schema", "shop.b.schema"), "shop.notes.schema"),
                ("with it below", ("t/shop_a.schema", "t/shop_b.schema"), "t/shop_notes.schema")):
            with self.subTest(label):
                files = {name: one.format("shop", table) for name, table in zip(names, "ab")}
                database = self.layout(files)
                self.sql("CREATE TABLE shop.notes (body text)", database)
                self.assertIn(f"+ table shop.notes  files/{wanted}:1", self.adopt(0, schema="files").stdout)
                self.assertIn("table notes", self.read("files/" + wanted))
                self.assertEqual(files[names[0]], self.read("files/" + names[0]))
                self.empty("files")
                for folder, _, found in os.walk(self.path("files"), topdown=False):
                    for name in found:
                        os.remove(os.path.join(folder, name))

    def test_no_file_of_its_own(self):
        one = "schema shop {\n  table %s {\n    id integer;\n  }\n}\n"
        for label, files in (
                ("one file", {"shop.schema": one % "a" + one % "b"}),
                ("by theme", {"sales.schema": one % "a", "stock.schema": one % "b"}),
                ("most together", {"a.schema": one % "a", "rest.schema": one % "b" + one % "c"}),
                ("of another schema", {"a.schema": one.replace("shop", "app") % "a", "b.schema": one.replace("shop", "app") % "b",
                                       "shop.schema": "schema shop;\n"})):
            with self.subTest(label):
                database = self.layout(files)
                self.sql("CREATE TABLE shop.notes (body text)", database)
                self.adopt(0, schema="files")
                self.assertEqual(sorted(files), sorted(os.listdir(self.path("files"))))
                self.empty("files")
                for name in files:
                    os.remove(self.path("files/" + name))

    def raw(self, name):
        with open(self.path(name), "rb") as stream:
            return stream.read()

    def write_raw(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as stream:
            stream.write(data)

    def test_line_ends_and_the_mark_of_byte_order(self):
        text = ("-- The shop.\nschema shop {\n  table customers {\n    id   bigint not null primary key;  -- number\n    name text;  -- a\n"
                "    gone text;\n\n    index by_name on (name);  -- quick\n  }\n\n  view v as $$\n    select id\n    from customers\n  $$;\n\n"
                "  function f(x integer) returns integer language sql as $$\n    select x\n      + 1\n  $$;\n}\n")
        for label, mark, end in (("crlf", b"", b"\r\n"), ("both", b"\xef\xbb\xbf", b"\r\n"), ("mark", b"\xef\xbb\xbf", b"\n"), ("lf", b"", b"\n")):
            with self.subTest(label):
                database, self.url = self.fresh("ends")
                for name in os.listdir(self.folder):
                    if name.startswith("e"):
                        os.remove(self.path(name))
                self.write_raw("e.schema", mark + text.encode().replace(b"\n", end))
                self.call(0, "apply", "--url", self.url, "--schema", "e.schema", "--yes")
                self.sql("ALTER TABLE shop.customers ALTER name SET NOT NULL, DROP gone, ADD more integer; CREATE TABLE shop.notes (a int, b int); "
                         "COMMENT ON TABLE shop.notes IS E'one\\ntwo'; DROP INDEX shop.by_name; CREATE INDEX by_id ON shop.customers (id, name); "
                         "CREATE OR REPLACE VIEW shop.v AS SELECT id FROM shop.customers WHERE id > 0", database)
                self.adopt(0, schema="e.schema")
                now = self.raw("e.schema")
                self.assertEqual(mark != b"", now.startswith(b"\xef\xbb\xbf"))
                self.assertEqual(1, now.count(b"\xef\xbb\xbf") + (mark == b""))
                if end == b"\n":
                    self.assertNotIn(b"\r", now)
                else:
                    inside = now.replace(b"'one\ntwo'", b"")
                    self.assertNotIn(b"\n", inside.replace(b"\r\n", b""))
                    self.assertNotIn(b"\r", inside.replace(b"\r\n", b""))
                self.assertIn(b"name text not null;  -- a" + end, now)
                self.empty("e.schema")
                self.sql("CREATE OR REPLACE FUNCTION shop.f(x integer) RETURNS integer LANGUAGE sql AS $$\n  select x\n  + 2 $$", database)
                self.adopt(0, schema="e.schema")
                self.empty("e.schema")
                self.assertEqual("\n  select x\n  + 2 ", self.sql("SELECT prosrc FROM pg_proc WHERE proname = 'f'", database).rstrip("\n"))

    def test_a_new_file_is_like_its_neighbours(self):
        one = "schema shop {\r\n  table %s {\r\n    id integer;\r\n  }\r\n}\r\n"
        for table in "ab":
            self.write_raw(f"files/{table}.schema", (one % table).encode())
        database, self.url = self.fresh("neighbours")
        self.call(0, "apply", "--url", self.url, "--schema", "files", "--yes")
        self.sql("CREATE TABLE shop.notes (a int, b int)", database)
        self.adopt(0, schema="files")
        now = self.raw("files/notes.schema")
        self.assertGreater(now.count(b"\r\n"), 3)
        self.assertNotIn(b"\n", now.replace(b"\r\n", b""))
        self.empty("files")

    def test_the_first_item_of_a_file_with_a_mark_goes(self):
        self.write_raw("m.schema", b"\xef\xbb\xbfview shop.v as $$ select 1 as one $$;\r\nschema shop { table t { id integer; } }\r\n")
        database, self.url = self.fresh("mark")
        self.call(0, "apply", "--url", self.url, "--schema", "m.schema", "--yes")
        self.sql("DROP VIEW shop.v", database)
        self.adopt(0, schema="m.schema")
        self.assertEqual(b"\xef\xbb\xbfschema shop { table t { id integer; } }\r\n", self.raw("m.schema"))
        self.empty("m.schema")

    def test_no_inherit_goes_forward_and_not_back(self):
        database, self.url = self.fresh("parents")
        before = ("schema shop {\n  table t {\n    id integer;\n    check positive (id > 0);\n  }\n\n  table u inherits (t) {\n    more integer;\n  }\n\n"
                  "  table w inherits (t) {\n    most integer;\n  }\n}\n")
        self.write("p.schema", before)
        self.call(0, "apply", "--url", self.url, "--schema", "p.schema", "--yes")
        self.sql("ALTER TABLE shop.u NO INHERIT shop.t", database)
        for how in ((), ("--no-prove",)):
            done = self.call(3, "plan", *how, "--url", self.url, "--schema", "p.schema")
            self.assertIn("table shop.u has columns or checks of its own that the files want it only to inherit: id, positive.", done.stderr)
            self.assertIn("`lockstep adopt`", done.stderr)
        self.adopt(0, schema="p.schema")
        self.assertIn("table u {", self.read("p.schema"))
        self.assertIn("table w inherits (t) {", self.read("p.schema"))
        self.empty("p.schema")
        # What the table has itself and the files say so, may inherit.
        self.write("p.schema", self.read("p.schema").replace("table u {", "table u inherits (t) {"))
        self.call(0, "apply", "--url", self.url, "--schema", "p.schema", "--yes")
        self.empty("p.schema")
        # Back by the run's own way: it leads back what it can.
        self.write("p.schema", self.read("p.schema").replace("table u inherits (t) {", "table u {"))
        self.call(0, "apply", "--url", self.url, "--schema", "p.schema", "--yes", "--allow", "all", "--phase", "contract")
        self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")

    def test_history_says_what_was_adopted(self):
        self.sql("CREATE TABLE shop.notes (a int); ALTER TABLE shop.customers ALTER name SET NOT NULL")
        self.adopt(0)
        self.apply(0, "shop", "--yes", "-m", "The night shift's table")
        listed = self.call(0, "history", "--url", self.url).stdout.splitlines()
        self.assertIn("The night shift's table (adopted what stood)", listed[1])
        run = listed[1].split()[0]
        told = self.call(0, "history", run, "--url", self.url).stdout
        self.assertRegex(told, r"adopted +what stood in the database was recorded as applied, without a step: .*\+ table shop\.notes")
        self.assertIn("~ column shop.customers.name", told)
        self.assertIn("The night shift's table", told)
        # Beside a change of the files' own.
        self.sql("DROP TABLE shop.notes")
        self.adopt(0)
        self.write("shop.schema", self.read("shop.schema").replace("customer_id bigint", "amount integer;\n    customer_id bigint"))
        self.apply(0, "shop", "--yes")
        run = self.call(0, "history", "--url", self.url).stdout.splitlines()[1].split()[0]
        told = self.call(0, "history", run, "--url", self.url).stdout
        self.assertRegex(told, r"adopted +what somebody had changed by hand was recorded as applied with it: .*- table shop\.notes")
        self.assertNotIn("amount", [line for line in told.splitlines() if line.startswith("adopted")][0])
        self.assertNotIn("adopted", self.call(0, "history", "--url", self.url).stdout.splitlines()[3])
