#!/usr/bin/env python3
"""A ratchet: how many instructions the program executes for inputs that are always the same, as callgrind counts them.

  tests/performance/run.py --lockstep BINARY [--accept]

A count is the same on a busy machine and on an idle one, to some ten-thousandths. instructions.json has what each input takes, in
millions, without the start of the program (that of `--version`). More than a tenth above fails; --accept writes what was counted now.
Servers are other processes and don't count."""
import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from many_tables import schema  # noqa: E402
from own_cache import OwnCache  # noqa: E402

KEPT = os.path.join(HERE, "instructions.json")
TOLERATED = 0.10


class Counter:
    def __init__(self, lockstep, folder, cache):
        self.lockstep, self.folder = lockstep, folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSTEP_")}  # such as to check twice
        self.environment = {**kept, **cache.environment}
        self.start = 0
        self.start = self.millions("--version")

    def run(self, *arguments, before=()):
        """What it says, and its errors' stream. 2: there are differences."""
        done = subprocess.run([*before, self.lockstep, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        if done.returncode not in (0, 2):
            raise SystemExit(f"lockstep {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def millions(self, *arguments, says=""):
        """Of instructions. `says`: it must have done its work."""
        out, err = self.run(*arguments, before=("valgrind", "--tool=callgrind", "--trace-children=no", "--callgrind-out-file=/dev/null"))
        counted = re.findall(r"Collected : (\d+)", err)
        if says not in out or not counted:
            raise SystemExit(f"lockstep {' '.join(arguments)} under callgrind:\n{out}{err}")
        return round(max(map(int, counted)) / 1e6 - self.start, 1)


def count(lockstep):
    with tempfile.TemporaryDirectory(prefix="lockstep_performance_") as folder, OwnCache() as cache:
        for name, text in (("large", schema(200)), ("one", schema(60)), ("two", schema(60, range(0, 60, 3)))):
            with open(os.path.join(folder, name + ".schema"), "w", encoding="utf-8") as stream:
                stream.write(text)
        counter = Counter(lockstep, folder, cache)
        found = {"fmt, 200 tables": counter.millions("fmt", "--check", "large.schema")}
        counter.run("compare", "one.schema", "two.schema")  # starts the server, which takes the client some turns of waiting
        cache.forget()
        found["compare, 60 tables, 20 changes"] = counter.millions("compare", "one.schema", "two.schema", says="20 differences")
        found["plan, 60 tables, 20 changes"] = counter.millions("plan", "--no-cache", "--from", "one.schema", "--to", "two.schema",
                                                                says="validate check app.t57.t57_amount")
        return found


def judged(kept, found):
    """Whether nothing takes much more than before; says so a line each."""
    good = True
    for name in sorted(set(kept) | set(found)):
        if name not in kept or name not in found:
            print(f"FAIL {name}: it is not in both instructions.json and this script (--accept writes the file)")
            good = False
            continue
        more = found[name] / kept[name] - 1
        line = f"{name}: {found[name]:,} million instructions, {kept[name]:,} before ({more:+.1%})"
        if more > TOLERATED:
            line = (f"FAIL {line}; up to {TOLERATED:+.0%} is let pass. Where they go: valgrind --tool=callgrind, callgrind_annotate. "
                    "If what they do is worth it, tests/performance/run.py --accept writes the new count, and the commit says why")
            good = False
        elif more < -TOLERATED:
            line = f"ok   {line}; tests/performance/run.py --accept keeps it so low"
        else:
            line = "ok   " + line
        print(line)
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()
    if platform.machine() != "x86_64":
        print(f"SKIP: the counts are of x86-64, this is {platform.machine()}")
        sys.exit(77)
    if not shutil.which("valgrind"):
        sys.exit("FAIL: valgrind is missing; scripts/setup installs it")
    counted = count(os.path.abspath(options.lockstep))
    if options.accept:
        with open(KEPT, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(counted, indent=2) + "\n")
    with open(KEPT, encoding="utf-8") as stream:
        sys.exit(0 if judged(json.load(stream), counted) else 1)
