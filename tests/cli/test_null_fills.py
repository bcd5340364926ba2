"""A backfill whose expression can give NULL, for a column that may have none: the plan says so, and the rows are asked first."""
from harness import Case

BEFORE = """schema app {
  enum mood ('good', 'bad');
  table t { id bigint not null primary key; note text; other text; name text not null; n integer not null; data jsonb not null; m mood not null;
    twice text generated always as (name || name) stored; numbers integer[] not null default '{}'; k integer; %s}
  function nul(m integer) returns text language sql immutable as $$ select case when m <> 7 then 'x' end $$;
}
"""
ROWS = "INSERT INTO app.t (id, note, other, name, n, data, m) SELECT g, 'n' || g, 'o', 'x', g, '{\"k\": \"v\"}', 'good' FROM generate_series(1, 60) g"
MESSAGE = r"INSERTs and UPDATEs that leave label out fail for a row in which its backfill gives NULL"


class NullFills(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE % "")
        self.apply(0, "before", "--yes")
        self.sql(ROWS)

    def want(self, expression, type="text"):
        self.write("after.schema", BEFORE % f"label {type} not null backfill ({expression}); ")
        return " ".join(self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.split())

    def test_it_is_said(self):
        for expression, columns in (
                ("'m ' || note", "note"), ("upper(note)", "note"), ("note", "note"), ("'m ' || note || other || name", "note, other"),
                ("case when n > 5 then note else 'small' end", "note"), ("case when n > 5 then 'large' end", None), ("data ->> 'k'", None),
                ("nullif(name, 'y')", None), ("(select sum(t2.n)::text from t t2 where t2.id < t.id)", None), ("(select name where n > 5)", None), ("coalesce(note, other)", "note, other"), ("(select max(t2.note) from t t2 where t2.id = t.id)", None),
                ("twice", "twice"), ("(string_to_array(name, ','))[2]", None), ("substring(name from 'a(.)')", None),
                ("app.nul(n)", None), ("'a' || app.nul(n)", None), ("upper(nullif(name, 'y'))", None), ("nullif(name, 'y') || name", None),
                ("(k = any (numbers))::text", "k"), ("(n = any (numbers))::text", None), ("(n in (1, null))::text", None), ("(k in (1, 2))::text", "k"),
                ("(n <> all (array[1, k]))::text", "k"), ("coalesce(app.nul(n), note)", "note"), ("null", None),
                ("note::varchar(10)", "note"), ("(n || (m::text)) || note", "note")):
            with self.subTest(expression=expression):
                told = self.want(expression)
                self.assertRegex(told, MESSAGE + (r" \(with NULL in %s\)" % columns if columns else "") + ".*coalesce")
                self.assertIn("consent: --allow breaking:app.t.label", told)
                self.assertIn("backfill gives column app.t.label a value in every row", told)

    def test_what_never_is_needs_no_consent(self):
        for expression in ("'m'", "coalesce(note, '')", "'m ' || coalesce(note, '')", "concat('m ', note)", "concat('m', app.nul(n))", "coalesce(app.nul(n), name)",
                           "(n in (1, 2))::text", "(n = any (array[1, 2]))::text", "(k is distinct from n)::text", "(select count(*)::int from t t2 where t2.k = t.n)::text", "name", "upper(name) || n", "m::text",
                           "case when n > 5 then 'large' else name end", "case when note is null then 'none' else 'some' end", "format('%s', note)",
                           "coalesce(note, other, name)", "to_char(now(), 'YYYY')", "array_to_string(array[note, other], ',')", "exists (select)::text",
                           "greatest(note, 'a')", "(select 'm ' || name)", "(select count(*)::text from t t2 where t2.note = t.note)",
                           "(select coalesce(string_agg(t2.note, ','), '') from t t2 where t2.id < t.id)"):
            with self.subTest(expression=expression):
                told = self.want(expression)
                self.assertNotIn("gives NULL", told)
                self.assertNotIn("a value in every row", told)

    def test_the_rows_are_asked_first(self):
        self.want("'m ' || note")
        self.assertIn("breaking app.t.label", self.apply(3, "after", "--yes").stderr)
        self.sql("UPDATE app.t SET note = NULL WHERE id IN (3, 4)")
        done = self.apply(1, "after", "--yes", "--allow", "breaking:app.t*")
        self.assertIn("backfill gives column app.t.label a value in every row: 2 rows break it (3, 4)", done.stderr)
        self.assertEqual("0", self.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname = 'label'").strip())
        self.sql("UPDATE app.t SET note = '' WHERE note IS NULL")
        self.killed("after", "s04")  # what the hazard says
        with self.assertRaisesRegex(Exception, "violates"):
            self.sql("INSERT INTO app.t (id, name, n, data, m) VALUES (99, 'x', 1, '{}', 'bad')")
        self.sql("INSERT INTO app.t (id, note, name, n, data, m) VALUES (99, 'z', 'x', 1, '{}', 'bad')")
        self.call(0, "resume", "--url", self.url, "--yes")
        self.assertEqual("m z", self.sql("SELECT label FROM app.t WHERE id = 99").strip())

    def test_a_column_that_is_there(self):
        self.write("after.schema", BEFORE.replace("other text;", "other text not null backfill ('o' || note);") % "")
        told = " ".join(self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.split())
        self.assertIn("gives NULL (with NULL in note)", told)
        self.sql("UPDATE app.t SET other = NULL WHERE id < 9; UPDATE app.t SET note = NULL WHERE id IN (5, 20)")
        done = self.apply(1, "after", "--yes", "--allow", "all")
        self.assertIn("1 row breaks it (5)", done.stderr)
        self.sql("UPDATE app.t SET note = '' WHERE id = 5")
        self.apply(0, "after", "--yes", "--allow", "all")

    def test_one_that_is_not_the_same_twice_is_not_asked(self):
        self.write("after.schema", BEFORE % "label text not null backfill (note || gen_random_uuid()); ")
        told = " ".join(self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.split())
        self.assertIn("gives NULL (with NULL in note)", told)
        self.assertNotIn("a value in every row", told)

    def test_a_default_fills_new_rows(self):
        self.write("after.schema", BEFORE % "label text not null default 'x' backfill ('m ' || note); ")
        told = " ".join(self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.split())
        self.assertNotIn("gives NULL", told)
        self.assertIn("a value in every row", told)
