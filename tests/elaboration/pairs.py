#!/usr/bin/env python3
"""Elaborates real pairs of schemas both ways, what changed and the whole (docs/adr/0044), in both directions.

  tests/elaboration/pairs.py --lockstep BINARY --pairs FOLDER [--stride N] [--budget SECONDS] [--results FILE]

Of each pair (FOLDER/…/old.sql, new.sql) two databases are made; what `inspect` prints of one is planned for the other with
LOCKSTEP_CHECK_ELABORATION=1, which fails where the two ways differ. Pairs that psql can't load are left out. With --results a line a
pair is appended, and those that stand there already are left out."""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from server import Server  # noqa: E402

DIFFERS = "the changed part elaborates"


def loaded(server, path):
    database = server.new_database()
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    for _ in range(20):
        try:
            server.sql(database, text)
            return database
        except RuntimeError as problem:
            server.drop_database(database)
            missing = re.search(r'role "([^"]+)" does not exist', str(problem))
            if not missing:
                return None
            server.sql("postgres", f'CREATE ROLE "{missing[1]}"')
            database = server.new_database()
    return None


def tried(lockstep, server, folder, one, other):
    """Of the state of `other`, planned for `one`."""
    environment = dict(os.environ, LOCKSTEP_CHECK_ELABORATION="1")
    def call(*arguments):
        return subprocess.run([lockstep, *arguments], env=environment, cwd=folder, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    printed = call("inspect", "--url", server.url(other))
    if printed.returncode != 0:
        return "not printed", printed.stderr
    with open(os.path.join(folder, "it.schema"), "w", encoding="utf-8") as file:
        file.write(printed.stdout)
    done = call("plan", "--url", server.url(one), "--schema", "it.schema")
    said = done.stdout + done.stderr
    return ("differs" if DIFFERS in said or done.returncode < 0 else f"equal, exit {done.returncode}"), said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lockstep", required=True)
    parser.add_argument("--pairs", required=True)
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--budget", type=float, default=1e9)
    parser.add_argument("--results")
    options = parser.parse_args()
    lockstep = os.path.abspath(options.lockstep)
    done = {line.split("\t")[0] for line in open(options.results, encoding="utf-8")} if options.results and os.path.exists(options.results) else set()
    pairs = sorted(os.path.dirname(path) for path in glob.glob(os.path.join(options.pairs, "*", "*", "old.sql")))[::options.stride]
    end, verdicts = time.monotonic() + options.budget, {}
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        for pair in pairs:
            name = os.path.relpath(pair, options.pairs)
            if time.monotonic() > end:
                break
            if name in done:
                continue
            old, new = (loaded(server, os.path.join(pair, side)) for side in ("old.sql", "new.sql"))
            found = []
            if old and new:
                for one, other in ((old, new), (new, old), (new, new)):
                    verdict, said = tried(lockstep, server, folder, one, other)
                    found.append(verdict)
                    if verdict == "differs":
                        print(f"DIFFERS {name}\n{said[-1500:]}")
            for database in (old, new):
                if database:
                    server.drop_database(database)
            verdict = "not loaded" if not found else "differs" if "differs" in found else "equal"
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
            if options.results:
                with open(options.results, "a", encoding="utf-8") as file:
                    file.write(f"{name}\t{verdict}\n")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())) or "nothing was tried")
    return 1 if "differs" in verdicts or "equal" not in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
