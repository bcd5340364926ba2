"""`map 'old' to 'new'` of an enum: what the plan tells, what it refuses, and whose values win on the way back."""
import unittest

from harness import Case

BEFORE = """schema shop {
  enum status ('new', 'lost', 'gone', 'sent');
  table orders { id bigint not null primary key; status status not null default 'new'; }
}
"""
AFTER = """schema shop {
  enum status ('new', 'sent') map 'lost' to 'sent' map 'gone' to 'sent';
  table orders { id bigint not null primary key; status status not null default 'new'; }
}
"""
ROWS = "INSERT INTO shop.orders VALUES (1, 'new'), (2, 'lost'), (3, 'lost'), (4, 'gone'), (5, 'sent')"


class MappedEnum(Case):
    def given(self, before=BEFORE, after=AFTER, rows=ROWS):
        self.database, self.url = self.fresh("shop")
        self.write("before.schema", before)
        self.write("after.schema", after)
        self.apply(0, "before", "--yes")
        self.sql(rows)

    def planned(self, expect=0):
        done = self.call(expect, "plan", "--url", self.url, "--schema", "after.schema")
        return " ".join((done.stdout + done.stderr).split())

    def test_the_plan_counts_the_rows_of_each_value(self):
        self.given()
        told = self.planned()
        self.assertIn("column shop.orders.status: converted, by map: 'lost' becomes 'sent' (2 rows), 'gone' becomes 'sent' (1 row); the old "
                      "values are saved", told)
        self.assertIn("--allow lossy-type:shop.orders.status", told)

    def test_without_consent_nothing_changes(self):
        self.given()
        self.apply(3, "after", "--yes")
        self.assertEqual("5", self.sql("SELECT count(*) FROM shop.orders WHERE status::text <> ''").strip())

    def test_a_map_that_was_applied_rests(self):
        self.given()
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual("4", self.sql("SELECT count(*) FROM shop.orders WHERE status = 'sent'").strip())
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "--detailed-exitcode")

    def test_what_is_not_mapped_is_found_before_the_first_step(self):
        self.given(after=AFTER.replace(" map 'gone' to 'sent'", ""))
        done = self.apply(1, "after", "--yes", "--allow", "all")
        self.assertIn("no value of enum shop.status in shop.orders.status is 'gone': 1 row breaks it (4)", done.stdout + done.stderr)

    def test_a_map_of_values_that_nobody_has(self):
        self.given(after=AFTER.replace("('new', 'sent')", "('new', 'sent', 'void')").replace("'gone' to 'sent'", "'gnoe' to 'void'"))
        told = self.planned(64)
        self.assertIn("LS0308", told)
        self.assertIn("'gnoe' is mapped to 'void', and the enum of the database has neither", told)
        self.assertIn("did you mean map 'gone'?", told)

    def test_the_way_back_keeps_what_was_written_since(self):
        self.given()
        self.apply(0, "after", "--yes", "--allow", "all")
        self.sql("UPDATE shop.orders SET status = 'new' WHERE id IN (2, 5); INSERT INTO shop.orders VALUES (6, 'sent')")
        self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
        self.assertEqual(["1|new", "2|new", "3|lost", "4|gone", "5|new", "6|sent"],
                         self.sql("SELECT id || '|' || status FROM shop.orders ORDER BY id").split())

    def test_two_rows_that_become_alike_are_found_first(self):
        text = "table orders { id bigint not null primary key; customer bigint; status status not null; unique one (customer, status); }"
        old = "table orders { id bigint not null primary key; status status not null default 'new'; }"
        self.given(BEFORE.replace(old, text), AFTER.replace(old, text), "INSERT INTO shop.orders VALUES (1, 7, 'lost'), (2, 7, 'gone')")
        done = self.apply(1, "after", "--yes", "--allow", "all")
        self.assertIn("no two rows of shop.orders are alike in (customer, status) once they are converted", done.stdout + done.stderr)

    def test_a_check_that_the_new_value_breaks_is_found_first(self):
        text = "check known (status <> 'sent' or id > 2); }"
        self.given(BEFORE.replace("'new'; }", "'new'; " + text), AFTER.replace("'new'; }", "'new'; " + text))
        done = self.apply(1, "after", "--yes", "--allow", "all")
        self.assertIn("once it is converted: 1 row breaks it (2)", done.stdout + done.stderr)

    def test_values_that_a_map_does_not_reach(self):
        more = " composite entry (status status); table papers { id bigint not null primary key; lines entry[]; }\n}\n"
        self.given(BEFORE.rstrip("}\n") + "}\n" + more, AFTER.rstrip("}\n") + "}\n" + more,
                   "INSERT INTO shop.papers VALUES (1, ARRAY[ROW('lost')::shop.entry])")
        done = self.apply(1, "after", "--yes", "--allow", "all")
        self.assertIn("in shop.papers.lines is 'lost', 'gone', since its map reaches no value inside shop.entry[]", done.stdout + done.stderr)
        self.sql("TRUNCATE shop.papers")
        self.apply(0, "after", "--yes", "--allow", "all")

    def test_a_partition_key_is_refused_by_name(self):
        text = "table parts partition by list (status) { status status; partition parts_1 for values in ('lost'); partition parts_2 default; }\n}\n"
        self.given(BEFORE.rstrip("}\n") + "}\n" + text, AFTER.rstrip("}\n") + "}\n" + text.replace("'lost'", "'sent'"), "SELECT 1")
        self.assertIn("column shop.parts.status can't get another type: table shop.parts is partitioned by it", self.planned(3))

    def test_the_columns_own_conversion_wins(self):
        self.given(after=AFTER.replace("default 'new'", "default 'new' convert using (case when status::text = 'sent' then 'sent' else 'new' end)"))
        self.assertIn("by convert using", self.planned())
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual("1", self.sql("SELECT count(*) FROM shop.orders WHERE status = 'sent'").strip())


if __name__ == "__main__":
    unittest.main()
