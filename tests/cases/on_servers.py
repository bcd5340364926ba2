#!/usr/bin/env python3
"""Runs the cases on servers of other majors: tests/cases/on_servers.py [--lockstep BINARY] [--jobs N] [--brief] 14,16,17,18 [FILE|FOLDER…]

scripts/servers finds the servers or installs them. Folders run side by side, each on a server of its own; failures are printed as they
come, then a line a major: "PostgreSQL 18: N passed, M failed, K skipped". Exit 77: none of them can be had here."""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--brief", action="store_true", help="leave out the kills and the ways back")
    parser.add_argument("majors", help="such as 14,16,17,18")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    lockstep = os.path.abspath(options.lockstep)
    paths = options.paths or [folder for folder in sorted(glob.glob(HERE + "/*/")) if glob.glob(folder + "**/*.case", recursive=True)]
    lines, total = [], [0, 0, 0]
    for major in options.majors.split(","):
        folder = bindir(major)
        if folder is None:
            lines.append(f"PostgreSQL {major}: not run")
            continue
        mine = [0, 0, 0]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for path, (counts, said) in zip(paths, pool.map(lambda path: run(lockstep, folder, path, ["--brief"] * options.brief), paths)):
                mine = [a + b for a, b in zip(mine, counts)]
                print(f"PostgreSQL {major} {os.path.relpath(path)}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped", flush=True)
                if said:
                    print(said, flush=True)
        total = [a + b for a, b in zip(total, mine)]
        lines.append(f"PostgreSQL {major}: {mine[0]} passed, {mine[1]} failed, {mine[2]} skipped")
    print("\n".join(lines))
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] else 77 if total == [0, 0, 0] else 0


if __name__ == "__main__":
    sys.exit(main())
