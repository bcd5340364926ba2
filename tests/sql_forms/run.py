#!/usr/bin/env python3
"""Plain SQL as desired state, measured on real schemas: each is loaded into a database, and planning the very file against it
(and a pg_dump -s of it) must find nothing to do; with --apply, what is made from the dump in an empty database must dump alike.
tests/sql_forms/run.py [--lockstep BINARY] [--schemas FOLDER] [--apply] [FILE …]

A schema may be refused instead, with the statement named; it is counted apart. Exit 77: the schemas are not there."""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from server import Server  # noqa: E402


def roles_of(path):
    meta = path[:-4] + ".meta.json"
    if not os.path.exists(meta):
        return []
    with open(meta, encoding="utf-8") as stream:
        return json.load(stream).get("roles_needed", [])


def judge(lockstep, server, database, path):
    """('empty' | 'refused' | 'differs' | 'fails', what is said about it)"""
    done = subprocess.run([lockstep, "plan", "--url", server.url(database), "--schema", path, "--detailed-exitcode", "--no-prove"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300,
                          cwd=os.path.dirname(path))
    if done.returncode == 0:
        return "empty", ""
    if done.returncode == 2:
        return "differs", done.stdout
    errors = re.findall(r"error (LS\d+: .*)", done.stderr)
    refusals = ("LS0110", "LS0111", "LS0112", "LS0113", "LS0305")
    if done.returncode == 64 and errors and all(one.startswith(refusals) for one in errors):
        return "refused", "; ".join(sorted(set(errors))[:3])
    return "fails", "\n".join(errors[:5]) or done.stderr


def made_from(lockstep, server, database, dump):
    other = server.new_database()
    done = subprocess.run([lockstep, "apply", "--url", server.url(other), "--schema", dump, "--yes", "--no-backup"], text=True, timeout=600,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=os.path.dirname(dump))
    if done.returncode:
        return "fails", done.stderr
    # Statements in their own order: which of two independent objects comes first may hang on when it was made.
    want, got = (sorted(line for line in server.dump(of, "-s").splitlines()) for of in (database, other))
    server.drop_database(other)
    if want == got:
        return "equal", ""
    return "differs", "\n".join([f"- {line}" for line in want if line not in got] + [f"+ {line}" for line in got if line not in want])


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    parser = argparse.ArgumentParser()
    parser.add_argument("--lockstep", default=os.path.join(root, "build/release/lockstep"))
    parser.add_argument("--schemas", default=os.path.join(root, "../shared/corpus/schemas"))
    parser.add_argument("--apply", action="store_true")
    parser.add_argument("--show", type=int, default=12, help="lines of what is said about a failure")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    files = options.files or sorted(glob.glob(os.path.join(options.schemas, "*.sql")))
    if not files:
        print(f"SKIP sql_forms: no schemas in {options.schemas}")
        return 77
    count = {}
    began = time.monotonic()
    with Server() as server, tempfile.TemporaryDirectory(prefix="lockstep_sql_") as folder:
        known = set()
        for path in map(os.path.abspath, files):
            for role in roles_of(path):
                if role not in known and role not in ("postgres", "public"):
                    server.sql("postgres", f'CREATE ROLE "{role}"')
                known.add(role)
            database = server.new_database()
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
            try:
                server.sql(database, text)
            except RuntimeError as error:
                print(f"{os.path.basename(path)}: does not load by itself: {str(error).splitlines()[0]}")
                continue
            dump = os.path.join(folder, "dump.sql")
            with open(dump, "w", encoding="utf-8") as stream:
                stream.write(server.dump(database, "-s", runnable=True))
            trials = [("file", lambda: judge(options.lockstep, server, database, path)),
                      ("dump", lambda: judge(options.lockstep, server, database, dump))]
            if options.apply:
                trials.append(("made", lambda: made_from(options.lockstep, server, database, dump)))
            for form, trial in trials:
                verdict, said = trial()
                count[form, verdict] = count.get((form, verdict), 0) + 1
                print(f"{os.path.basename(path)} ({form}): {verdict}")
                if said:
                    print("\n".join("    " + line for line in said.splitlines()[:options.show]))
            server.drop_database(database)
    for form in ("file", "dump", "made"):
        print(f"{form}: " + ", ".join(f"{number} {verdict}" for (of, verdict), number in sorted(count.items()) if of == form))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if any(verdict in ("differs", "fails") for _, verdict in count) else 0


if __name__ == "__main__":
    sys.exit(main())
