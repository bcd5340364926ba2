"""plan, apply --only and --exclude: a part of the changes, what it needs, and what is recorded after it."""
import json
import os

from harness import Case

BEFORE = """schema shop {
  table customers { id bigint not null primary key; name text; fax text; }
  table orders { id bigint not null primary key; customer_id bigint; note text; }
  view open_orders as $$ select id, note from orders $$;
}
"""
AFTER = """schema shop {
  enum color ('red', 'green');
  table customers { id bigint not null primary key; name text not null default ''; country char(2); }
  table orders {
    id bigint not null primary key;
    customer_id bigint references customers (id);
    note text;
    paint color;
    index orders_paint on (paint);
  }
  table carriers { id bigint not null primary key; }
  table parcels { id bigint not null primary key; carrier_id bigint references carriers (id); }
  view open_orders as $$ select id, note, paint from orders $$;
}
"""
ALLOW = ("--yes", "--allow", "all")


class Part(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE)
        self.write("after.schema", AFTER)
        self.apply(0, "before", "--yes")

    def plan(self, code, *more, schema="after"):
        return self.call(code, "plan", "--url", self.url, "--schema", schema + ".schema", *more)

    def objects(self, *more, schema="after"):
        document = json.loads(self.plan(0, "--format", "json", *more, schema=schema).stdout)
        return [change["object"] for change in document["changes"]], document

    def pending(self, schema="after"):
        document = json.loads(self.call(0, "verify", "--url", self.url, "--schema", schema + ".schema", "--format", "json").stdout)
        one = document["databases"][0]
        self.assertEqual([], one["drift"])
        return [change["object"] for change in one["pending"]]

    def test_only_one_table(self):
        for name in ("table shop.customers", "shop.customers", "shop.custom*"):
            objects, document = self.objects("--only", name)
            self.assertTrue(objects)
            self.assertTrue(all("customers" in one for one in objects), objects)
            self.assertTrue(document["proved"])
        self.assertIn("column shop.customers.fax", objects)

    def test_what_it_needs_comes_along_and_is_said(self):
        objects, document = self.objects("--only", "column shop.orders.paint")
        self.assertEqual({"type shop.color", "column shop.orders.paint"}, {one.replace("enum ", "type ") for one in objects})
        self.assertTrue(any("also: " in note and "shop.color" in note and "which column shop.orders.paint needs" in note
                            for note in document["notes"]), document["notes"])
        text = self.plan(0, "--only", "column shop.orders.paint").stdout
        self.assertIn("also: ", text)
        self.assertIn("left out: ", text)

    def test_a_new_table_brings_the_table_that_it_refers_to(self):
        objects, _ = self.objects("--only", "table shop.parcels")
        self.assertIn("table shop.carriers", objects)
        self.assertIn("table shop.parcels", objects)
        self.assertFalse(any("orders" in one or "customers" in one for one in objects), objects)

    def test_what_is_needed_cannot_be_excluded(self):
        done = self.plan(64, "--exclude", "shop.color")
        self.assertIn("column shop.orders.paint (added) needs ", done.stderr)
        self.assertIn("shop.color (added)", done.stderr)
        done = self.plan(64, "--only", "shop.parcels", "--exclude", "table shop.carriers")
        self.assertIn("(added) needs column shop.carriers.id (added)", done.stderr)
        objects, _ = self.objects("--exclude", "shop.color", "shop.orders.paint", "shop.open_orders", "shop.orders.orders_paint")
        self.assertFalse(any("paint" in one or "color" in one or "open_orders" in one for one in objects), objects)
        self.assertIn("table shop.parcels", objects)

    def test_a_name_that_matches_nothing(self):
        done = self.plan(64, "--only", "shop.customers", "shop.nothing", "--exclude", "x\ny")
        self.assertIn("--only shop.nothing", done.stderr)
        self.assertNotIn("--only shop.customers", done.stderr)
        self.plan(64, "--exclude", "x\ny")

    def test_nothing_of_it_changes(self):
        done = self.plan(0, "--only", "shop.customers.id", "--detailed-exitcode")
        self.assertIn("Nothing to do in the chosen part.", done.stdout)
        self.assertIn("nothing to do in the chosen part", self.apply(0, "after", "--only", "shop.customers.id", "--yes").stdout)
        self.assertIn("table shop.parcels", self.pending())

    def test_the_recorded_state_after_it(self):
        self.apply(0, "after", "--only", "shop.customers", *ALLOW)
        left = self.pending()
        self.assertIn("table shop.parcels", left)
        self.assertIn("column shop.orders.paint", left)
        self.assertFalse(any("customers." in one for one in left), left)
        self.apply(0, "after", *ALLOW)
        self.assertEqual([], self.pending())
        self.call(0, "verify", "--url", self.url, "--schema", "after.schema", "--strict")

    def test_drift_of_what_is_left_out_stays_drift(self):
        self.sql("ALTER TABLE shop.orders ALTER note SET NOT NULL; CREATE TABLE shop.mine ()")
        self.apply(0, "after", "--only", "shop.customers", *ALLOW)
        document = json.loads(self.call(2, "verify", "--url", self.url, "--format", "json").stdout)
        self.assertEqual(["column shop.orders.note", "table shop.mine"],
                         sorted(change["object"] for change in document["databases"][0]["drift"]))
        self.plan(0, "--only", "table shop.mine")

    def test_a_database_that_was_never_applied(self):
        _, self.url = self.fresh("second")
        self.write("names.schema", "schema shop { table a { id bigint primary key; } table b { id bigint primary key; } }\n")
        self.apply(0, "names", "--only", "shop.a", "--yes")
        self.assertEqual(["table shop.b"], [one for one in self.pending("names") if one.startswith("table ")])
        self.apply(0, "names", "--yes")
        self.call(0, "verify", "--url", self.url, "--schema", "names.schema", "--strict")

    def test_a_saved_plan_records_it(self):
        self.plan(0, "--only", "shop.customers", "-o", "plan.json")
        self.call(64, "apply", "plan.json", "--url", self.url, "--only", "shop.customers", *ALLOW)
        self.call(0, "apply", "plan.json", "--url", self.url, "--schema", "after.schema", *ALLOW)
        self.assertIn("table shop.parcels", self.pending())

    def test_a_saved_plan_without_its_files(self):
        self.sql("ALTER TABLE shop.orders ALTER note SET NOT NULL")
        self.plan(0, "--only", "shop.customers", "-o", "plan.json")
        self.call(0, "apply", "plan.json", "--url", self.url, *ALLOW)
        self.assertIn("column shop.orders.note", self.call(2, "verify", "--url", self.url).stdout)

    def test_a_part_that_was_killed_is_resumed_and_recorded(self):
        self.killed("after", "s02", "after-settled", "--only", "shop.customers")
        done = self.apply(3, "after", *ALLOW)
        self.assertIn("--only shop.customers", done.stderr)
        self.apply(0, "after", "--only", "shop.customers", *ALLOW)
        left = self.pending()
        self.assertIn("table shop.parcels", left)
        self.assertFalse(any("customers." in one for one in left), left)

    def test_it_can_be_rolled_back(self):
        self.apply(0, "after", "--only", "shop.customers", *ALLOW)
        self.call(0, "rollback", "--url", self.url, *ALLOW)
        self.call(0, "verify", "--url", self.url, "--schema", "before.schema", "--strict")

    def test_tables_that_refer_to_each_other(self):
        self.write("ring.schema", BEFORE[:-2] + "  table a { id bigint primary key; b bigint references b (id); }\n"
                   "  table b { id bigint primary key; a bigint references a (id); }\n}\n")
        objects, _ = self.objects("--only", "table shop.a", schema="ring")
        self.assertIn("table shop.b", objects)
        self.plan(64, "--exclude", "table shop.a", schema="ring")
        objects, _ = self.objects("--exclude", "shop.a", "foreign key shop.b.*", schema="ring")
        self.assertEqual(["table shop.b"], [one for one in objects if one.startswith("table ")])

    def test_a_drop_needs_what_depends_on_it(self):
        self.write("less.schema", "schema shop {\n  table customers { id bigint not null primary key; name text; fax text; }\n}\n")
        objects, document = self.objects("--only", "table shop.orders", schema="less")
        self.assertIn("view shop.open_orders", objects)
        self.assertTrue(any("also: view shop.open_orders" in note for note in document["notes"]), document["notes"])
        done = self.plan(64, "--exclude", "shop.open_orders", schema="less")
        self.assertIn("needs view shop.open_orders (dropped)", done.stderr)

    def test_renames(self):
        self.write("renamed.schema", """schema shop {
  table buyers renamed from customers { id bigint not null primary key; name text; fax text; }
  table orders { id bigint not null primary key; customer_id bigint; remark text renamed from note; }
  view open_orders as $$ select id, remark as note from orders $$;
}
""")
        for name in ("shop.buyers", "shop.customers"):
            objects, _ = self.objects("--only", name, schema="renamed")
            self.assertIn("table shop.customers", objects)
            self.assertFalse(any("orders" in one for one in objects), objects)
        objects, _ = self.objects("--exclude", "shop.customers", schema="renamed")
        self.assertFalse(any("buyers" in one or "customers" in one for one in objects), objects)
        self.assertIn("column shop.orders.note", objects)
        self.plan(64, "--exclude", "shop.buyers.name", schema="renamed")
        self.apply(0, "renamed", "--only", "shop.buyers", *ALLOW)
        self.assertFalse(any("buyers" in one or "customers" in one for one in self.pending("renamed")))
        self.assertTrue(any("remark" in one for one in self.pending("renamed")))
        self.apply(0, "renamed", *ALLOW)
        self.call(0, "verify", "--url", self.url, "--schema", "renamed.schema", "--strict")

    def test_a_view_that_becomes_a_table(self):
        self.write("kind.schema", BEFORE.replace("view open_orders as $$ select id, note from orders $$;",
                                                 "table open_orders { id bigint; }"))
        objects, _ = self.objects("--only", "table shop.open_orders", schema="kind")
        self.assertEqual({"table shop.open_orders", "view shop.open_orders"}, set(objects))

    def test_evidence_for_the_next_environment_is_of_the_part_only(self):
        _, prod = self.fresh("prod")
        self.write("lockstep.yaml", "schema: [after.schema]\nenvironments:\n  staging: { url: \"${A}\" }\n"
                   "  prod: { url: \"${B}\", after: staging, gates: off }\n")
        environment = {"A": self.url, "B": prod}
        self.call(0, "apply", "--env", "staging", "--only", "shop.carriers", *ALLOW, environment=environment)
        self.call(3, "apply", "--env", "prod", *ALLOW, environment=environment)
        self.call(0, "apply", "--env", "prod", "--only", "shop.carriers", *ALLOW, environment=environment)
        self.call(0, "apply", "--env", "staging", *ALLOW, environment=environment)
        self.call(0, "apply", "--env", "prod", *ALLOW, environment=environment)

    def test_beside_a_run_that_waits(self):
        self.write("gone.schema", BEFORE.replace(" fax text;", ""))
        self.apply(6, "gone", "--phase", "migrate", *ALLOW)
        both = BEFORE.replace(" fax text;", "").replace("note text;", "note text; extra text;") \
            .replace("schema shop {", "schema shop {\n  table more { id bigint; }")
        self.write("both.schema", both)
        objects, _ = self.objects("--only", "shop.more", schema="both")
        self.assertEqual(["table shop.more"], objects)
        self.apply(0, "both", "--only", "shop.more", *ALLOW)
        self.call(0, "apply", "--url", self.url, "--schema", "gone.schema", "--phase", "contract", *ALLOW)
