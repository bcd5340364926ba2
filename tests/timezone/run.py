#!/usr/bin/env python3
"""Text means what it means in the target's own sessions: TimeZone, DateStyle and the like of its databases and roles.

  run.py --lockstep PATH [TEST…]"""
import argparse
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
from harness import Case  # noqa: E402

NEW_YORK = ("timezone = 'America/New_York'", "datestyle = 'SQL, DMY'", "intervalstyle = 'sql_standard'", "bytea_output = 'escape'")

# All that is folded or evaluated while it is made: defaults, checks, partial indexes, bounds, generated columns, views.
BUILT = r"""
CREATE TABLE events (
  id integer PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT '2020-01-01'::timestamptz,
  day date NOT NULL DEFAULT '02/03/2020',
  span interval NOT NULL DEFAULT '-1 2:00:00',
  CONSTRAINT recent CHECK (at >= '01/02/2001 00:00'::timestamptz)
);
CREATE INDEX late ON events (id) WHERE at > '2020-06-01 12:00';
CREATE TABLE parts (at timestamptz NOT NULL, day date) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('01/02/2020');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('01/02/2020') TO ('2021-01-01');
CREATE VIEW seen AS SELECT id FROM events WHERE at < '2021-01-01'::timestamptz AND day > '13/12/2019'::date;
CREATE DOMAIN later AS timestamptz CHECK (VALUE > '2000-01-01'::timestamptz) DEFAULT '2020-01-01';
"""

SCHEMA = """schema public {
  table t {
    id integer not null primary key;
    at timestamptz not null;
    day date not null backfill (at::date);
    said text not null backfill (at::text);
    index t_late on (id) where at > '2020-06-01';
    check t_recent (at > '01/02/2001');
  }
  table p partition by range (at) {
    at timestamptz not null;
    partition p1 for values from ('2020-01-01') to ('01/02/2020');
  }
}
"""
BEFORE = "CREATE TABLE t (id integer PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO t VALUES (1, '2020-07-01 02:00:00+00'), (2, '2020-07-01 12:00:00+00');"


class OwnSettings(Case):
    def setUp(self):
        super().setUp()
        self.sql("; ".join(f"ALTER DATABASE {self.database} SET {setting}" for setting in NEW_YORK))

    def nothing_to_do(self, file, url=None):
        done = self.call(0, "plan", "--url", url or self.url, "--schema", file, "--detailed-exitcode", "--no-cache")
        self.assertNotIn("Steps", done.stdout)

    def test_the_file_that_built_it_plans_nothing(self):
        self.write("built.sql", BUILT)
        self.sql(BUILT)
        self.nothing_to_do("built.sql")

    def test_what_a_file_sets_itself_wins(self):
        text = "SET timezone = 'Asia/Tokyo'; SET datestyle = 'ISO, MDY';\n" + BUILT.replace("13/12/2019", "12/13/2019")
        self.write("built.sql", text)
        self.sql(text)
        self.nothing_to_do("built.sql")
        other, url = self.fresh("other")
        self.sql(text, other)
        self.nothing_to_do("built.sql", url)

    def test_inspected_it_plans_nothing(self):
        self.sql(BUILT)
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.nothing_to_do("live.schema")

    def test_values_are_what_psql_gives(self):
        self.write("want.schema", SCHEMA)
        self.sql(BEFORE)
        self.call(0, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "all")
        by_psql, _ = self.fresh("by_psql")
        self.sql("; ".join(f"ALTER DATABASE {by_psql} SET {setting}" for setting in NEW_YORK))
        self.sql(BEFORE, by_psql)
        self.sql("ALTER TABLE t ADD day date, ADD said text; UPDATE t SET day = at::date, said = at::text; "
                 "ALTER TABLE t ALTER day SET NOT NULL, ALTER said SET NOT NULL; CREATE INDEX t_late ON t (id) WHERE at > '2020-06-01'; "
                 "ALTER TABLE t ADD CONSTRAINT t_recent CHECK (at > '01/02/2001'); "
                 "CREATE TABLE p (at timestamptz NOT NULL) PARTITION BY RANGE (at); "
                 "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('01/02/2020')", by_psql)
        rows = "SELECT id, at, day, said FROM t ORDER BY id"
        self.assertEqual(self.sql(rows, by_psql), self.sql(rows))
        self.assertIn("30/06/2020", self.sql(rows))
        self.assertEqual(self.server.dump(by_psql), self.server.dump(self.database))

    def test_timestamps_turn_into_instants_of_its_zone(self):
        self.sql("CREATE TABLE t (id integer PRIMARY KEY, at timestamp NOT NULL); INSERT INTO t VALUES (1, '2024-07-01 12:00')")
        self.write("want.schema", "schema public { table t { id integer not null primary key; at timestamptz not null; } }\n")
        self.call(0, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "all")
        self.assertEqual("2024-07-01 16:00:00\n", self.sql("SET datestyle = ISO; SELECT at AT TIME ZONE 'UTC' FROM t"))

    def test_convert_using_reads_dates_as_the_database_does(self):
        self.sql("CREATE TABLE t (id integer PRIMARY KEY, day text NOT NULL); INSERT INTO t VALUES (1, '02/03/2020')")
        self.write("want.schema", "schema public { table t { id integer not null primary key; day date not null convert using (day::date); } }\n")
        self.call(0, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "all")
        self.assertEqual("2020-03-02\n", self.sql("SET datestyle = ISO; SELECT day FROM t"))

    def test_rows_that_were_saved_come_back_as_they_were(self):
        self.sql("CREATE TABLE t (id integer PRIMARY KEY, at timestamptz, day date, raw bytea); "
                 "INSERT INTO t VALUES (1, '2024-07-01 12:00+00', '2024-02-03', '\\x01ff')")
        before = self.sql("SELECT * FROM t")
        self.write("less.schema", "schema public { drop table t; }\n")
        self.call(0, "apply", "--url", self.url, "--schema", "less.schema", "--yes", "--allow", "all")
        self.sql("CREATE TABLE t (id integer PRIMARY KEY, at timestamptz, day date, raw bytea)")
        run = json.loads(self.call(0, "backup", "list", "--format", "json").stdout)["backups"][0]["run"]
        self.call(0, "backup", "restore", run, "--url", self.url, "--yes")
        self.assertEqual(before, self.sql("SELECT * FROM t"))


class OfARole(Case):
    def setUp(self):
        super().setUp()
        self.sql("DROP ROLE IF EXISTS lockstep_test_zone; CREATE ROLE lockstep_test_zone LOGIN SUPERUSER")
        self.addCleanup(lambda: self.sql("DROP ROLE IF EXISTS lockstep_test_zone", "postgres"))
        self.addCleanup(lambda: self.sql("DROP OWNED BY lockstep_test_zone; ALTER ROLE lockstep_test_zone RESET ALL"))
        self.role_url = self.url.replace("user=postgres", "user=lockstep_test_zone")

    def built(self):
        self.write("built.sql", BUILT)
        self.sql("SET ROLE lockstep_test_zone;" + "".join(f"SET {setting};" for setting in NEW_YORK) + BUILT)

    def test_of_the_role(self):
        self.built()
        self.sql("".join(f"ALTER ROLE lockstep_test_zone SET {setting};" for setting in NEW_YORK))
        self.call(0, "plan", "--url", self.role_url, "--schema", "built.sql", "--detailed-exitcode")

    def test_of_the_role_in_the_database(self):
        self.built()
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'Asia/Tokyo';" +
                 "".join(f"ALTER ROLE lockstep_test_zone IN DATABASE {self.database} SET {setting};" for setting in NEW_YORK))
        self.call(0, "plan", "--url", self.role_url, "--schema", "built.sql", "--detailed-exitcode")
        done = self.call(64, "plan", "--url", self.url, "--schema", "built.sql", "--detailed-exitcode")
        self.assertIn('out of range: "13/12/2019"', done.stderr)  # to others, who have another DateStyle

    def test_the_machine_that_plans_does_not_count(self):
        self.sql("CREATE TABLE t (at timestamptz DEFAULT '2020-01-01 00:00:00+00')")
        self.write("want.schema", "schema public { table t { at timestamptz default '2020-01-01'; } }\n")
        zone = self.sql("SHOW timezone").strip()
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'UTC'")
        self.call(0, "plan", "--url", self.url, "--schema", "want.schema", "--detailed-exitcode", "--no-cache",
                  environment={"PGTZ": "Asia/Tokyo", "TZ": "Asia/Tokyo", "PGDATESTYLE": "German"})
        self.assertTrue(zone)


class ThatChange(Case):
    WANT = "schema public { table t { id integer not null primary key; at timestamptz not null; day date not null backfill (at::date); } }\n"

    def test_a_saved_plan_is_stale_when_they_changed(self):
        self.sql(BEFORE)
        self.write("want.schema", self.WANT)
        self.call(0, "plan", "--url", self.url, "--schema", "want.schema", "-o", "plan.json")
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'America/New_York'")
        done = self.call(4, "apply", "plan.json", "--url", self.url, "--yes", "--allow", "all")
        self.assertIn("the setting TimeZone", done.stderr)
        self.assertNotIn("day", self.sql("SELECT column_name FROM information_schema.columns WHERE table_name = 't'"))

    def test_a_run_that_goes_on_keeps_those_it_began_with(self):
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'America/New_York';" + BEFORE)
        self.write("want.schema", self.WANT)
        self.killed("want", "s01")
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'Asia/Tokyo'")
        self.call(0, "resume", "--url", self.url, "--yes")
        self.assertEqual("2020-06-30\n2020-07-01\n", self.sql("SELECT day FROM t ORDER BY id"))

    def test_answers_are_kept_apart(self):
        text = "schema public { table t { at timestamptz default '2020-01-01'; } }\n"
        self.write("want.schema", text)
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'UTC'; CREATE TABLE t (at timestamptz DEFAULT '2020-01-01 00:00:00+00')")
        self.call(0, "plan", "--url", self.url, "--schema", "want.schema", "--detailed-exitcode")
        self.sql(f"ALTER DATABASE {self.database} SET timezone = 'Asia/Tokyo'")
        self.call(2, "plan", "--url", self.url, "--schema", "want.schema", "--detailed-exitcode")

    def test_without_a_database_it_says_how_it_reads(self):
        self.write("want.schema", self.WANT)
        self.assertIn("no database was named", self.call(0, "check", "--schema", "want.schema").stdout)


class WhatIsRewritten(Case):
    """Since PostgreSQL 12 a timestamp becomes a timestamptz, or the other way round, without a rewrite, but only where the session's time zone is UTC."""

    def steps(self, zone, before, after, index=""):
        self.sql(f"ALTER DATABASE {self.database} SET timezone = '{zone}'; CREATE TABLE t (id integer PRIMARY KEY, at {before} NOT NULL); "
                 f"INSERT INTO t SELECT n, '2024-07-01 12:00+00' FROM generate_series(1, 50) n")
        if index:
            self.sql("CREATE INDEX t_at ON t (at)")
        self.write("want.schema", f"schema public {{ table t {{ online; id integer not null primary key; at {after}; {index} }} }}\n")
        self.call(0, "plan", "--url", self.url, "--schema", "want.schema", "-o", "plan.json")
        with open(os.path.join(self.folder, "plan.json"), encoding="utf-8") as stream:
            steps = json.load(stream)["steps"]
        self.call(0, "apply", "--url", self.url, "--schema", "want.schema", "--yes", "--allow", "all")
        self.assertFalse([step["title"] for step in steps if step["lock"] == "ACCESS EXCLUSIVE" and (step["rewrites"] or step["builds"])])
        return [step["title"] for step in steps]

    def instants(self):
        return self.sql("SET timezone = 'UTC'; SELECT DISTINCT at::text FROM t")

    def test_nothing_in_utc(self):
        self.assertEqual(["change type of public.t.at from timestamp without time zone to timestamp with time zone"],
                         self.steps("UTC", "timestamp", "timestamptz not null"))
        self.assertEqual("2024-07-01 12:00:00+00\n", self.instants())

    def test_an_index_in_utc(self):
        titles = self.steps("UTC", "timestamp", "timestamptz not null", "index t_at on (at);")
        self.assertIn("add successors", titles[0])
        self.assertEqual("2024-07-01 12:00:00+00\n", self.instants())

    def test_the_table_elsewhere(self):
        titles = self.steps("America/New_York", "timestamp", "timestamptz not null")
        self.assertIn("add successors", titles[0])
        self.assertEqual("2024-07-01 16:00:00+00\n", self.instants())

    def test_the_table_elsewhere_the_other_way_round(self):
        titles = self.steps("America/New_York", "timestamptz", "timestamp not null")
        self.assertIn("add successors", titles[0])
        self.assertEqual("2024-07-01 08:00:00\n", self.instants())

    def test_the_table_by_an_expression(self):
        titles = self.steps("UTC", "timestamp", "timestamptz not null convert using (at at time zone 'Asia/Tokyo')")
        self.assertIn("add successors", titles[0])
        self.assertEqual("2024-07-01 03:00:00+00\n", self.instants())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    Case.lockstep = os.path.abspath(options.lockstep)
    unittest.main(argv=[sys.argv[0], *options.tests])
