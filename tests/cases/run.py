#!/usr/bin/env python3
"""Runs .case files against a real PostgreSQL server: tests/cases/run.py [--lockstep BINARY] FILE|FOLDER…

A case is one story in sections, each headed by a line `-- name --`:
  before, after      schema text; `before` may be missing (an empty database)
  seed               SQL run on the database once it is `before`
  plan               golden: the steps from before to after
  hazards            golden: one --allow flag a line; without consent the apply must be refused and change nothing
  unmanaged          golden: what the plan names as not managed, and what of that it loses
  diagnostics        golden: what `check` says about `after`; such a case goes no further
  keeps              SQL whose result must be the same before and after; `keeps after`: its wording on the new schema
  reverse            (empty) the way back, after → before, must work too
  back               (empty) the apply is killed after a step and rolled back: the database of before; so is the whole one
  no way back        what PostgreSQL can't take back, a line each: `s02: why`; `end: why` for the finished run, or `all: why`. There the rollback is
                     refused, or leads to something else than before
  kill               (empty) the apply is killed (SIGKILL) at two or three boundaries of its steps and resumed: the same database comes
                     out

  needs              the first major of PostgreSQL that has what it is about; `lz4`: a server that was built with it
  from nothing       why the database can't be what `after` from nothing gives: that comparison is left out
A section whose head ends with majors (`-- after 17 18 --`) is for those, and the one without for all others. Of a golden it has only the
lines in which it differs there: `- line` is missing, `+ line` comes in. Goldens without majors are of 15, or of what the case needs.

A case that seeds rows says in `keeps` what of them must stay.

Every case: fmt is stable and changes no meaning; before is reached from nothing; after is reached from before and is, by
pg_dump (on servers newer than it, by tests/support/catalog_dump.py), what after from nothing gives; a further plan is empty; what inspect writes plans to nothing.
--part: only the sections `kill` and `back` that are due today (tests/support/rotation.py). --brief: none of them.
--kill does that at every boundary, and for every case; --back kills every plan after each of its steps and rolls the run back: the
catalog of before comes out, and what `keeps` asks, unless the way back says that something is not brought back. Where it stops and asks for
`backup restore`, that is done, and it goes on.
LOCKSTEP_BLESS=1 rewrites the goldens from what happened. Read the diff before committing it."""
import argparse
import difflib
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from judge import Judge  # noqa: E402
from rotation import is_due  # noqa: E402
from server import Server  # noqa: E402

SECTION = re.compile(r"^-- ([a-z ]+?)((?: \d+)*) --$", re.M)
NAMES = {"needs", "unmanaged", "from nothing", "before", "after", "seed", "plan", "hazards", "diagnostics", "keeps", "keeps after", "reverse", "kill", "back", "no way back"}
# Boundaries of a step (docs/testing.md): before its first statement, before its COMMIT, after it.
BOUNDARIES = ("before-exec", "before-commit", "after-settled")
GOLDENS = ("plan", "hazards", "unmanaged", "diagnostics")
COMMON_MAJOR = 15
BLESS = os.environ.get("LOCKSTEP_BLESS") == "1"


class Failure(Exception):
    pass


def parse(text, major):
    """The sections for that major, by name, and the heads of all of them: [name, majors, text]."""
    parts = SECTION.split(text)
    heads = [[name, majors.split(), body.strip("\n")] for name, majors, body in zip(parts[1::3], parts[2::3], parts[3::3])]
    for_it = [head for head in heads if str(major) in head[1] and head[0] not in GOLDENS]
    for_it += [head for head in heads if not head[1] and head[0] not in [name for name, _, _ in for_it]]
    sections = {name: body for name, _, body in for_it}
    unknown = {name for name, _, _ in heads} - NAMES
    if unknown or "after" not in sections or len(for_it) != len(sections):
        raise Failure(f"sections must be some of {sorted(NAMES)}, each once, with `after` among them")
    if "seed" in sections and "keeps" not in sections and "diagnostics" not in sections:
        raise Failure("a case that seeds rows has a `keeps` section")
    return parts[0], heads, sections


class Skipped(Exception):
    pass


class Case:
    def __init__(self, path, lockstep, server, judge, kill=False, back=False, due=True):
        self.due = due
        self.path, self.lockstep, self.server, self.judge, self.kill, self.back = path, lockstep, server, judge, kill, back
        with open(path, encoding="utf-8") as stream:
            self.intro, self.heads, self.sections = parse(stream.read(), server.major)
        self.needed = max([int(word) for word in self.sections.get("needs", "").split() if word.isdigit()], default=0)
        if server.major < self.needed:
            raise Skipped(f"needs PostgreSQL {self.needed}")
        if "lz4" in self.sections.get("needs", "").split() and not server.has_lz4():
            raise Skipped("needs a server that was built with lz4")
        self.blessed = dict(self.sections)

    def run(self):
        with tempfile.TemporaryDirectory(prefix="lockstep_case_") as self.folder:
            for name in ("before", "after"):
                if name in self.sections:
                    self.write(name + ".schema", self.sections[name] + "\n")
            self.formatted("after")
            if "diagnostics" in self.sections:
                done = self.call("check", "--schema", "after.schema", expect=64)
                self.golden("diagnostics", done.stderr.strip())
            else:
                self.migrate()
        if BLESS:
            with open(self.path, "w", encoding="utf-8") as stream:
                stream.write(self.intro + "".join(f"-- {' '.join([name, *majors])} --\n" + (f"{text}\n" if text else "")
                                                  for name, majors, text in self.heads))

    def migrate(self):
        database = self.server.new_database()
        fresh = self.server.new_database()
        try:
            if "before" in self.sections:
                self.formatted("before")
                self.apply(database, "before")
                self.settled(database, "before")
            if "seed" in self.sections:
                self.server.sql(database, self.sections["seed"])
            kept = self.server.sql(database, self.sections.get("keeps", ""))
            started = self.judge.keep(database)
            steps = self.plan(database)
            self.apply_saved(database)
            self.settled(database, "after")
            self.apply(fresh, "after")
            if "from nothing" not in self.sections:
                self.equal("the definitions", self.judge.schema(fresh), self.judge.schema(database))
            self.equal("kept rows", kept, self.kept_after(database))
            if self.kill or (self.due and "kill" in self.sections):
                every = [(step, boundary) for step in steps for boundary in BOUNDARIES]
                few = max(1, len(every) // 2 - 1)  # apart by no multiple of the boundaries
                reached = [self.killed(started, f"{step}:{boundary}", database, kept)
                           for step, boundary in (every if self.kill else every[1::few])]
                if not any(reached):
                    raise Failure("no run was killed: no step passed its point")
            if self.back or (self.due and "back" in self.sections):
                few = steps[len(steps) // 2:len(steps) // 2 + 1]
                for step in [*(steps if self.back else few), None]:
                    excused = re.search(f"^({step or 'end'}|all): ", self.sections.get("no way back", ""), re.M)
                    self.undone(started, step, kept, excused)
            if "reverse" in self.sections:
                self.apply(database, "before")
                self.settled(database, "before")
            if disagreement := self.judge.disagreement():
                raise Failure(disagreement)
        finally:
            self.judge.forget_copies()
            self.server.drop_database(database)
            self.server.drop_database(fresh)

    def kept_after(self, database):
        return self.server.sql(database, self.sections.get("keeps after", self.sections.get("keeps", "")))

    def killed(self, started, point, whole, kept):
        """Whether the step passed that point at all."""
        database = self.judge.copy(started)
        try:
            arguments = ("apply", "--url", self.server.url(database), "--schema", "after.schema", "--yes", "--allow", "all")
            first = self.call(*arguments, expect=None, crash=point)
            if first.returncode not in (0, -9):  # 0: a backfill without rows has no batch, and so no such point
                raise Failure(f"{point}: the first run ended with {first.returncode}\n{first.stderr[-3000:]}")
            self.call(*arguments)
            self.equal(f"the definitions after {point}", self.judge.schema(whole), self.judge.schema(database))
            self.equal(f"kept rows after {point}", kept, self.kept_after(database))
            return first.returncode == -9
        finally:
            self.server.drop_database(database)

    def undone(self, started, step, kept, excused):
        """The run is killed after the step (None: it ends) and rolled back: the catalog of before, and its rows."""
        database = self.judge.copy(started)
        point = f"{step}:after-settled" if step else None
        url = ("--url", self.server.url(database))
        try:
            dump = self.judge.schema(database)
            done = self.call("apply", *url, "--schema", "after.schema", "--yes", "--allow", "all", expect=None, crash=point)
            if done.returncode != (-9 if step else 0):
                raise Failure(f"{point}: the run ended with {done.returncode}, not killed\n{done.stderr[-3000:]}")
            if step is None:  # the way back can be killed too
                back = self.call("rollback", *url, "--yes", "--allow", "all", expect=None, crash="s01:after-settled")
                if back.returncode == -9:
                    back = self.call("resume", *url, "--yes", expect=None)
            else:
                back = self.call("rollback", *url, "--yes", "--allow", "all", expect=None)
            if back.returncode == 7 and not excused:
                back = self.with_saved_values(url, back)
            if excused:
                if back.returncode not in (0, 1, 3, 7):
                    raise Failure(f"the way back from {point}: exit {back.returncode}\n{back.stderr[-3000:]}")
                return
            if back.returncode != 0 and "not all that it saved is back" not in back.stderr:
                raise Failure(f"the way back from {point}: exit {back.returncode}\n{back.stdout[-2000:]}{back.stderr[-3000:]}")
            self.call("verify", *url)  # nothing of it is drift, and no run is open
            self.equal(f"the definitions after the way back from {point}", dump, self.judge.schema(database))
            if back.returncode == 0 and "had no value before" not in back.stdout:
                self.equal(f"kept rows after the way back from {point}", kept, self.server.sql(database, self.sections.get("keeps", "")))
        finally:
            self.server.drop_database(database)

    def with_saved_values(self, url, back):
        """A step of the way back needs what only the backup has: the command says so, and goes on once it is restored."""
        stopped = self.call("rollback", *url, "--yes", "--allow", "all", expect=None)
        named = re.search(r"`lockstep backup restore ([0-9a-f]+)`", stopped.stderr)
        if not named:
            return back
        self.call("backup", "restore", named[1], *url, "--yes", "--allow", "all")
        return self.call("rollback", *url, "--yes", "--allow", "all", expect=None)

    def plan(self, database):
        """The ids of its steps."""
        self.call("plan", "--url", self.server.url(database), "--schema", "after.schema", "-o", "plan.json")
        with open(os.path.join(self.folder, "plan.json"), encoding="utf-8") as stream:
            steps = json.load(stream)["steps"]
        self.golden("plan", "\n".join(line for step in steps for line in self.describe(step)))
        shown = self.call("plan", "--url", self.server.url(database), "--schema", "after.schema")
        self.golden("unmanaged", "\n".join(re.findall(r"^unmanaged: (.*)", shown.stderr, re.M) + re.findall(r"^\W*(.* is lost: .*)", shown.stdout, re.M)))
        hazards = re.findall(r"consent: (--allow .*)", shown.stdout)
        self.golden("hazards", "\n".join(hazards))
        if hazards:
            before = self.judge.whole(database)
            self.call("apply", "--url", self.server.url(database), "--schema", "after.schema", "--yes", expect=3)
            self.equal("a refused apply changed something", before, self.judge.whole(database))
        return [step["id"] for step in steps]

    @staticmethod
    def describe(step):
        facts = [step["mode"]] if step["mode"] != "inside" else []
        if step["lock"] != "none":
            facts.append(step["lock"])
        facts += [word for word in ("rewrites", "scans", "builds") if step.get(word)]
        yield f"{step['id']} {step['phase']}: {step['title']}" + (f" [{', '.join(facts)}]" if facts else "")
        for statement in step["sql"]:
            yield from ("    " + line for line in statement.splitlines() if line.strip())
        if step["mode"] == "batches":
            batches = step["batches"]
            yield f"    UPDATE {batches['schema']}.{batches['table']} SET {batches['assignment']} WHERE {batches['pending']}"

    def formatted(self, name):
        """fmt once more changes nothing, and says so; the case goes on with the formatted text."""
        if "diagnostics" in self.sections and self.call("fmt", "--check", name + ".schema", expect=None).returncode == 64:
            return
        original = self.read(name + ".schema")
        self.call("fmt", name + ".schema")
        self.call("fmt", "--check", name + ".schema")
        if "diagnostics" in self.sections:
            self.write(name + ".schema", original)  # places are those of the case

    def apply(self, database, name):
        self.call("apply", "--url", self.server.url(database), "--schema", name + ".schema", "--yes", "--allow", "all")

    def apply_saved(self, database):
        """Without the files: what reads the statements of a saved plan must know every one that a step can hold."""
        self.call("apply", "plan.json", "--url", self.server.url(database), "--yes", "--allow", "all")

    def settled(self, database, name):
        """The text as it was written, the formatted one and what inspect says all plan to nothing."""
        self.write("original.schema", self.sections[name] + "\n")
        self.call("inspect", "--url", self.server.url(database), "-o", "inspected.schema")
        for schema in (name + ".schema", "original.schema", "inspected.schema"):
            done = self.call("plan", "--url", self.server.url(database), "--schema", schema, "--format", "sql", "--detailed-exitcode",
                             expect=None)
            if done.returncode != 0:
                raise Failure(f"a plan for {schema} right after is not empty (exit {done.returncode}):\n{done.stdout}{done.stderr}")

    def golden(self, section, text):
        common = self.server.major == max(COMMON_MAJOR, self.needed)
        base = self.sections.get(section)
        here = next((head for head in self.heads if head[0] == section and str(self.server.major) in head[1]), None)
        if base is None and here is None and (section == "unmanaged" or not BLESS or not text):
            if section == "hazards" and text:
                raise Failure(f"hazards, but no `hazards` section:\n{text}")
            return
        differing = "" if common else self.differing(base or "", text)
        if BLESS and common:
            self.bless(section, text)
        elif BLESS:
            self.bless_for_major(section, differing)
        elif common:
            self.equal(section, base, text)
        elif differing != (here[2] if here else ""):
            self.equal(section, base or "", text)
            raise Failure(f"{section} {self.server.major} says that lines differ, and none does")

    @staticmethod
    def differing(base, text):
        lines = list(difflib.ndiff(base.split("\n"), text.split("\n")))
        return "\n".join(line for line in lines if line[0] in "-+")

    def bless(self, section, text):
        self.blessed[section] = text
        for head in self.heads:
            if head[0] == section and not head[1]:
                head[2] = text
                return
        self.heads.append([section, [], text])

    def bless_for_major(self, section, differing):
        """One section for all majors that differ in the same way, after the common one."""
        major = str(self.server.major)
        for head in [head for head in self.heads if head[0] == section and major in head[1]]:
            head[1].remove(major)
            if not head[1]:
                self.heads.remove(head)
        if not differing:
            return
        same = next((head for head in self.heads if head[0] == section and head[1] and head[2] == differing), None)
        if same:
            same[1] = sorted([*same[1], major])
        else:
            at = max((at for at, head in enumerate(self.heads) if head[0] == section), default=len(self.heads) - 1)
            self.heads.insert(at + 1, [section, [major], differing])

    @staticmethod
    def equal(what, expected, actual):
        if expected != actual:
            as_text = [text if isinstance(text, str) else "\n".join(text) for text in (expected, actual)]
            lines = difflib.unified_diff(as_text[0].split("\n"), as_text[1].split("\n"), "expected", "actual", lineterm="", n=2)
            raise Failure(f"{what}:\n" + "\n".join(lines))

    def call(self, *arguments, expect=0, crash=None):
        environment = dict(os.environ, **({"LOCKSTEP_CRASH_AT": crash} if crash else {}))
        if self.due:  # both ways of elaborating must agree (docs/adr/0044)
            environment["LOCKSTEP_CHECK_ELABORATION"] = "1"
        done = subprocess.run([self.lockstep, *arguments], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120)
        if expect is not None and done.returncode != expect:
            raise Failure(f"lockstep {' '.join(arguments)}: exit {done.returncode}, not {expect}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as stream:
            return stream.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lockstep", default="build/release/lockstep")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--part", action="store_true")
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--back", action="store_true")
    parser.add_argument("--server-bindir", help="folder of initdb and postgres: another major than the newest installed one")
    parser.add_argument("--judge", choices=("dump", "catalog", "both"), help="by what databases are compared (default: pg_dump where it can)")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    lockstep = os.path.abspath(options.lockstep)
    os.environ.setdefault("LOCKSTEP_STRICT_LOCKS", "1")  # a step that locks what it doesn't declare is refused
    if options.server_bindir:
        os.environ["LOCKSTEP_TEST_BINDIR"] = os.path.abspath(options.server_bindir)
    if "LOCKSTEP_TEST_BINDIR" in os.environ:  # the scratch copies are of the same major
        os.environ["LOCKSTEP_PG_BINDIRS"] = os.environ["LOCKSTEP_TEST_BINDIR"]
    paths = []
    for path in options.paths:
        paths += sorted(glob.glob(path + "/**/*.case", recursive=True)) if os.path.isdir(path) else [path]
    if not paths:
        raise SystemExit("no cases there")
    failed = skipped = 0
    with Server() as server:
        judge = Judge(server, options.judge)
        for path in paths:
            try:
                due = not options.brief and (not options.part or is_due("/".join(os.path.abspath(path).split(os.sep)[-2:])))
                Case(path, lockstep, server, judge, options.kill, options.back, due).run()
                print(f"ok    {path}", flush=True)
            except Skipped as reason:
                skipped += 1
                print(f"skip  {path}: {reason}", flush=True)
            except Exception as problem:  # the other cases still run
                failed += 1
                detail = str(problem) if isinstance(problem, Failure) else traceback.format_exc()
                print(f"FAIL  {path}\n{detail}\n", flush=True)
    print(f"{len(paths) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
