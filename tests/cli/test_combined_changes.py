"""Changes that people make in one plan, and take back: each works alone, and together they met."""
from gated import Gated

ENUM = "schema s {{ enum e {}; table u {{ id integer primary key; e e; online; }} table t {{ id integer primary key; cents {}; online; }} }}\n"
RENAMED = "schema s {{ table u {{ id integer primary key; {} }} table t {{ id integer primary key; cents {} not null; {} online; }} }}\n"


class CombinedChanges(Gated):
    def at_the_gate(self, before, rows, after):
        self.gates("it", "on, hold: 24h")
        self.write("it.schema", before)
        self.prod(0, "apply", "--yes")
        self.sql(rows)
        self.write("it.schema", after)
        self.go(6)

    def one(self, query):
        return self.sql("SELECT " + query).strip()

    def taken_back_at_the_gate(self, table, parts):
        text = "schema app {{ table t %s {{ id integer not null; {} online; %s }} }}\n" % (table, parts)
        self.at_the_gate(text.format("n integer;"), "INSERT INTO app.t SELECT n, n FROM generate_series(1, 900) n",
                         text.format("n bigint; st date not null backfill (current_date);"))
        self.sql("INSERT INTO app.t (id, n) VALUES (1000, 7)")
        self.prod(0, "rollback", "--yes", "--allow", "all")
        self.assertEqual("id integer, n integer", self.one("string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum) FROM pg_attribute "
                                                           "WHERE attrelid = 'app.t'::regclass AND attnum > 0 AND NOT attisdropped"))
        self.assertEqual("901\t901", self.one("count(*), count(n) FROM app.t"))
        self.assertEqual("0", self.one("count(*) FROM pg_proc WHERE proname ~ 'lockstep_(fill|mirror)'"))

    def test_a_fill_and_a_type_change_of_a_table(self):
        self.taken_back_at_the_gate("", "")

    def test_a_fill_and_a_type_change_of_a_partitioned_table(self):
        self.taken_back_at_the_gate("partition by range (id)", "partition t1 for values from (0) to (500); partition t2 for values from (500) to (2000);")

    def test_an_enum_in_one_table_and_a_type_in_another(self):
        self.at_the_gate(ENUM.format("('a', 'b')", "integer"), "INSERT INTO s.u VALUES (1, 'b'); INSERT INTO s.t VALUES (1, 1)",
                         ENUM.format("('a') map 'b' to 'a'", "bigint"))
        self.go(0, "--phase", "contract")
        self.assertEqual("a\tbigint", self.one("e, (SELECT pg_typeof(cents) FROM s.t) FROM s.u"))
        self.prod(0, "rollback", "--yes", "--allow", "all")
        self.assertEqual("b\tinteger", self.one("e, (SELECT pg_typeof(cents) FROM s.t) FROM s.u"))

    def test_rows_are_asked_first_beside_a_new_column(self):
        second = "attname FROM pg_attribute WHERE attrelid = 's.u'::regclass AND attnum = 2"
        self.at_the_gate(RENAMED.format("old text;", "integer", ""), "INSERT INTO s.t VALUES (1, 1), (2, 2)",
                         RENAMED.format("neu text renamed from old;", "bigint", "extra integer;"))
        self.go(0, "--phase", "contract")
        self.sql("UPDATE s.t SET cents = 3000000000 WHERE id = 2")
        said = self.prod(1, "rollback", "--yes", "--allow", "all").stderr
        self.assertIn("nothing was changed", said)
        self.assertIn("1 row breaks it (2)", said)
        self.assertEqual("neu", self.one(second))
        self.sql("UPDATE s.t SET cents = 3 WHERE id = 2")
        self.prod(0, "rollback", "--yes", "--allow", "all")
        self.assertEqual("old", self.one(second))
