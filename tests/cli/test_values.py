"""What a plan does to stored values: kept, converted, or refused before anything is changed, whatever the values lie in."""
import json
import os
import unittest

from harness import Case

ROWS = "generate_series(1, 300) g"


def some(cases):
    """Every twelfth; all of them with LOCKSTEP_WHOLE=1. A case takes some five seconds."""
    return cases if os.environ.get("LOCKSTEP_WHOLE") else cases[::12]


class Values(Case):
    def given(self, before, after, rows):
        self.database, self.url = self.fresh("shop")
        self.write("before.schema", before)
        self.write("after.schema", after)
        self.apply(0, "before", "--yes")
        self.sql(rows)
        return self.plan()

    def columns(self, before, after, rows, more=""):
        text = "schema app {\n  table t { id bigint not null primary key; %s }\n}\n"
        return self.given(text % before, text % after, rows)

    def plan(self):
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "-o", "plan.json")
        return json.loads(self.read("plan.json"))

    def hazards(self):
        text = self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout
        return sorted({line.split("--allow ")[1].split(":")[0] for line in text.splitlines() if "consent: --allow" in line})

    def applied(self, query, wanted):
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual(wanted, self.sql(query).strip())
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "--detailed-exitcode")

    def refused(self, *texts):
        before = self.server.dump(self.database)
        done = self.apply(1, "after", "--yes", "--allow", "all")
        for text in texts:
            self.assertIn(text, done.stdout + done.stderr)
        self.assertEqual(before, self.server.dump(self.database))

    def effects(self, plan):
        return {note["object"].split(".")[-1]: note["fate"] for note in plan["values"]}

    # --- columns

    def test_what_changes_no_value_needs_no_consent(self):
        for old, new in some((("varchar(20)", "varchar(50)"), ("varchar(20)", "text"), ("varchar", "text"), ("numeric(10, 2)", "numeric(14, 2)"),
                         ("numeric(10, 2)", "numeric"), ("timestamp(3)", "timestamp"), ("cidr", "inet"), ("bit varying(4)", "bit varying(8)"),
                         ("time(2)", "time(4)"))):
            with self.subTest(old=old, new=new):
                value = {"n": "12.25", "t": "'2026-01-02 03:04:05.678'", "c": "'10.0.0.0/8'", "b": "'101'"}.get(old[0], "'v'")
                if old.startswith("time("):
                    value = "'03:04:05.67'"
                plan = self.columns(f"c {old};", f"c {new};", f"INSERT INTO app.t SELECT g, {value} FROM {ROWS}; "
                                    "CREATE VIEW app.v AS SELECT 1")
                self.sql("DROP VIEW app.v")
                plan = self.plan()
                self.assertEqual({"c": "kept"}, self.effects(plan))
                self.assertEqual([], self.hazards())
                self.assertFalse(any(step["rewrites"] or step["scans"] or step["builds"] or step["losses"] for step in plan["steps"]))
                kept = self.sql("SELECT string_agg(c::text, ',' ORDER BY id) FROM app.t").strip()
                self.apply(0, "after", "--yes")
                self.assertEqual(kept, self.sql("SELECT string_agg(c::text, ',' ORDER BY id) FROM app.t").strip())

    def test_what_stands_on_a_column_hides_no_free_change(self):
        text = ("schema app {\n  table t { id bigint not null primary key; c %s; check c_long (length(c) > 0); index t_c on (c); }\n"
                "  view v as $$ select id, c from t $$;\n}\n")
        self.given(text % "varchar(20)", text % "varchar(50)", f"INSERT INTO app.t SELECT g, 'v' || g FROM {ROWS}")
        self.assertEqual([], self.hazards())
        self.apply(0, "after", "--yes")

    def test_a_wider_type_is_rewritten_and_not_saved(self):
        plan = self.columns("c integer;", "c bigint;", f"INSERT INTO app.t SELECT g, g FROM {ROWS}")
        self.assertEqual(["rewrite"], [hazard for hazard in self.hazards() if hazard != "long-lock"])
        self.assertEqual([], [loss for step in plan["steps"] for loss in step["losses"]])
        self.applied("SELECT sum(c) FROM app.t", "45150")

    def test_postgresql_converts_by_itself(self):
        plan = self.columns("c bigint;", "c integer;", f"INSERT INTO app.t SELECT g, g FROM {ROWS}")
        self.assertNotIn("USING", plan["steps"][0]["sql"][0])
        self.assertEqual({"c": "converted"}, self.effects(plan))
        self.assertEqual(["lossy-type"], [loss["hazard"] for step in plan["steps"] for loss in step["losses"]])
        self.applied("SELECT sum(c) FROM app.t", "45150")

    def test_what_does_not_convert_is_found_first(self):
        for old, new, values, what in some((
                ("bigint", "smallint", "CASE WHEN g % 100 = 0 THEN 70000 ELSE g END", "3 rows break it (100, 200, 300)"),
                ("text", "varchar(3)", "CASE WHEN g = 7 THEN 'abcd' ELSE 'ab' END", "1 row breaks it (7)"),
                ("text", "integer", "CASE WHEN g > 290 THEN '12x' ELSE g::text END", "10 rows break it (291, 292, 293, 294, 295, …)"),
                ("text", "integer", "CASE WHEN g = 7 THEN '007' ELSE g::text END", "1 row breaks it (7)"),
                ("text", "timestamptz", "CASE WHEN g = 7 THEN 'gestern' ELSE '2026-01-02 03:04:05+00' END", "1 row breaks it (7)"),
                ("text", "numeric(4, 1)", "CASE WHEN g = 7 THEN '12345.6' ELSE '1.5' END", "1 row breaks it (7)"),
                ("char(5)", "char(2)", "CASE WHEN g = 7 THEN 'abc' ELSE 'ab' END", "1 row breaks it (7)"),
                ("double precision", "integer", "CASE WHEN g = 7 THEN 1e12 ELSE g END", "1 row breaks it (7)"),
                ("text", "uuid", "CASE WHEN g = 7 THEN '?' ELSE '00000000-0000-0000-0000-000000000001' END", "1 row breaks it (7)"),
                ("text", "boolean", "CASE WHEN g = 7 THEN 'maybe' ELSE 'true' END", "1 row breaks it (7)"),
                ("varchar(9)[]", "varchar(2)[]", "ARRAY[CASE WHEN g = 7 THEN 'abc' ELSE 'ab' END]", "1 row breaks it (7)"))):
            with self.subTest(old=old, new=new, what=what):
                self.columns(f"c {old};", f"c {new};", f"INSERT INTO app.t SELECT g, {values} FROM {ROWS}")
                self.refused(what)

    def test_a_trailing_blank_is_none_too_long(self):
        self.columns("c text;", "c varchar(3);", f"INSERT INTO app.t SELECT g, 'abc   ' FROM {ROWS}")
        self.applied("SELECT DISTINCT c FROM app.t", "abc")

    def test_arrays(self):
        text = "schema app {\n  table t { id bigint not null primary key; c %s; }\n}\n"
        for old, new, values, lossy, shown in some((
                ("text[]", "char(5)[]", "ARRAY['c ', NULL, 'd']", True, '{"c    ",NULL,"d    "}'),
                ("varchar[]", "text[]", "ARRAY['c ']", False, '{"c "}'),
                ("varchar(5)[]", "varchar(9)[]", "ARRAY['c ']", False, '{"c "}'),
                ("integer[]", "bigint[]", "ARRAY[5]", False, "{5}"))):
            with self.subTest(old=old, new=new):
                self.given(text % old, text % new, f"INSERT INTO app.t SELECT g, {values} FROM {ROWS}")
                self.assertEqual(lossy, "lossy-type" in self.hazards())
                self.applied("SELECT DISTINCT c::text FROM app.t", shown)

    def test_time_zones(self):
        text = "schema app {\n  table t { id bigint not null primary key; c %s; }\n}\n"
        for zone in ("UTC", "Europe/Berlin"):
            for old, new in (("timestamptz", "timestamp"), ("timestamp", "timestamptz"), ("timestamptz", "date")):
                with self.subTest(zone=zone, old=old, new=new):
                    self.given(text % old, text % new, f"INSERT INTO app.t SELECT g, '2026-01-02 00:00' FROM {ROWS}")
                    self.sql(f'ALTER DATABASE "{self.database}" SET timezone = \'{zone}\'')
                    plan = self.plan()
                    self.assertEqual({"c": "converted"}, self.effects(plan))
                    self.assertIn(f"in time zone {zone} of the database", plan["values"][0]["how"])
                    self.assertIn("breaking", self.hazards())

    def test_time_zones_inside_other_types(self):
        text = """schema app {
  domain d as %(t)s;
  composite c (n integer, at %(t)s);
  composite day (n %(n)s, at timestamptz, until time);
  range r (subtype = %(t)s);
  composite outer_c (inner_c c, r r[]);
  domain daily as time%(tz)s;
  composite hours (opens daily, closes time with time zone);
  table t { id bigint not null primary key; plain d; listed d[]; whole c; parts c[]; span r; spans r_multirange; nested outer_c; hours hours; other day; }
}
"""
        before, after = text % {"t": "timestamp", "n": "integer", "tz": ""}, text % {"t": "timestamptz", "n": "bigint", "tz": " with time zone"}
        plan = self.given(before, after, f"""INSERT INTO app.t SELECT g, '2026-01-02', '{{2026-01-02}}', ROW(1, '2026-01-02')::app.c, ARRAY[ROW(1, '2026-01-02'::timestamp)::app.c],
 '[2026-01-02, 2026-01-03)', '{{[2026-01-02, 2026-01-03)}}', ROW(ROW(1, '2026-01-02'::timestamp)::app.c, NULL)::app.outer_c, ROW('10:00', '11:00+00')::app.hours,
 ROW(1, '2026-01-02 00:00+00', '10:00')::app.day
 FROM {ROWS}""")
        columns = {"plain", "listed", "whole", "parts", "span", "spans", "nested", "hours"}
        said = {note["object"].split(".")[-1] for note in plan["values"] if "in time zone" in note["how"]}
        warned = {one["object"].split(".")[-1] for step in plan["steps"] for one in step["consequences"] if "in time zone" in one["message"]}
        self.assertEqual((columns, columns), (said, warned))
        self.assertEqual({"converted"}, set(self.effects(plan).values()))

    def test_a_type_of_an_extension_that_the_plan_creates(self):
        before = "schema app {\n  table t { id bigint not null primary key; c text; d text; n %s; check t_n (n::text <> '0'); unique t_n_c (n, c); }\n}\n"
        after = "extension citext schema public;\nschema app {\n  domain word as public.citext check word_short (length(value) < 4);\n" + before.split("\n", 1)[1]
        after = after.replace("c text; d text;", "c public.citext; d word;")
        self.given(before % "text", after % "integer", f"INSERT INTO app.t SELECT g, 'A' || g, CASE WHEN g = 7 THEN 'Abcd' ELSE 'Ab' END, g FROM {ROWS}")
        self.assertIn("word_short", self.apply(7, "after", "--yes", "--allow", "all").stderr)
        self.sql("UPDATE app.t SET d = 'Ab'")  # the same command goes on with the run
        self.applied("SELECT count(*) FROM app.t WHERE c = 'a7' AND d = 'AB'", "1")

    def test_a_role_of_another_time_zone(self):
        text = "schema app {\n  table t { id bigint not null primary key; c %s; }\n}\n"
        self.given(text % "timestamptz", text % "timestamp", f"INSERT INTO app.t SELECT g, '2026-01-02 00:00' FROM {ROWS}")
        self.sql("CREATE ROLE zoned; ALTER ROLE zoned SET timezone = 'Asia/Tokyo'")
        try:
            text = " ".join(self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.split())
            self.assertIn("role zoned: Asia/Tokyo", text)
        finally:
            self.sql("DROP ROLE zoned")

    def test_a_new_enum_and_a_new_domain(self):
        before = "schema app {\n  table t { id bigint not null primary key; c text; }\n}\n"
        for declared in ("enum e ('a', 'b');", "domain e as text check e_short (length(value) < 2);"):
            with self.subTest(declared=declared):
                after = "schema app {\n  %s\n  table t { id bigint not null primary key; c e; }\n}\n" % declared
                self.given(before, after, f"INSERT INTO app.t SELECT g, CASE WHEN g = 7 THEN 'cc' ELSE 'a' END FROM {ROWS}")
                self.refused("1 row breaks it (7)")
                self.sql("UPDATE app.t SET c = 'b' WHERE id = 7")
                self.applied("SELECT string_agg(DISTINCT c::text, ',') FROM app.t", "a,b")

    def test_the_new_values_obey_what_is_declared(self):
        for before, after, rows, what in some((
                ("c text;", "c integer; check positive (c > 0);", "CASE WHEN g = 7 THEN '-1' ELSE g::text END", "1 row breaks it (7)"),
                ("c numeric;", "c integer; unique t_c (c);", "CASE WHEN g = 7 THEN 8.2 ELSE g END", "alike in (c)"),
                ("c numeric; unique t_c (c);", "c integer; unique t_c (c);", "CASE WHEN g = 7 THEN 8.2 ELSE g END", "alike in (c)"),
                ("c numeric; unique index t_c on (c);", "c integer; unique index t_c on (c);", "CASE WHEN g = 7 THEN 8.2 ELSE g END",
                 "alike in (c)"),
                ("c text;", "c integer not null convert using (nullif(c, '7')::integer);", "g::text", "1 row breaks it (7)"),
                ("c text;", "c integer convert using (split_part(c, '-', 1)::integer);", "CASE WHEN g = 7 THEN 'x-1' ELSE g || '-1' END",
                 "1 row breaks it (7)"),
                ("c bigint; d integer generated always as (1) stored;", "c integer; d integer generated always as (10 / (c - 7)) stored;",
                 "g", "1 row breaks it (7)"))):
            with self.subTest(after=after):
                self.columns(before, after, f"INSERT INTO app.t (id, c) SELECT g, {rows} FROM {ROWS}")
                self.refused(what)

    def test_a_generated_column_follows(self):
        plan = self.columns("c integer; d bigint generated always as (c * 2) stored; index t_d on (d);",
                            "c bigint; d bigint generated always as (c * 2) stored; index t_d on (d);",
                            f"INSERT INTO app.t SELECT g, g FROM {ROWS}")
        self.assertEqual({"c": "converted", "d": "computed again"}, self.effects(plan))
        self.applied("SELECT sum(d) FROM app.t", "90300")

    def test_no_cast_at_all(self):
        text = "schema app {\n  table t { id bigint not null primary key; c %s; }\n}\n"
        self.database, self.url = self.fresh("shop")
        self.write("before.schema", text % "point")
        self.write("after.schema", text % "integer")
        self.apply(0, "before", "--yes")
        self.sql("INSERT INTO app.t VALUES (1, '(1,2)')")
        done = self.call(3, "plan", "--url", self.url, "--schema", "after.schema")
        self.assertIn("convert using (expression)", done.stdout + done.stderr)

    def test_one_rewrite_a_table(self):
        plan = self.columns("a integer; b integer not null default 5; c text; index t_a on (a);",
                            "a bigint; b bigint not null default 5; c varchar(9) not null; index t_a on (a);",
                            f"INSERT INTO app.t SELECT g, g, g, 'v' FROM {ROWS}")
        rewriting = [step for step in plan["steps"] if step["rewrites"]]
        self.assertEqual(1, len(rewriting))
        self.assertIn("COLUMN a TYPE bigint", rewriting[0]["sql"][0])
        self.assertIn("COLUMN b TYPE bigint", rewriting[0]["sql"][0])
        self.applied("SELECT sum(a), sum(b), count(c) FROM app.t", "45150\t45150\t300")

    # --- types

    def test_values_inside_other_types(self):
        for before, after, column, value, shown in some((
                ("domain d as varchar(5); composite k (x d, n integer);", "domain d as varchar(9); composite k (x d, n integer);", "k",
                 "('q' || g, 1)::app.k", "(q7,1)"),
                ("domain d as varchar(5); composite k (x d, n integer);", "domain d as varchar(9); composite k (x d, n integer);", "k[]",
                 "ARRAY[('q' || g, 1)::app.k]", '{"(q7,1)"}'),
                ("domain d as integer; domain e as d; composite k (x e[], n integer);",
                 "domain d as bigint; domain e as d; composite k (x e[], n integer);", "k", "(ARRAY[g, g], 1)::app.k", '("{7,7}",1)'),
                ("range r (subtype = integer); composite k (x r, n integer);", "range r (subtype = bigint); composite k (x r, n integer);",
                 "k", "(app.r(g, g + 1), 1)::app.k", '("[7,8)",1)'),
                ("range r (subtype = integer);", "range r (subtype = bigint);", "r", "app.r(g, g + 1)", "[7,8)"),
                ("range r (subtype = integer);", "range r (subtype = bigint);", "r_multirange", "app.r_multirange(app.r(g, g + 1))",
                 "{[7,8)}"),
                ("composite k (x integer, z text);", "composite k (z text, x integer);", "k", "(g, 'z')::app.k", "(z,7)"),
                ("composite k (x integer, n text);", "composite k (x bigint, n text);", "k[]", "ARRAY[(g, 'z')::app.k]", '{"(7,z)"}'),
                ("enum e ('a', 'b', 'c'); composite k (x e, n integer);", "enum e ('b', 'a'); composite k (x e, n integer);", "k",
                 "('a', g)::app.k", "(a,7)"),
                ("domain d as numeric(10, 2) not null default 0;", "domain d as numeric(14, 4) not null default 0;", "d", "g", "7.0000"),
                ("domain d as integer; composite k (x d); composite l (k k, n integer); domain m as l;",
                 "domain d as bigint; composite k (x d); composite l (k k, n integer); domain m as l;", "m",
                 "(row(g), 1)::app.l::app.m", "(\"(7)\",1)"))):
            with self.subTest(before=before, column=column):
                text = "schema app {\n  %s\n  table t { id bigint not null primary key; c " + column + "; }\n}\n"
                plan = self.given(text % before, text % after, f"INSERT INTO app.t SELECT g, {value} FROM {ROWS}")
                self.assertEqual({"c": "converted"}, self.effects(plan))
                self.assertIn("rewrite", self.hazards())
                self.applied("SELECT c::text, (SELECT count(*) FROM app.t WHERE c IS NOT NULL) FROM app.t WHERE id = 7", shown + "\t300")

    def test_values_inside_other_types_are_tried_first(self):
        for before, after, column, value in some((
                ("domain d as varchar(9); composite k (x d, n integer);", "domain d as varchar(3); composite k (x d, n integer);", "k[]",
                 "ARRAY[(CASE WHEN g = 7 THEN 'abcd' ELSE 'a' END, 1)::app.k]"),
                ("domain d as bigint;", "domain d as integer;", "d", "CASE WHEN g = 7 THEN 3000000000 ELSE g END"),
                ("domain d as text;", "domain d as text check d_short (length(value) < 3);", "d", "CASE WHEN g = 7 THEN 'abcd' ELSE 'a' END"),
                ("domain d as text;", "domain d as text check d_short (length(value) < 3);", "d[]",
                 "ARRAY['b', CASE WHEN g = 7 THEN 'abcd' ELSE 'a' END]::app.d[]"),
                ("domain d as text;", "domain d as text not null;", "d[]", "ARRAY['b', CASE WHEN g = 7 THEN NULL ELSE 'a' END]::app.d[]"),
                ("composite k (x text, n integer);", "composite k (x integer, n integer);", "k",
                 "(CASE WHEN g = 7 THEN '1x' ELSE '1' END, 1)::app.k"),
                ("range r (subtype = bigint);", "range r (subtype = integer);", "r", "app.r(g, CASE WHEN g = 7 THEN 3000000000 ELSE 400 END)"),
                ("enum e ('a', 'b'); composite k (x e, n integer);", "enum e ('a'); composite k (x e, n integer);", "k",
                 "(CASE WHEN g = 7 THEN 'b' ELSE 'a' END, 1)::app.k"))):
            with self.subTest(before=before, after=after, column=column):
                text = "schema app {\n  %s\n  table t { id bigint not null primary key; c " + column + "; }\n}\n"
                self.given(text % before, text % after, f"INSERT INTO app.t SELECT g, {value} FROM {ROWS}")
                self.refused("1 row breaks it (7)")

    def test_another_order_inside_an_array_is_refused(self):
        text = "schema app {\n  composite k (%s);\n  table t { id bigint not null primary key; c k[]; }\n}\n"
        self.database, self.url = self.fresh("shop")
        self.write("before.schema", text % "x integer, z text")
        self.write("after.schema", text % "z text, x integer")
        self.apply(0, "before", "--yes")
        done = self.call(3, "plan", "--url", self.url, "--schema", "after.schema")
        self.assertIn("composite app.k", done.stdout + done.stderr)

    def test_functions_views_and_defaults_over_such_a_type(self):
        text = ("schema app {\n  domain d as %s;\n  composite k (x d, n integer);\n"
                "  function f(v k) returns d language sql immutable as $$ select (v).x $$;\n"
                "  table t { id bigint not null primary key; c k default row('a', 1)::k; d d default 'b'; index t_f on (f(c)); }\n"
                "  table u { id bigint not null primary key; c k[]; }\n"
                "  view v as $$ select id, (c).x from t $$;\n}\n")
        plan = self.given(text % "varchar(5)", text % "varchar(9)",
                          f"INSERT INTO app.t (id) SELECT g FROM {ROWS}; INSERT INTO app.u SELECT id, ARRAY[c] FROM app.t")
        rewrites = [line for line in self.call(0, "plan", "--url", self.url, "--schema", "after.schema").stdout.splitlines()
                    if "consent: --allow rewrite:" in line]
        self.assertEqual(2, len(rewrites))
        self.assertEqual({"c": "converted", "d": "converted"}, self.effects(plan))
        self.applied("SELECT count(*), min(x), (SELECT count(*) FROM app.u WHERE c[1] IS NOT NULL) FROM app.v", "300\ta\t300")

    def test_an_attribute_that_goes_is_saved(self):
        text = "schema app {\n  composite k (x integer%s);\n  table t { id bigint not null primary key; c k; }\n}\n"
        plan = self.given(text % ", y text", text % "", f"INSERT INTO app.t SELECT g, (g, 'y')::app.k FROM {ROWS}")
        self.assertEqual({"y": "lost"}, self.effects(plan))
        losses = [loss for step in plan["steps"] for loss in step["losses"]]
        self.assertEqual([("app.k.y", "app.t")], [(loss["object"], loss["relation"]) for loss in losses])
        self.assertEqual(["drop-object"], self.hazards())
        self.applied("SELECT sum((c).x) FROM app.t", "45150")

    def test_a_column_of_a_checked_domain(self):
        text = "schema app {\n  domain d as integer%s check d_positive (%s);\n  table t { id bigint not null primary key;%s }\n}\n"
        rows = f"INSERT INTO app.t SELECT g FROM {ROWS}"
        self.given(text % ("", "value >= 0", ""), text % ("", "value >= 0", " c d;"), rows)
        self.applied("SELECT count(*), count(c) FROM app.t", "300\t0")
        self.given(text % ("", "value is not null", ""), text % ("", "value is not null", " c d;"), rows)
        self.refused("300 rows break it")
        self.given(text % (" default 5", "value >= 0", ""), text % (" default 5", "value >= 0", " c d;"), rows)
        self.applied("SELECT count(*), sum(c) FROM app.t", "300\t1500")


if __name__ == "__main__":
    unittest.main()
