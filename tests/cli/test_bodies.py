"""Bodies of routines that a plan breaks are named with their lines, before anything runs; what only looks alike is not."""
import json

from harness import Case

BEFORE = """
CREATE SCHEMA app; CREATE SCHEMA other;
CREATE TYPE app.mood AS ENUM ('ok', 'sad');
CREATE TYPE app.pair AS (a integer, b integer);
CREATE TABLE app.t (id integer PRIMARY KEY, total numeric NOT NULL DEFAULT 0, state app.mood, note text);
CREATE TABLE app.u (id integer PRIMARY KEY, total numeric NOT NULL DEFAULT 0);
CREATE TABLE other.t (id integer PRIMARY KEY, total numeric NOT NULL DEFAULT 0);
CREATE FUNCTION app.helper(x integer) RETURNS integer LANGUAGE sql AS 'SELECT x + 1';
"""

class Bodies(Case):
    def setUp(self):
        super().setUp()
        self.sql(BEFORE)

    def hazards(self, change, *more):
        """Of the schema as it is, inspected and then changed."""
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        text = self.read("live.schema")
        for before, after in change:
            self.assertIn(before, text)
            text = text.replace(before, after, 1)
        self.write("want.schema", text)
        plan = json.loads(self.call(0, "plan", "--url", self.url, "--schema", "want.schema", "--format", "json", "--no-cache", *more).stdout)
        found = plan.get("plan", plan)
        return [one["message"] for step in found["steps"] for one in step["consequences"] if one["hazard"] == "breaking"]

    RENAME = (("total numeric not null default 0", "amount numeric not null default 0 renamed from total"),)
    DROP = (("total numeric not null default 0;", ""),)

    def named(self, functions, change, expected):
        self.sql(functions)
        # without the view's own, and what a rename itself breaks
        messages = [m for m in self.hazards(change) if "dropped and created anew" not in m and " of its body" in m]
        found = sorted(m.split(" fail:")[0].split(", ", 1)[0].split(".", 1)[1] + ": " + m.split(", ", 1)[1].split(" fail:")[0] for m in messages)
        self.assertEqual(sorted(expected), found, "\n".join(messages))

    def test_trigger_functions_and_records(self):
        self.named("""
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.total := OLD.total + 1;
  NEW.note := 'total';
  RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE FUNCTION app.elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total := 1; RETURN NEW; END $$;
CREATE TRIGGER elsewhere BEFORE UPDATE ON app.u FOR EACH ROW EXECUTE FUNCTION app.elsewhere();
CREATE FUNCTION app.rowtype() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v app.t%ROWTYPE;
  w app.t.total%TYPE;
BEGIN
  v.total := 1;
END $$;
CREATE FUNCTION app.records() RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM app.t LOOP
    RAISE NOTICE '%', r.total;
  END LOOP;
END $$;
""", self.RENAME, ["touch(): line 3 of its body, will", "rowtype(): lines 4, 6 of its body, will", "records(): line 5 of its body, may"])

    def test_statements_aliases_and_paths(self):
        self.named("""
CREATE FUNCTION app.reads() RETURNS numeric LANGUAGE sql AS $$
  SELECT sum(x.total)
  FROM app.t AS x $$;
CREATE FUNCTION app.writes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.t (id, total) VALUES (1, 2)
    ON CONFLICT (id) DO UPDATE SET total = excluded.total;
  UPDATE app.t SET total = 0;
END $$;
CREATE FUNCTION app.by_path() RETURNS numeric LANGUAGE sql SET search_path TO app AS $$ SELECT total FROM t $$;
CREATE FUNCTION app.by_other_path() RETURNS numeric LANGUAGE sql SET search_path TO other, app AS $$ SELECT total FROM t $$;
CREATE FUNCTION app.rows() RETURNS TABLE (n numeric) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT t.total FROM app.t;
END $$;
CREATE FUNCTION app.in_with() RETURNS numeric LANGUAGE sql AS $$
  WITH q AS (SELECT total AS n FROM app.t) SELECT sum(n) FROM q $$;
""", self.RENAME, ["reads(): line 2 of its body, will", "writes(): lines 3, 4, 5 of its body, will", "by_path(): line 1 of its body, will",
                   "rows(): line 3 of its body, will", "in_with(): line 2 of its body, will"])

    def test_no_false_alarms(self):
        self.named("""
CREATE FUNCTION app.local_variable() RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE total numeric := 1;
BEGIN
  total := total + 1;
  -- the total of app.t
  RAISE NOTICE 'app.t has a total';
  RETURN total;
END $$;
CREATE FUNCTION app.alias() RETURNS numeric LANGUAGE sql AS $$ SELECT total FROM (SELECT 1::numeric AS total) AS s $$;
CREATE FUNCTION app.other_table() RETURNS numeric LANGUAGE sql AS $$ SELECT u.total FROM app.u, app.t WHERE t.id = u.id $$;
CREATE FUNCTION app.with_query() RETURNS numeric LANGUAGE sql AS $$ WITH t AS (SELECT 1::numeric AS total) SELECT t.total FROM t $$;
CREATE FUNCTION app.parameter(total numeric) RETURNS numeric LANGUAGE sql AS $$ SELECT total $$;
""", self.RENAME, [])

    def test_what_execute_runs(self):
        self.named("""
CREATE FUNCTION app.dynamic(n integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('update app.t set total = %s', n);
  EXECUTE 'update app.u set id = 1';
END $$;
""", self.RENAME, ["dynamic(integer): line 3 of its body, may"])

    def test_a_drop_and_inserts_without_columns(self):
        self.named("""
CREATE FUNCTION app.adds() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.t VALUES (1, 2, 'ok', 'x');
END $$;
CREATE FUNCTION app.all_rows() RETURNS TABLE (a integer, b numeric, c app.mood, d text) LANGUAGE sql AS $$
  SELECT * FROM app.t $$;
""", self.DROP, ["adds(): line 3 of its body, may", "all_rows(): line 2 of its body, may"])

    def test_tables_functions_and_types(self):
        self.sql("""
CREATE FUNCTION app.of_table() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM app.u $$;
CREATE FUNCTION app.of_function() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  RETURN app.helper(1);
END $$;
CREATE FUNCTION app.of_type() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE p app.pair;
BEGIN
  p.a := 1;
  RETURN p.b;
END $$;
CREATE FUNCTION app.of_value() RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM app.t
  WHERE state = 'sad' $$;
""")
        messages = "\n".join(self.hazards((("table u {", "table customers renamed from u {"),)))
        self.assertIn("function app.of_table(), line 1 of its body, will fail: app.u is renamed to customers", messages)
        self.assertNotIn("of_function", messages)
        messages = "\n".join(self.hazards((("('ok', 'sad')", "('ok')"),)))
        self.assertIn("app.of_value(), line 3 of its body, may fail: value 'sad' of app.mood goes", messages)

    TOUCH = """
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.total := 1;
  RETURN NEW;
END $$;
"""
    TABLE = (("table t {", "table t2 renamed from t {"),)

    def test_a_column_of_a_table_that_is_renamed_too(self):
        self.named(self.TOUCH + """
CREATE TRIGGER touch BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE FUNCTION app.records() RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT * FROM app.t LOOP
    RAISE NOTICE '%', r.total;
  END LOOP;
END $$;
""", self.TABLE + self.RENAME, ["records(): line 4 of its body, will", "records(): line 5 of its body, may", "touch(): line 3 of its body, will"])

    def test_a_column_that_goes_from_a_table_that_is_renamed(self):
        self.named(self.TOUCH + "CREATE TRIGGER touch BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.touch();",
                   self.TABLE + self.DROP, ["touch(): line 3 of its body, will"])

    def test_a_body_that_says_the_new_name_of_the_table_and_the_old_one_of_the_column(self):
        self.named("CREATE FUNCTION app.reads() RETURNS numeric LANGUAGE sql AS $$ SELECT sum(x.total) FROM app.t AS x $$;",
                   self.TABLE + self.RENAME + (("FROM app.t AS x", "FROM app.t2 AS x"),), ["reads(): line 1 of its body, will"])

    def test_a_column_in_a_schema_that_is_renamed_too(self):
        self.named(self.TOUCH + "CREATE TRIGGER touch BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.touch();",
                   (("schema app {", "schema app2 renamed from app {"),) + self.TABLE + self.RENAME + tuple(
                       ("app." + name, "app2." + name) for name in ("touch()", "mood")), ["touch(): line 3 of its body, will"])

    def test_an_attribute_of_a_type_that_is_renamed_too(self):
        self.named("CREATE FUNCTION app.first() RETURNS integer LANGUAGE plpgsql AS $$ DECLARE p app.pair; BEGIN\nRETURN p.a;\nEND $$;",
                   (("composite pair (a integer, b integer)", "composite pair2 (c integer renamed from a, b integer) renamed from pair"),),
                   ["first(): line 1 of its body, will", "first(): line 2 of its body, will"])

    def test_a_trigger_of_a_partition_and_of_a_view(self):
        self.named(self.TOUCH + """
CREATE TABLE app.p (id integer, total numeric) PARTITION BY RANGE (id);
CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES FROM (0) TO (10);
CREATE TRIGGER touch BEFORE UPDATE ON app.p1 FOR EACH ROW EXECUTE FUNCTION app.touch();
""", (("table p partition by range (id) {", "table p2 partition by range (id) renamed from p {"), ("total numeric;", "amount numeric renamed from total;")),
            ["touch(): line 3 of its body, will"])

    def test_a_column_that_a_view_loses(self):
        self.named(self.TOUCH + """
CREATE VIEW app.v AS SELECT id, total FROM app.t;
CREATE TRIGGER touch INSTEAD OF UPDATE ON app.v FOR EACH ROW EXECUTE FUNCTION app.touch();
""", self.TABLE + self.RENAME + (("t.total", "t2.amount"), ("t.id", "t2.id"), ("FROM app.t", "FROM app.t2")), ["touch(): line 3 of its body, will"])

    def test_a_function_that_goes_and_a_table_renamed(self):
        self.named("CREATE FUNCTION app.calls() RETURNS bigint LANGUAGE sql AS $$\nSELECT sum(app.helper(id)) FROM app.t $$;",
                   self.TABLE + (("function helper(x integer)", "function helper2(x integer)"),),
                   ["calls(): line 2 of its body, will", "calls(): line 2 of its body, will"])

    def test_a_body_that_the_plan_replaces_is_judged_by_its_new_text(self):
        self.named("CREATE FUNCTION app.reads() RETURNS numeric LANGUAGE sql AS $$ SELECT sum(x.total) FROM app.t AS x $$;",
                   self.RENAME + (("sum(x.total)", "sum(x.amount)"),), [])

    def test_refused_without_consent(self):
        self.sql("CREATE FUNCTION app.reads() RETURNS numeric LANGUAGE sql AS $$ SELECT sum(x.total) FROM app.t AS x $$;")
        self.hazards(self.RENAME)
        done = self.call(3, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "breaking:app.t*")
        self.assertIn("app.reads", done.stdout + done.stderr)
        self.assertIn("total", self.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = 'app' AND table_name = 't'"))

    def test_large_and_deep_bodies_do_no_harm(self):
        long = "SELECT " + "+".join(["1"] * 60000) + " FROM app.t WHERE total > 0"
        deep = "SELECT " + "(" * 20000 + "total" + ")" * 20000 + " FROM app.t"
        for name, text in (("long", long), ("deep", deep)):
            self.sql(f"SET check_function_bodies = off; CREATE FUNCTION app.{name}() RETURNS integer LANGUAGE sql AS $$ {text} $$;")
        messages = "\n".join(self.hazards(self.RENAME))
        self.assertIn("app.long(), line 1 of its body, may fail", messages)
        self.assertIn("a search for the word", messages)


class Owners(Case):
    def setUp(self):
        super().setUp()
        self.sql("DROP ROLE IF EXISTS lockstep_test_old; CREATE ROLE lockstep_test_old; CREATE SCHEMA app; CREATE TABLE app.t (id integer)")
        self.addCleanup(lambda: self.sql("DROP ROLE lockstep_test_old", "postgres"))
        self.addCleanup(lambda: self.sql("DROP OWNED BY lockstep_test_old"))

    def test_a_change_of_owner_is_a_hazard(self):
        self.sql("ALTER TABLE app.t OWNER TO lockstep_test_old")
        self.write("want.schema", "schema app { table t owner postgres { id integer; } }\n")
        done = self.call(3, "apply", "--url", self.url, "--schema", "want.schema", "--yes")
        self.assertIn("role lockstep_test_old loses", done.stdout + done.stderr)
        self.call(0, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "breaking:app.t")
        self.assertEqual("postgres\n", self.sql("SELECT tableowner FROM pg_tables WHERE tablename = 't'"))

    def test_files_say_no_owner_that_is_just_who_connects(self):
        text = self.call(0, "inspect", "--url", self.url).stdout
        self.assertNotIn("owner", text)
        self.assertNotIn("OWNER TO", self.call(0, "inspect", "--url", self.url, "--format", "sql").stdout)
        self.assertIn("default owner postgres", self.call(0, "inspect", "--url", self.url, "--owners").stdout)
        self.sql("ALTER TABLE app.t OWNER TO lockstep_test_old")
        self.assertIn("owner lockstep_test_old", self.call(0, "inspect", "--url", self.url).stdout)

    def test_an_owner_that_nobody_declared_stays(self):
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.sql("ALTER TABLE app.t OWNER TO lockstep_test_old")
        self.assertNotIn("Steps", self.call(0, "plan", "--url", self.url, "--schema", "live.schema", "--detailed-exitcode").stdout)


class Fired(Case):
    BEFORE = """CREATE SCHEMA app; CREATE TABLE app.t (id integer PRIMARY KEY, touched integer NOT NULL DEFAULT 0);
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := NEW.touched + 1; RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.touch();
INSERT INTO app.t SELECT generate_series(1, 500);"""

    def want(self, clause):
        self.call(0, "inspect", "--url", self.url, "-o", "want.schema")
        text = self.read("want.schema")
        self.write("want.schema", text.replace("touched integer not null default 0;", f"touched integer not null default 0; extra integer not null backfill (id) {clause};", 1))

    def test_a_backfill_names_what_fires(self):
        self.sql(self.BEFORE)
        self.want("")
        done = self.call(3, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "breaking")
        self.assertIn("trigger app.t.touch", done.stdout + done.stderr)
        self.call(0, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "breaking", "--allow", "fires-triggers:app.t")
        self.assertEqual("500\n", self.sql("SELECT count(*) FROM app.t WHERE extra = id"))


class Restoring(Case):
    def setUp(self):
        super().setUp()
        self.sql("CREATE SCHEMA app; CREATE TABLE app.t (id integer PRIMARY KEY, note text, at text); INSERT INTO app.t VALUES (1, 'a', 'then')")
        self.write("none.schema", "schema app { table t { id integer not null primary key; at text; } }\n")
        self.call(0, "apply", "--url", self.url, "--schema", "none.schema", "--yes", "--allow", "all")
        self.sql("""ALTER TABLE app.t ADD note text;
CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := ''now''; RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.stamp(); ALTER TABLE app.t ENABLE ALWAYS TRIGGER stamp;""")
        self.run_id = json.loads(self.call(0, "backup", "list", "--format", "json").stdout)["backups"][0]["run"]

    def test_a_warning_before(self):
        done = self.call(0, "backup", "restore", self.run_id, "--url", self.url, "--yes")
        self.assertIn("trigger stamp on app.t", done.stderr)
        self.assertEqual("1\tnow\ta\n", self.sql("SELECT * FROM app.t"))

    def test_without_triggers(self):
        self.call(0, "backup", "restore", self.run_id, "--url", self.url, "--yes", "--without-triggers")
        self.assertEqual("1\tthen\ta\n", self.sql("SELECT * FROM app.t"))
        self.assertEqual("A\n", self.sql("SELECT tgenabled FROM pg_trigger WHERE tgname = 'stamp'"))
        self.sql("UPDATE app.t SET note = 'b'")
        self.assertEqual("now\n", self.sql("SELECT at FROM app.t"))
