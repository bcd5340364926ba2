#!/usr/bin/env python3
"""Kills `lockstep apply` (SIGKILL, from inside) at every boundary of every step of the demo's change, runs the same command
again, and wants the very database that an undisturbed run leaves: same schema, same rows, by pg_dump.

  tests/crash/run.py [--lockstep BINARY] [--orders N] [--all] [--steps s01,s02] [--points after-exec,…]

By default a point of each step, in turn, and of every third step another, so that every point has its steps; --all is every point of every step.
A point that a step never passes (a backup where nothing is lost) ends in an undisturbed run and is counted apart; every
step must be killed at least once."""
import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from server import Server  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
V1, V2, SEED = (os.path.join(ROOT, "schemas", name) for name in ("shop.schema", "shop_v2.schema", "shop_seed.sql"))
POINTS = ("before-journal", "after-intent", "after-backup", "before-exec", "after-exec", "before-commit", "after-commit", "after-settled")


class Trial:
    def __init__(self, lockstep, server, folder):
        self.lockstep, self.server, self.folder = lockstep, server, folder

    def call(self, *arguments, crash=None, expect=0):
        environment = dict(os.environ)
        environment.pop("LOCKSTEP_CRASH_AT", None)
        if crash:
            environment["LOCKSTEP_CRASH_AT"] = crash
        done = subprocess.run([self.lockstep, *arguments], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"lockstep {' '.join(arguments)}: exit {done.returncode}, not {expect}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done

    def apply(self, database, schema=V2, **how):
        return self.call("apply", "--url", self.server.url(database), "--schema", schema, "--yes", "--allow", "all", **how)

    def base(self, orders):
        """Version 1 with rows and without Lockstep's journal, to be copied for every trial."""
        first = self.server.new_database()
        self.apply(first, V1)
        dump = self.server.dump(first, "-s", runnable=True)
        base = self.server.new_database()
        self.server.sql(base, dump)
        with open(SEED, encoding="utf-8") as stream:
            self.server.sql(base, f"SET shop.orders = '{orders}';\n" + stream.read())
        return base

    def contents(self, database):
        """Schema and rows as sorted lines: neither column order nor the order of rows on disk counts for a difference, nor does
        updated_at, which a trigger of the shop sets to the time of the backfill."""
        schema = sorted(line.rstrip(",") for line in self.server.dump(database, "-s").splitlines())
        return schema + self.rows(database)

    def rows(self, database):
        tables = self.server.sql(database, "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                           "c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname = 'shop' ORDER BY 1").split()
        lines = []
        for table in tables:
            found = self.server.sql(database, f"SELECT count(*), coalesce(sum(hashtextextended((to_jsonb(t) - 'updated_at')::text, 0)), 0) FROM {table} t")
            lines.append(f"{table}: {found.strip()}")
        return lines


def points_of(number, options):
    """Of the points that every step passes one; of every third step another, of those that depend on what a step does."""
    if options.points:
        return options.points.split(",")
    if options.all:
        return POINTS
    sure = ("before-exec", "after-exec", "after-settled", "before-journal")
    others = ("after-intent", "before-commit", "after-commit", "after-backup")
    more = others[(number // 3) % len(others)]
    return (sure[number % len(sure)], more) if number % 3 == 0 else (sure[number % len(sure)],)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--steps", default="")
    parser.add_argument("--points", default="")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    start, killed, passed_by, failures, runs = time.time(), set(), 0, [], 0
    with Server() as server, tempfile.TemporaryDirectory(prefix="lockstep_crash_") as folder:
        trial = Trial(os.path.abspath(options.lockstep), server, folder)
        base = trial.base(options.orders)
        undisturbed = server.new_database(base)
        trial.apply(undisturbed)
        wanted = trial.contents(undisturbed)
        planned = server.new_database(base)
        trial.call("plan", "--url", server.url(planned), "--schema", V2, "-o", "plan.json")
        with open(os.path.join(folder, "plan.json"), encoding="utf-8") as stream:
            steps = [step["id"] for step in json.load(stream)["steps"]]
        chosen = [step for step in steps if not options.steps or step in options.steps.split(",")]
        print(f"{len(steps)} steps, {options.orders} orders", flush=True)
        for number, step in enumerate(chosen):
            for point in points_of(number, options):
                runs += 1
                database = server.new_database(base)
                try:
                    first = trial.apply(database, crash=f"{step}:{point}", expect=None)
                    if first.returncode == -9:
                        killed.add(step)
                        again = trial.apply(database, expect=None)
                        if again.returncode != 0:
                            failures.append(f"{step}:{point}: the second run ended with {again.returncode}\n{again.stderr[-2000:]}")
                            continue
                    elif first.returncode == 0:
                        passed_by += 1
                    else:
                        failures.append(f"{step}:{point}: the first run ended with {first.returncode}\n{first.stderr[-2000:]}")
                        continue
                    found = trial.contents(database)
                    if found != wanted:
                        difference = list(difflib.unified_diff(wanted, found, "undisturbed", f"{step}:{point}", lineterm="", n=0))
                        failures.append(f"{step}:{point}:\n" + "\n".join(difference[:30]))
                finally:
                    server.drop_database(database)
        for step in chosen:
            if step not in killed:
                failures.append(f"{step}: no point of it was ever reached")
    for failure in failures:
        print("FAIL  " + failure, flush=True)
    print(f"{runs} runs in {time.time() - start:.0f} s: {passed_by} passed no such point")
    print(f"{runs - len(failures)} passed, {len(failures)} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
