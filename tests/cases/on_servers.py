#!/usr/bin/env python3
"""Runs the cases on servers of other majors: tests/cases/on_servers.py [--lockstep BINARY] [--jobs N] [--brief] 14,16,17,18 [FILE|FOLDER…]

scripts/servers finds the servers or installs them. Folders run side by side, each on a server of its own; failures are printed as they
come, then a line a major: "PostgreSQL 18: N passed, M failed, K skipped". Exit 77: none of them can be had here.

--recipes runs those of recipes.txt. With --out FILE each case is a run of its own and a line of that file (bench/results/majors.tsv); one that passed
there for that major, as long (whole or brief), is not run again unless --again. With --budget no case begins after so many seconds."""
import argparse
import concurrent.futures
import datetime
import glob
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
COLUMNS = ("date", "commit", "major", "case", "how", "verdict", "seconds", "note")


def bindir(major):
    done = subprocess.run([os.path.join(ROOT, "scripts", "servers"), major], stdout=subprocess.PIPE, text=True)
    if done.returncode == 77:
        return None
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout.split()[1]


def run(lockstep, folder, path, more):
    """Counts of passed, failed and skipped cases, and what was said of those that failed."""
    done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "run.py"), "--lockstep", lockstep, "--server-bindir", folder, *more, path],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    counts = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", done.stdout, re.M)
    said = re.sub(r"^(ok   |skip ).*\n", "", done.stdout, flags=re.M)
    return (tuple(map(int, counts.groups())) if counts else (0, 1, 0)), said if done.returncode else ""


class Record:
    """The lines of --out."""

    def __init__(self, options):
        self.file, self.how, self.lock = options.out, "brief" if options.brief else "whole", threading.Lock()
        self.commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short=8", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
        self.passed = set()
        if not self.file:
            return
        if not os.path.exists(self.file):
            self.write(COLUMNS)
        with open(self.file) as lines:
            rows = [dict(zip(COLUMNS, line.rstrip("\n").split("\t"))) for line in lines]
        self.passed = {(row["major"], row["case"], row["how"]) for row in rows if row["verdict"] in ("passed", "skipped") and not options.again}

    def write(self, row):
        with self.lock, open(self.file, "a") as out:
            out.write("\t".join(row) + "\n")

    def has(self, major, path):
        return (major, name_of(path), self.how) in self.passed

    def add(self, major, path, counts, said, seconds):
        if self.file:
            verdict = "failed" if counts[1] else "passed" if counts[0] else "skipped"
            note = re.sub(r"\s+", " ", re.sub(r"^FAIL\s+\S+", "", said)).strip()
            note = re.sub(r"host=\S+", "host=…", note)[:200]
            self.write((str(datetime.date.today()), self.commit, major, name_of(path), self.how, verdict, f"{seconds:.0f}", note))


def name_of(path):
    return os.path.relpath(path, HERE).removesuffix(".case")


def cases_of(paths):
    return [case for path in paths for case in (sorted(glob.glob(os.path.join(path, "**", "*.case"), recursive=True)) if os.path.isdir(path) else [path])]


def wanted(options):
    if options.recipes:
        with open(os.path.join(HERE, "recipes.txt")) as names:
            return [os.path.join(HERE, name.strip() + ".case") for name in names if name.strip() and not name.startswith("#")]
    paths = options.paths or [folder for folder in sorted(glob.glob(HERE + "/*/")) if glob.glob(folder + "**/*.case", recursive=True)]
    return cases_of(paths) if options.out else paths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--brief", action="store_true", help="leave out the kills and the ways back")
    parser.add_argument("--recipes", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--budget", type=float, default=float("inf"), help="seconds")
    parser.add_argument("majors", help="such as 14,16,17,18")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    lockstep, begun, record = os.path.abspath(options.lockstep), time.monotonic(), Record(options)
    lines, total = [], [0, 0, 0]
    for major in options.majors.split(","):
        folder = bindir(major)
        if folder is None:
            lines.append(f"PostgreSQL {major}: not run")
            continue
        mine = [0, 0, 0]
        paths = [path for path in wanted(options) if not record.has(major, path)]

        def one(path):
            started = time.monotonic()
            if started - begun > options.budget:
                return None
            counts, said = run(lockstep, folder, path, ["--brief"] * options.brief)
            record.add(major, path, counts, said, time.monotonic() - started)
            return counts, said

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for path, done in zip(paths, pool.map(one, paths)):
                if done is None:
                    continue
                counts, said = done
                mine = [a + b for a, b in zip(mine, counts)]
                print(f"PostgreSQL {major} {os.path.relpath(path)}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped", flush=True)
                if said:
                    print(said, flush=True)
        total = [a + b for a, b in zip(total, mine)]
        lines.append(f"PostgreSQL {major}: {mine[0]} passed, {mine[1]} failed, {mine[2]} skipped")
    print("\n".join(lines))
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] else 77 if total == [0, 0, 0] and not options.out else 0


if __name__ == "__main__":
    sys.exit(main())
