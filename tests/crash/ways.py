#!/usr/bin/env python3
"""Every way a run can go after it was killed ends in a database of which `verify` says the truth: no drift, nothing pending, no
transitional object left, every value kept.

  tests/crash/ways.py [--lockstep BINARY] [--orders N] [--all] [--plans shop,small,partitions] [--steps s01,s02] [--points …] [--ways …]
                      [--each 1]

  resume       `resume` once
  twice        killed again at a later step of the resumed run, then `resume`
  saved        a saved plan applied without its files, killed, then `resume`
  abandon-new  given up, then the new files are applied
  abandon-old  given up, then the old files are applied: back to where it began
  undo         given up and undone at once, then the old files
  other        the old files are applied while the run is open: refused, with --yes too; then `resume`

By default each step is killed at one point and goes two of these ways, in turn."""
import argparse
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import POINTS, V1, V2, Trial  # noqa: E402
from server import Server  # noqa: E402

WAYS = ("resume", "abandon-new", "abandon-old", "twice", "saved", "undo", "other")

# A column with default and NOT NULL goes, another comes with a backfill, an index and a key get another definition, one is new.
OLD = """schema app {
  table t {
    id bigint not null primary key;
    gone integer not null default 7;
    note text;
    number integer not null;
    unique t_number (number);
    index t_note on (note);
  }
}
"""
NEW = """schema app {
  table t {
    id bigint not null primary key;
    note text;
    number integer not null;
    extra text not null backfill ('n' || id);
    unique t_number (number, id);
    index t_note on (note, number);
    index t_extra on (extra);
  }
}
"""
ROWS = "INSERT INTO app.t SELECT n, n % 13, 'note ' || n, n FROM generate_series(1, 3000) n;"

# A table with rows becomes a partition, and another is made, beside a DEFAULT one with rows.
PARTED = """schema app {
  table p partition by list (kind) {
    kind text not null;
    id bigint not null;
    primary key (kind, id);
    partition rest default;%s
  }
%s}
"""
ATTACHED = "  table a {\n    kind text not null;\n    id bigint not null;\n    primary key a_pkey (kind, id);\n  }\n"
PLANS = {
    "small": (OLD, NEW, ROWS),
    "partitions": (PARTED % ("", ATTACHED), PARTED % ("\n    partition a for values in ('a');\n    partition b for values in ('b');", ""),
                   "INSERT INTO app.a SELECT 'a', n FROM generate_series(1, 2000) n; INSERT INTO app.p SELECT 'c', n FROM generate_series(1, 2000) n;"),
}


class Ways(Trial):
    def __init__(self, lockstep, server, folder, name, orders):
        super().__init__(lockstep, server, folder)
        self.old, self.new = os.path.join(folder, "old.schema"), os.path.join(folder, "new.schema")
        if name == "shop":
            self.new = V2
            with open(V1, encoding="utf-8") as stream:  # the way back has to say that a name changes back
                self.write(self.old, stream.read().replace("name       text not null;", "name text not null renamed from full_name;"))
            self.base_database = self.base(orders)
        else:
            old, new, rows = PLANS[name]
            self.write(self.old, old)
            self.write(self.new, new)
            first = server.new_database()
            self.apply(first, self.old)
            dump = server.dump(first, "-s", runnable=True)
            self.base_database = server.new_database()
            server.sql(self.base_database, dump)
            server.sql(self.base_database, rows)
        self.plan_file = os.path.join(folder, name + ".json")
        planned = self.start()
        self.call("plan", "--url", server.url(planned), "--schema", self.new, "-o", self.plan_file)
        with open(self.plan_file, encoding="utf-8") as stream:
            self.steps = json.load(stream)["steps"]
        self.end(planned)

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)

    def start(self):
        """A copy whose last state is recorded as applied."""
        database = self.server.new_database(self.base_database)
        self.apply(database, self.old)
        return database

    def end(self, database):
        self.server.drop_database(database)

    def values(self, database, columns):
        lines = []
        for table, names in columns.items():
            keys = ", ".join(f"'{name}'" for name in names)
            lines.append(table + ": " + self.server.sql(
                database, f"SELECT count(*), coalesce(sum(hashtextextended((SELECT jsonb_object_agg(key, value ORDER BY key)::text FROM "
                          f"jsonb_each(to_jsonb(t)) WHERE key IN ({keys})), 0)), 0) FROM {table} t").strip())
        return lines

    def columns(self, database):
        rows = self.server.sql(database, "SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = "
                                         "a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('shop', 'app') AND c.relkind "
                                         "= 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'updated_at' ORDER BY 1, 2")
        found = {}
        for line in rows.splitlines():
            table, column = line.split("\t")
            found.setdefault(table, set()).add(column)
        return found

    def verify(self, database, schema=None, strict=True):
        more = ["--schema", schema, "--strict"] if schema and strict else ["--schema", schema] if schema else []
        done = self.call("verify", "--url", self.server.url(database), "--format", "json", *more, expect=None)
        if not done.stdout.startswith("{"):
            raise AssertionError(f"verify {' '.join(more)}: exit {done.returncode}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
        standing = json.loads(done.stdout)["databases"][0]
        wrong = {key: standing[key] for key in ("drift",) + (("pending",) if schema and strict else ()) if standing[key] != []}
        if done.returncode != 0 or wrong or standing["journal"] != "intact":
            raise AssertionError(f"verify {' '.join(more)}: exit {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        return standing

    def finished(self, database, schema, kept):
        """`kept`: columns by table whose values must be those of the base."""
        standing = self.verify(database, schema)
        if standing["open_run"] or standing["left_behind"]:
            raise AssertionError("an open run or something left behind:\n" + json.dumps(standing, indent=1))
        left = self.server.sql(database, "SELECT role, names FROM lockstep.object")
        if left.strip():
            raise AssertionError("left in lockstep.object: " + left)
        helpers = self.server.sql(database, "SELECT proname FROM pg_proc WHERE pronamespace = 'lockstep'::regnamespace AND proname <> 'refuse_change' UNION "
                                            "SELECT tgname FROM pg_trigger WHERE tgname ~ '^zz_lockstep' UNION SELECT attname FROM pg_attribute "
                                            "WHERE attname ~ '^lockstep_' AND NOT attisdropped AND attrelid >= 16384 AND attrelid <> ALL "
                                            "(ARRAY(SELECT oid FROM pg_class WHERE relnamespace = 'lockstep'::regnamespace)) UNION SELECT relname "
                                            "FROM pg_class WHERE relname ~ '^lockstep_' AND relkind IN ('i', 'I') UNION SELECT conname FROM "
                                            "pg_constraint WHERE conname ~ '^lockstep_'")
        if helpers.strip():
            raise AssertionError("transitional objects are still there: " + helpers)
        columns = {table: names & self.columns(database).get(table, set()) for table, names in kept.items()}
        wanted, found = self.values(self.base_database, columns), self.values(database, columns)
        if wanted != found:
            raise AssertionError("values differ:\n" + "\n".join(f"{a}\n{b}" for a, b in zip(wanted, found) if a != b))

    def kill(self, database, at, *what):
        done = self.call(*what, "--url", self.server.url(database), "--yes", "--allow", "all", crash=at, expect=None)
        if done.returncode not in (-9, 0):
            raise AssertionError(f"the first run ended with {done.returncode}\n{done.stderr[-2000:]}")
        return done.returncode == -9

    def go(self, way, step, point):
        """False: the step never passes that point."""
        database = self.start()
        url = self.server.url(database)
        try:
            before = self.columns(database)
            first = ("apply", self.plan_file) if way == "saved" else ("apply", "--schema", self.new)
            if way == "saved":  # a plan is of one database
                self.call("plan", "--url", url, "--schema", self.new, "-o", os.path.join(self.folder, "own.json"))
                first = ("apply", os.path.join(self.folder, "own.json"))
            if not self.kill(database, f"{step}:{point}", *first):
                self.finished(database, self.new, before)
                return False
            if way != "abandon-new":
                self.verify(database)  # half-way, too, nothing is drift
            getattr(self, way.replace("-", "_"))(database, url, step, before)
            return True
        finally:
            self.end(database)

    def resume(self, database, url, step, before):
        self.call("resume", "--url", url, "--yes")
        self.finished(database, self.new, before)

    def twice(self, database, url, step, before):
        later = [one["id"] for one in self.steps if one["id"] > step]
        if later:
            self.call("resume", "--url", url, "--yes", crash=f"{later[len(later) // 2]}:after-exec", expect=None)
        self.resume(database, url, step, before)

    saved = resume

    def back(self, database, before):
        """The old files again. Where the column's values are gone already, the backup has them."""
        kept = {table: names & self.columns(database).get(table, set()) | {
            name for name in names if self.server.sql(database, f"SELECT 1 FROM lockstep.object WHERE subject[3] = '{name}' AND attnum > 0").strip()}
            for table, names in before.items()}
        self.apply(database, self.old)
        self.finished(database, self.old, kept)
        if self.columns(database) != before:
            raise AssertionError(f"columns differ: {self.columns(database)}")

    def abandon_new(self, database, url, step, before):
        self.call("resolve", "--abandon", "--reason", "test", "--url", url)
        self.verify(database)
        self.apply(database, self.new)
        self.finished(database, self.new, before)

    def abandon_old(self, database, url, step, before):
        self.call("resolve", "--abandon", "--reason", "test", "--url", url)
        self.verify(database)
        self.back(database, before)

    def undo(self, database, url, step, before):
        self.call("resolve", "--abandon", "--undo", "--reason", "test", "--url", url)
        self.verify(database)
        if self.server.sql(database, "SELECT 1 FROM lockstep.object").strip():
            raise AssertionError("--undo left something behind")
        self.back(database, before)

    def other(self, database, url, step, before):
        if self.verify(database)["open_run"]:
            refused = self.call("apply", "--url", url, "--schema", self.old, "--yes", "--allow", "all", expect=None)
            if refused.returncode != 3 and "is open on database" in refused.stderr:
                raise AssertionError(f"apply of other files: exit {refused.returncode}\n{refused.stderr}")
            if refused.returncode == 3 and "lockstep resume" not in refused.stderr:
                raise AssertionError("the refusal doesn't say what to type:\n" + refused.stderr)
        self.call("resume", "--url", url, "--yes", expect=None)
        self.verify(database, self.old, strict=False)
        self.apply(database, self.new)
        self.finished(database, self.new, before)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--orders", type=int, default=600)
    parser.add_argument("--plans", default="small,partitions,shop")
    parser.add_argument("--steps", default="")
    parser.add_argument("--points", default="")
    parser.add_argument("--ways", default="")
    parser.add_argument("--each", type=int, default=2, help="ways a step: 1 or 2")
    parser.add_argument("--all", action="store_true", help="every point of every step, every way")
    options = parser.parse_args()
    begun, runs, passed_by, failures = time.time(), 0, 0, []
    with Server() as server:
        for name in options.plans.split(","):
            with tempfile.TemporaryDirectory(prefix="lockstep_ways_") as folder:
                trial = Ways(os.path.abspath(options.lockstep), server, folder, name, options.orders)
                print(f"{name}: {len(trial.steps)} steps", flush=True)
                for number, step in enumerate(one["id"] for one in trial.steps):
                    if options.steps and step not in options.steps.split(","):
                        continue
                    points = options.points.split(",") if options.points else POINTS if options.all else (
                        ("after-settled", "after-exec", "before-commit", "after-intent")[number % 4],)
                    chosen = options.ways.split(",") if options.ways else WAYS if options.all else (
                        WAYS[number % len(WAYS)], WAYS[(number + 2 + number // len(WAYS)) % len(WAYS)])[:options.each]
                    for point in points:
                        for way in chosen:
                            runs += 1
                            try:
                                passed_by += 0 if trial.go(way, step, point) else 1
                            except AssertionError as error:
                                failures.append(f"{name} {step}:{point} {way}: {error}")
                                print("FAIL  " + failures[-1], flush=True)
    print(f"{runs} runs in {time.time() - begun:.0f} s: {passed_by} passed no such point")
    print(f"{runs - len(failures)} passed, {len(failures)} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
