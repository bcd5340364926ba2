"""A key of a partitioned table gets another type beside the traffic: what somebody does to its partitions meanwhile, and the hold."""
import json
import os

from harness import Case

OLD = """schema app {
  table customers { id integer not null primary key; }
  table orders partition by range (at) {
    online;
    id integer not null;
    at integer not null;
    customer integer not null;
    primary key orders_pkey (id, at);
    index orders_customer on (customer);
    foreign key orders_of (customer) references customers (id);
    partition orders_1 for values from (0) to (100);
    partition orders_2 for values from (100) to (300) partition by range (at) {
      column customer default 7;
      partition orders_2a for values from (100) to (200);
    }
  }
  table lines {
    order_id integer not null;
    at integer not null;
    foreign key lines_order (order_id, at) references orders (id, at);
  }
}
"""
NEW = OLD.replace("id integer", "id bigint").replace("customer integer", "customer bigint")


class SuccessorPartitions(Case):
    def setUp(self):
        super().setUp()
        os.environ["LOCKSTEP_STRICT_LOCKS"] = "1"
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.target = ("--url", self.url)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.customers SELECT generate_series(0, 9); INSERT INTO app.orders SELECT n, n, n % 10 FROM "
                 "generate_series(1, 199) n; INSERT INTO app.lines SELECT id, at FROM app.orders")
        self.before = self.server.dump(self.database)

    def change(self, code, *more):
        return self.apply(code, "new", "--yes", "--allow", "all", *more)

    def test_a_partition_that_is_added_meanwhile_stops_the_swap(self):
        for parent, part, low in (("orders", "orders_3", 300), ("orders_2", "orders_2b", 200)):
            with self.subTest(parent):
                self.change(6, "--phase", "migrate")
                self.sql(f"CREATE TABLE app.{part} PARTITION OF app.{parent} FOR VALUES FROM ({low}) TO ({low + 100}); "
                         f"INSERT INTO app.orders VALUES (1000, {low}, 1)")
                done = self.change(4, "--phase", "contract")
                self.assertIn(f"app.{parent}: child app.{part} is new", done.stderr)
                self.assertEqual("1000", self.sql(f"SELECT lockstep_new_id FROM app.{part}").strip())
                self.sql(f"ALTER TABLE app.{parent} DETACH PARTITION app.{part}; DROP TABLE app.{part}")
                self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
                self.assertEqual(self.before, self.server.dump(self.database))

    def test_a_held_one_comes_back_with_what_was_written_since(self):
        self.change(0, "--hold", "24h")
        self.sql("INSERT INTO app.orders_2 (id, at) VALUES (500, 150); UPDATE app.orders SET customer = 3 WHERE id = 20; "
                 "INSERT INTO app.lines (order_id, at) VALUES (500, 150)")
        rows = self.sql("SELECT id, at, customer FROM app.orders ORDER BY 1")
        self.call(0, "rollback", *self.target, "--yes", "--allow", "all")
        self.assertEqual(rows, self.sql("SELECT id, at, customer FROM app.orders ORDER BY 1"))
        self.call(0, "verify", *self.target)
        self.assertEqual("integer", self.sql("SELECT DISTINCT pg_typeof(id) FROM app.orders").strip())
        self.apply(0, "old", "--yes")

    def test_a_held_one_is_purged(self):
        self.change(0, "--hold", "24h")
        status = json.loads(self.call(0, "status", *self.target, "--format", "json").stdout)["databases"][0]
        self.call(0, "purge", status["holds"][0]["run"], *self.target, "--yes", "--early", "tested")
        self.change(0)
        left = ("SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') WHERE "
                "c.relnamespace = 'app'::regnamespace AND attname LIKE 'lockstep%' AND NOT attisdropped")
        self.assertEqual("0", self.sql(left).strip())
        self.call(0, "verify", *self.target)


if __name__ == "__main__":
    import unittest
    unittest.main()
