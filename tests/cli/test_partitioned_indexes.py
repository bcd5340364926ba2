"""Indexes of partitioned tables that change beside the traffic, where names of the partitions' shares are taken or differ, and back again."""
from harness import Case

TABLE = """schema shop {{ table ev partition by range (at) {{ id integer not null; at date not null; v integer; note text; {indexes}
    partition ev_24 for values from ('2024-01-01') to ('2025-01-01'); {more} }} {beside} }}
"""
BEFORE = """CREATE SCHEMA shop; CREATE TABLE shop.ev (id integer NOT NULL, at date NOT NULL, v integer, note text) PARTITION BY RANGE (at);
CREATE TABLE shop.ev_24 PARTITION OF shop.ev FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO shop.ev SELECT g, date '2024-01-01' + (g % 300), g, 'n' FROM generate_series(1, 600) g;
"""


class PartitionedIndexes(Case):
    def there_and_back(self, indexes, more="", beside=""):
        shape = lambda: self.sql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'shop' AND tablename = 'ev' ORDER BY 1")  # noqa: E731
        before = shape()
        self.write("new.schema", TABLE.format(indexes=indexes, more=more, beside=beside))
        self.apply(0, "new", "--yes", "--allow", "all")
        self.assertIn("nothing to do", self.apply(0, "new", "--yes").stdout)
        self.assertEqual("0", self.sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid").strip())
        self.assertEqual("0", self.sql("SELECT count(*) FROM pg_class WHERE relname LIKE '%lockstep%' AND relkind IN ('i', 'I')").strip())
        self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
        self.assertEqual(before, shape())
        self.assertEqual("0", self.sql("SELECT count(*) FROM pg_class WHERE relname LIKE '%lockstep%' AND relkind IN ('i', 'I')").strip())

    def test_exchanged(self):
        self.sql(BEFORE + "CREATE INDEX i ON shop.ev (note); CREATE INDEX j ON shop.ev (id)")
        self.there_and_back("index i on (id); index j on (note);")

    def test_another_one_over_the_same_column(self):
        self.sql(BEFORE + "CREATE INDEX b ON shop.ev (v) WHERE v < 0; CREATE INDEX a ON shop.ev (v) WHERE v > 0;")
        self.there_and_back("index a on (v) where v > 0; index b on (v) where v < -10;")
        self.there_and_back("index a on (v) where v > 10; index b on (v) where v < -10;")

    def test_a_name_that_is_taken(self):
        self.sql(BEFORE + "CREATE INDEX a ON shop.ev (v); CREATE INDEX b ON shop.ev (id); ALTER INDEX shop.ev_24_id_idx RENAME TO ev_24_v_id_idx; "
                 "CREATE TABLE shop.ev_24_id_note_idx (a integer)")
        self.there_and_back("index a on (v, id); index b on (id, note);", beside="table ev_24_id_note_idx { a integer; }")

    def test_a_table_that_joins(self):
        joins = "partition ev_23 for values from ('2023-01-01') to ('2024-01-01');"
        for own in ("ev_23_note_idx ON shop.ev_23 (note)", "ev_23_note_v_idx ON shop.ev_23 (note, v)", "other ON shop.ev_23 (note, v)"):
            with self.subTest(own):
                self.sql("DROP SCHEMA IF EXISTS shop CASCADE; DROP SCHEMA IF EXISTS lockstep CASCADE;" + BEFORE + "CREATE INDEX a ON shop.ev (note); CREATE TABLE shop.ev_23 (LIKE shop.ev); CREATE INDEX " + own +
                         "; INSERT INTO shop.ev_23 SELECT g, date '2023-01-01' + (g % 300), g, 'n' FROM generate_series(1, 600) g")
                self.write("new.schema", TABLE.format(indexes="index a on (note, v);", more=joins, beside=""))
                self.apply(0, "new", "--yes", "--allow", "all")
                self.assertIn("nothing to do", self.apply(0, "new", "--yes").stdout)
                self.assertEqual("1200", self.sql("SELECT count(*) FROM shop.ev").strip())

    def test_goes_to_a_partition_with_partitions_of_its_own(self):
        shape = "schema shop {{ table ev partition by range (at) {{ id integer not null; at date not null; note text; {0} partition ev_24 for values from ('2024-01-01') to ('2025-01-01') " \
                "partition by range (id) {{ {1} partition ev_24a for values from (0) to (300); partition ev_24b for values from (300) to (900); }} }} }}"
        self.write("old.schema", shape.format("index p on (note);", ""))
        self.write("new.schema", shape.format("", "index k on (note);"))
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO shop.ev SELECT g, '2024-02-01', 'n' || g FROM generate_series(0, 600) g")
        for _ in range(2):
            self.apply(0, "new", "--yes", "--allow", "all")
            self.assertIn("nothing to do", self.apply(0, "new", "--yes").stdout)
            self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
            self.assertIn("nothing to do", self.apply(0, "old", "--yes").stdout)
            self.assertEqual("0", self.sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid").strip())
        self.assertEqual("p", self.sql("SELECT relname FROM pg_class WHERE relkind = 'I' AND relname IN ('p', 'k')").strip())

    def test_a_share_that_has_the_name_already(self):
        self.sql("CREATE SCHEMA shop; CREATE TABLE shop.m (d integer, v integer) PARTITION BY LIST (d); CREATE TABLE shop.m1 PARTITION OF shop.m FOR VALUES IN (1); INSERT INTO shop.m VALUES (1, 1);"
                 "CREATE UNIQUE INDEX m_u ON shop.m (d, v); ALTER INDEX shop.m1_d_v_idx RENAME TO m1_u")
        self.write("new.schema", "schema shop { table m partition by list (d) { d integer; v integer; partition m1 for values in (1) { unique index m1_u on (d, v); } } }")
        self.assertIn('relation "m1_u" already exists', self.apply(1, "new", "--yes", "--allow", "all").stderr)
        self.assertEqual("2", self.sql("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'shop'::regnamespace AND i.indisunique").strip())
        self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
