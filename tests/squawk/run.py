#!/usr/bin/env python3
"""Squawk, somebody else's linter of migrations, reads the SQL of online plans: those of the cases that seed rows.

  tests/squawk/run.py [--lockstep BINARY] [--every N] [--out FILE.tsv] [--list] [FILE|FOLDER…]

Every N-th case is planned as it stands in tests/cases (the state of `before` with the rows of `seed`), and what `plan --format sql`
prints is given to squawk with all of its default rules. What it finds is a failure, unless a row of exceptions.json lets it pass:

  rule      squawk's name of the rule
  on        (optional) a regular expression that the statement must match
  with      (optional) a regular expression that another statement of the step must match
  case      (optional) a regular expression that the case's path must match
  hazard    (optional) the step carries a hazard that needs consent (one of these kinds), so the user has been told the same
  quick     (optional) the proof of the plan saw the step neither rewrite nor read a table, nor build an index
  empty     (optional) the statement's relation has no rows before the plan, or is made by it
  because   one sentence: why it is no fault here

An exception that nothing needed is a failure too, if all cases were looked at. --list prints every finding with its statement.
Exit 77: squawk can't be installed here."""
import argparse
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "cases")]
import run as cases  # noqa: E402
from server import Server  # noqa: E402

STEP = re.compile(r"^-- (s\d+) (?:expand|migrate|contract): ")
NAME = r'(?:"(?:[^"]|"")*"|[a-z_0-9$]+)\.(?:"(?:[^"]|"")*"|[a-z_0-9$]+)'
RELATION = re.compile(r"^(?:ALTER (?:FOREIGN |MATERIALIZED )?(?:TABLE|VIEW)|CREATE (?:UNIQUE )?INDEX .*? ON|DROP TABLE|UPDATE|CREATE .*TRIGGER .*? ON)"
                      r"(?: ONLY)? (" + NAME + ")")
WITH_ROWS = """SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'lockstep') AND c.relkind IN ('r', 'p', 'm')
  AND EXISTS (SELECT FROM pg_partition_tree(c.oid) t WHERE pg_relation_size(t.relid) > 0 UNION ALL SELECT WHERE pg_relation_size(c.oid) > 0)"""


class Plan:
    """Of one case: its SQL, what its steps say, and which relations had rows before it."""

    def __init__(self, path, lockstep, server):
        self.path = path
        with open(path, encoding="utf-8") as stream:
            sections = cases.parse(stream.read(), server.major)[2]
        database = server.new_database()
        try:
            with tempfile.TemporaryDirectory(prefix="lockstep_squawk_") as folder:
                def call(*arguments):
                    done = subprocess.run([lockstep, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                          text=True, timeout=300)
                    if done.returncode:
                        raise RuntimeError(f"{path}: lockstep {' '.join(arguments)}: exit {done.returncode}\n{done.stderr[-2000:]}")
                    return done.stdout

                for name in ("before", "after"):
                    if name in sections:
                        with open(os.path.join(folder, name + ".schema"), "w", encoding="utf-8") as stream:
                            stream.write(sections[name] + "\n")
                if "before" in sections:
                    call("apply", "--url", server.url(database), "--schema", "before.schema", "--yes", "--allow", "all")
                server.sql(database, sections["seed"])
                self.sql = call("plan", "--url", server.url(database), "--schema", "after.schema", "--format", "sql", "-o", "plan.json")
                with open(os.path.join(folder, "plan.json"), encoding="utf-8") as stream:
                    plan = json.load(stream)
            self.with_rows = set(server.sql(database, WITH_ROWS).split("\n")) - {""}
        finally:
            server.drop_database(database)
        self.steps = {step["id"]: step for step in plan["steps"]}

    def hazards_of(self, name):
        """What needs consent about the step (src/plan/hazard.cpp)."""
        step = self.steps.get(name, {})
        found = {one["hazard"] for one in step.get("losses", []) + step.get("consequences", [])}
        if step.get("breaking"):
            found.add("breaking")
        if step.get("rewrites"):
            found.add("rewrite")
        keeps_writers_out = step.get("lock") in ("SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")
        if keeps_writers_out and (step.get("scans") or step.get("builds")):
            found.add("long-lock")
        return found

    def step_at(self, line):
        """The id of the step that the line of the SQL (from 0) belongs to; empty: none."""
        for text in reversed(self.sql.split("\n")[:line + 1]):
            found = STEP.match(text)
            if found:
                return found[1]
        return ""


class Finding:
    def __init__(self, plan, found):
        self.plan, self.rule, self.message = plan, found["rule_name"], found["message"]
        lines = plan.sql.split("\n")
        self.line = found["line"]
        while self.line < len(lines) and (not lines[self.line].strip() or lines[self.line].startswith("--")):
            self.line += 1  # squawk counts the comment before a statement to it
        self.step = plan.step_at(self.line)
        self.statement = lines[self.line] if self.line < len(lines) else ""

    def passes(self, exception):
        if exception["rule"] != self.rule:
            return False
        if "on" in exception and not re.search(exception["on"], self.statement):
            return False
        step = self.plan.steps.get(self.step, {})
        if "with" in exception and not any(re.search(exception["with"], other) for other in step.get("sql", [])):
            return False
        if "case" in exception and not re.search(exception["case"], self.plan.path):
            return False
        if "hazard" in exception and not self.plan.hazards_of(self.step) & set(exception["hazard"]):
            return False
        if "quick" in exception and any(step.get(word) for word in ("rewrites", "scans", "builds")):
            return False
        return "empty" not in exception or self.on_empty()

    def on_empty(self):
        found = RELATION.match(self.statement)
        return bool(found) and found[1] not in self.plan.with_rows

    def __str__(self):
        return f"{os.path.relpath(self.plan.path, ROOT)} {self.step} {self.rule}: {self.message}\n    {self.statement[:300]}"


def findings_of(squawk, plan, folder):
    path = os.path.join(folder, "plan.sql")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(plan.sql)
    done = subprocess.run([squawk, "--reporter", "json", "--pg-version", "15.0", path], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60)
    try:
        return [Finding(plan, found) for found in json.loads(done.stdout)]
    except ValueError:
        raise RuntimeError(f"{plan.path}: squawk ended with {done.returncode} and said\n{done.stdout[-1000:]}{done.stderr[-1000:]}") from None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--tool", default=os.path.join(ROOT, "build", "squawk"), help="where squawk is, or is put")
    parser.add_argument("--every", type=int, default=1, help="take every N-th case only")
    parser.add_argument("--out", help="write the figures there")
    parser.add_argument("--list", action="store_true", help="print every finding")
    parser.add_argument("paths", nargs="*", default=[os.path.join(ROOT, "tests", "cases")])
    options = parser.parse_args()
    installed = subprocess.run([os.path.join(HERE, "install"), options.tool], stdin=subprocess.DEVNULL)
    if installed.returncode:
        return installed.returncode
    squawk = os.path.join(options.tool, "node_modules", ".bin", "squawk")
    with open(os.path.join(HERE, "exceptions.json"), encoding="utf-8") as stream:
        exceptions = json.load(stream)

    paths = []
    for path in options.paths:
        paths += sorted(glob.glob(path + "/**/*.case", recursive=True)) if os.path.isdir(path) else [path]
    seeded = []
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            sections = cases.parse(stream.read(), cases.COMMON_MAJOR)[2]
        if sections.get("seed") and "diagnostics" not in sections and "needs" not in sections:  # of newer servers than this one
            seeded.append(path)
    seeded = seeded[::options.every]
    if not seeded:
        raise SystemExit("no cases there")

    steps, statements, passed, failed = 0, 0, collections.Counter(), []
    rules = collections.Counter()
    with Server() as server, tempfile.TemporaryDirectory(prefix="lockstep_squawk_") as folder:
        for path in seeded:
            plan = Plan(path, os.path.abspath(options.lockstep), server)
            steps += len(plan.steps)
            statements += sum(len(step["sql"]) + (step["mode"] == "batches") for step in plan.steps.values())
            for finding in findings_of(squawk, plan, folder):
                rules[finding.rule] += 1
                excuse = next((n for n, exception in enumerate(exceptions) if finding.passes(exception)), None)
                if excuse is None:
                    failed.append(finding)
                else:
                    passed[excuse] += 1
                if options.list:
                    print(("FAIL  " if excuse is None else f"pass {excuse:2} ") + str(finding), flush=True)
    unused = [exception for n, exception in enumerate(exceptions) if not passed[n]] if options.every == 1 and len(seeded) > 50 else []
    if not options.list:
        for finding in failed:
            print(f"FAIL  {finding}")
    for exception in unused:
        print(f"FAIL  an exception that nothing needs: {exception}")
    if options.out:
        with open(options.out, "w", encoding="utf-8") as stream:
            stream.write("rule\tfound\tpassed\tfailed\twhy they pass\n")
            for rule in sorted(rules):
                bad = sum(finding.rule == rule for finding in failed)
                why = "; ".join(f"{passed[n]}: {exception['because']}" for n, exception in enumerate(exceptions) if exception["rule"] == rule and passed[n])
                stream.write(f"{rule}\t{rules[rule]}\t{rules[rule] - bad}\t{bad}\t{why}\n")
            stream.write(f"all: {len(seeded)} cases, {steps} steps, {statements} statements\t{sum(rules.values())}\t{sum(passed.values())}\t{len(failed)}\t\n")
    print(f"{len(seeded)} cases, {steps} steps, {statements} statements: {sum(rules.values())} findings, {sum(passed.values())} of them known and argued for")
    print(f"{sum(passed.values())} passed, {len(failed) + len(unused)} failed, 0 skipped")
    return 1 if failed or unused else 0


if __name__ == "__main__":
    sys.exit(main())
