"""What Lockstep does not manage, or may break, is said and not passed over in silence."""
import subprocess

from harness import Case


def in_line(text):
    """As if no line had been broken."""
    return " ".join(text.split())


class IdentitySequences(Case):
    """The sequence of an identity column is no object of its own."""

    def setUp(self):
        super().setUp()
        self.sql("CREATE SCHEMA s; CREATE TABLE s.t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text)")
        self.said = ("GRANT SELECT, USAGE ON SEQUENCE s.t_id_seq TO pg_monitor; COMMENT ON SEQUENCE s.t_id_seq IS 'the numbers';")
        self.write("none.schema", "schema s { table t { id integer not null primary key; a text; } }\n")
        self.write("same.schema", "schema s { table t { id integer not null generated always as identity primary key; a text; } }\n")

    def test_what_is_said_of_it_is_named(self):
        plain = self.call(0, "plan", "--url", self.url, "--schema", "same.schema", "--detailed-exitcode")
        self.assertNotIn("unmanaged", plain.stdout + plain.stderr)
        self.sql(self.said + "ALTER SEQUENCE s.t_id_seq AS bigint MAXVALUE 2147483647")
        for command in (("plan", "--schema", "same.schema"), ("check", "--schema", "same.schema")):
            told = self.call(0, command[0], "--url", self.url, *command[1:])
            told = told.stdout + told.stderr
            self.assertIn("privileges (SELECT, USAGE) of pg_monitor on sequence s.t_id_seq (of identity column s.t.id)", told)
            self.assertIn("comment on sequence s.t_id_seq", told)
            self.assertIn("type bigint of sequence s.t_id_seq", told)

    def test_what_is_lost_with_it_is_named(self):
        self.sql(self.said)
        told = in_line(self.call(0, "plan", "--url", self.url, "--schema", "none.schema").stdout)
        self.assertIn("pg_monitor on sequence s.t_id_seq (of identity column s.t.id) is lost", told)
        self.assertIn("comment on sequence s.t_id_seq (of identity column s.t.id) is lost", told)
        # With its table goes what is the table's.
        self.write("empty.schema", "schema s { }\n")
        self.assertNotIn("is lost", self.call(0, "plan", "--url", self.url, "--schema", "empty.schema").stdout)

    def test_a_file_of_sql_that_says_it(self):
        self.write("file.sql", "CREATE SCHEMA s; CREATE TABLE s.t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text);\n" + self.said)
        told = self.call(0, "plan", "--url", self.url, "--schema", "file.sql", "--detailed-exitcode").stderr
        self.assertIn("LS0305", told)
        self.assertIn("privileges (SELECT, USAGE) of pg_monitor on sequence s.t_id_seq", told)

    def test_a_serials_sequence_is_managed(self):
        self.sql("CREATE TABLE s.u (id serial)")
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.sql("GRANT USAGE ON SEQUENCE s.u_id_seq TO pg_monitor; COMMENT ON SEQUENCE s.u_id_seq IS 'x'")
        told = self.call(2, "plan", "--url", self.url, "--schema", "live.schema", "--detailed-exitcode").stdout
        self.assertIn("REVOKE USAGE ON SEQUENCE s.u_id_seq FROM pg_monitor", told)
        self.assertIn("COMMENT ON SEQUENCE s.u_id_seq IS NULL", told)


class Unenforced(Case):
    """DISABLE TRIGGER ALL takes PostgreSQL's own triggers out of force too."""

    def setUp(self):
        super().setUp()
        self.write("keys.schema", """schema s {
  table a { id integer not null primary key; }
  table b { a_id integer; foreign key b_fk (a_id) references a (id); }
  table p partition by list (k) { k integer; a_id integer; foreign key p_fk (a_id) references a (id);
    partition p1 for values in (1);
  }
}
""")
        self.call(0, "apply", "--url", self.url, "--schema", "keys.schema", "--yes")

    def drift(self, code=2):
        return self.call(code, "verify", "--url", self.url, "--schema", "keys.schema").stdout

    def test_a_key_that_is_not_enforced_is_drift(self):
        self.drift(0)
        for statement, key in (("ALTER TABLE s.b DISABLE TRIGGER ALL", "s.b.b_fk"), ("ALTER TABLE s.p1 DISABLE TRIGGER ALL", "s.p.p_fk")):
            with self.subTest(statement):
                self.sql(statement)
                self.assertIn(f"foreign_key {key}".replace("_key s", " key s"), self.drift().replace("foreign_key", "foreign key"))
                told = self.call(0, "plan", "--url", self.url, "--schema", "keys.schema").stdout
                self.assertIn("unenforced", told)
                self.assertIn("proved on a scratch copy", told)
                self.assertNotIn("unproved", told)
                said = self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
                self.assertIn(f"{key} is not enforced, since its triggers are disabled", said.stderr)
                self.call(0, "apply", "--url", self.url, "--schema", "keys.schema", "--yes", "--allow", "all")
                self.drift(0)
        self.sql("ALTER TABLE s.a DISABLE TRIGGER ALL")
        self.assertEqual(2, self.drift().count("unenforced"))
        self.sql("ALTER TABLE s.a ENABLE TRIGGER ALL")
        self.drift(0)

    def test_rows_that_were_let_in_stop_it(self):
        self.sql("ALTER TABLE s.b DISABLE TRIGGER ALL; INSERT INTO s.b VALUES (7)")
        done = self.call_any("apply", "--url", self.url, "--schema", "keys.schema", "--yes", "--allow", "all")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("every (a_id) of s.b has a row in s.a", done.stdout + done.stderr)

    def test_a_key_that_is_checked_late(self):
        self.sql("ALTER TABLE s.b ADD CONSTRAINT late UNIQUE (a_id) DEFERRABLE; ALTER TABLE s.b DISABLE TRIGGER ALL")
        done = self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.assertIn("constraint late on s.b (not enforced", done.stdout + done.stderr)


class LeftOver(Case):
    """What a build that failed leaves behind is nothing that anybody wants, or that a statement can use."""

    def test_an_invalid_index(self):
        self.sql("CREATE SCHEMA s; CREATE TABLE s.t (id integer PRIMARY KEY, v text); INSERT INTO s.t VALUES (1, 'a'), (2, 'a')")
        with self.assertRaises(RuntimeError):
            self.sql("CREATE UNIQUE INDEX CONCURRENTLY left_over ON s.t (v)")
        self.sql("COMMENT ON INDEX s.left_over IS 'x'")
        for form in ("schema", "sql"):
            with self.subTest(form=form):
                done = self.call(0, "inspect", "--url", self.url, "--format", form, "-o", f"live.{form}")
                self.assertNotIn("left_over", self.read(f"live.{form}"))
                self.assertIn("s.left_over (INVALID", done.stderr)
        self.assertNotIn("ON CONFLICT", self.call(0, "plan", "--url", self.url, "--schema", "live.schema").stdout)
        self.call(0, "apply", "--url", self.url, "--schema", "live.schema", "--yes")
        self.assertEqual("t_pkey\n", self.sql("SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 's.t'::regclass").replace("s.", ""))


class Moved(Case):
    def test_a_table_that_goes_and_comes_elsewhere(self):
        self.sql("CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.mv (id integer PRIMARY KEY, t text); INSERT INTO a.mv VALUES (1, 'x')")
        self.write("moved.schema", "schema a {}\nschema b { table mv { id integer not null; t text; primary key mv_pkey (id); } }\n")
        told = in_line(self.call(0, "plan", "--url", self.url, "--schema", "moved.schema").stdout)
        self.assertIn("`ALTER TABLE a.mv SET SCHEMA b` by hand first, and nothing is lost", told)
        self.sql("ALTER TABLE a.mv SET SCHEMA b")
        self.call(0, "plan", "--url", self.url, "--schema", "moved.schema", "--detailed-exitcode")

    def test_renamed_from_another_schema(self):
        for written in ("a.mv", '"a".mv'):
            self.write("moved.schema", f"schema b {{ table mv renamed from {written} {{ id integer; }} }}\n")
            told = self.call(64, "check", "--schema", "moved.schema").stderr
            self.assertIn("LS0190", told)
            self.assertIn("SET SCHEMA", told)


class Bodies(Case):
    def test_a_column_behind_a_row_or_a_star(self):
        text = """create schema s; create table s.item (id int primary key, sku text); create table s.other (sku text);
create function s.g1(i s.item) returns text language sql as $$ select i.sku $$;
create function s.g2(i s.item) returns text language sql as $$ select $1.sku $$;
create function s.g3(i s.item) returns text language plpgsql as $$ begin return i.sku; end $$;
create function s.g4(i s.item) returns text language sql as $$ select sku(i) $$;
create function s.g5() returns text language sql as $$ with w as (select * from s.item) select w.sku from w $$;
create function s.g6() returns setof text language plpgsql as $$ begin return query select x.sku from (select * from s.item) x; end $$;
create function s.g7() returns text language sql as $$ with w as (select * from s.item), v as (select w.* from w) select sku from v $$;
create function s.g8() returns text language sql as $$ select sku from (select * from (select i.* from s.item i) y) x $$;
create function s.n1() returns text language sql as $$ with w as (select * from s.other) select w.sku from w $$;
create function s.n2(o s.other) returns text language sql as $$ select o.sku from s.item $$;
create function s.n3() returns text language sql as $$ select x.sku from (select o.sku from s.other o, s.item) x $$;
"""
        self.sql(text)
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.write("live.schema", self.read("live.schema").replace("    sku text;\n\n    primary key item_pkey",
                                                                   "    sku_code text renamed from sku;\n\n    primary key item_pkey"))
        told = self.call(0, "plan", "--url", self.url, "--schema", "live.schema").stdout
        self.assertIn("sku_code", told)
        for name in ("g1(", "g2(", "g3(", "g4(", "g5(", "g6(", "g7(", "g8("):
            self.assertIn("function s." + name, told)
        for name in ("n1(", "n3("):
            self.assertNotIn("function s." + name, told)


class Errors(Case):
    def test_a_pipe_is_a_file(self):
        done = subprocess.run(["bash", "-c", f"{self.lockstep} check --schema <(echo 'schema s {{}}')"], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn("1 schema file: 2 objects", done.stdout)

    def test_only_the_cause_is_told(self):
        self.write("wrong.schema", "schema s9 { table t { id bigin; b int; primary key (id); check (b > 0); index on (b); } }\n")
        told = self.call(64, "check", "--schema", "wrong.schema").stderr
        self.assertIn("bigin", told)
        self.assertNotIn('relation "s9.t" does not exist', told)
        self.assertEqual(1, told.count("LS0301"), told)

    def test_a_view_has_no_rows_to_read(self):
        self.sql("CREATE SCHEMA s; CREATE TABLE s.t (id integer PRIMARY KEY, n text); INSERT INTO s.t SELECT g, g FROM generate_series(1, 100000) g;"
                 "CREATE VIEW s.v AS SELECT n FROM s.t; CREATE INDEX ON s.t (n)")
        self.write("new.schema", "schema s { table t { id integer not null; n integer; primary key t_pkey (id); index t_n_idx on (n); }\n"
                                 "view v as $$ select n from s.t $$; }\n")
        done = self.call_any("plan", "--url", self.url, "--schema", "new.schema")
        self.assertNotIn("long-lock:s.v", done.stdout + done.stderr)


class PreparedStatements(Case):
    def test_a_free_change_of_type_is_not_free_for_who_has_prepared_statements(self):
        self.sql("CREATE SCHEMA s; CREATE TABLE s.t (id integer PRIMARY KEY, a varchar(10), b varchar(10))")
        for type_of_b, columns in (("varchar(10)", "s.t.a"), ("varchar(20)", "s.t.a, s.t.b")):
            self.write("text.schema", f"schema s {{ table t {{ id integer not null primary key; a text; b {type_of_b}; }} }}\n")
            told = in_line(self.call(0, "plan", "--url", self.url, "--schema", "text.schema").stdout)
            self.assertIn(f"prepared statements that return {columns} fail once when the type changes", told)
            self.assertIn("no hazards", told)
