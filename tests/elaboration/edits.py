#!/usr/bin/env python3
"""Edits schema files at random and elaborates each both ways: what changed, and the whole (docs/adr/0044).

  tests/elaboration/edits.py --lockstep BINARY [--seed N] [--edits N] [--budget SECONDS] [--results FILE]

A trial takes the state `before` of a case of tests/cases (every --fresh edits another one), prints it with `inspect`, edits the text
one to three times and runs `plan` with LOCKSTEP_CHECK_ELABORATION=1, which fails where the two ways differ. Whether the edited text
makes sense is PostgreSQL's to say: a plan that is refused counts, too. With --results a line a trial is appended: seed, edit, verdict.
Trials that stand there already are left out, so that a run goes on where it stopped."""
import argparse
import glob
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from server import Server  # noqa: E402

SECTION = re.compile(r"^-- ([a-z ]+?) --$", re.M)
DIFFERS = ("the changed part elaborates",)
SWAPS = [("integer", "bigint"), ("text", "character varying(40)"), ("bigint", "numeric"), (" not null", ""), ("true", "false"), ("1", "2"), ("0", "7"),
         ("'x'", "'y'"), ("unique ", ""), ("on delete cascade", ""), ("asc", "desc"), ("select", "grant"), ("immutable", "stable")]
NAMES = ["lower", "sum", "now", "count", "coalesced", "int4eq", "date", "text"]


def before_of(path):
    parts = SECTION.split(open(path, encoding="utf-8").read())
    sections = dict(zip(parts[1::2], parts[2::2]))
    return sections.get("before") if "needs" not in sections else None


def blocks(lines):
    """(first, last) of what stands on one line, or from a line that opens a brace to the one that closes it; inside a schema or outside."""
    found, open_at = [], []
    for at, line in enumerate(lines):
        depth = line.count("{") - line.count("}")
        if depth > 0:
            open_at.append(at)
        elif depth < 0 and open_at:
            found.append((open_at.pop(), at))
        elif line.rstrip().endswith(";"):
            found.append((at, at))
    return found


WORDS = set("""not null primary key unique index table view function returns language sql plpgsql comment default partition partitions values
from for check foreign references schema grant select insert update delete on to integer bigint text manage all with trigger before after each row
execute generated always identity as enum domain sequence policy using create begin end return new old where and""".split())


def identifiers(text):
    return sorted(set(re.findall(r"\b[a-z_][a-z0-9_]{2,}\b", text)) - WORDS)


class Editor:
    def __init__(self, chance, text):
        self.chance, self.lines, self.did = chance, text.split("\n"), []

    def text(self):
        return "\n".join(self.lines)

    def edit(self):
        ways = [self.remove, self.swap, self.swap, self.rename, self.copy, self.add, self.add]
        self.chance.choice(ways)()

    def block(self, prefix=""):
        found = [one for one in blocks(self.lines) if self.lines[one[0]].lstrip().startswith(prefix) and one[1] - one[0] < 60]
        found = [one for one in found if not self.lines[one[0]].startswith(("schema ", "manage ")) and "$$ {" not in self.lines[one[0]]]
        return self.chance.choice(found) if found else None

    def remove(self):
        if one := self.block():
            self.did.append("remove " + self.lines[one[0]].strip())
            del self.lines[one[0]:one[1] + 1]

    def swap(self):
        old, new = self.chance.choice(SWAPS)
        if self.chance.random() < 0.3:
            old, new = new, old
        at = [i for i, line in enumerate(self.lines) if old and old in line]
        if at:
            i = self.chance.choice(at)
            self.did.append(f"{old} -> {new} in {self.lines[i].strip()}")
            self.lines[i] = self.lines[i].replace(old, new, 1)

    def rename(self):
        one = self.block()
        names = identifiers("\n".join(self.lines[one[0]:one[1] + 1])) if one else []
        if names:
            name = self.chance.choice(names)
            whole = self.chance.random() < 0.5
            self.did.append(f"rename {name} {'everywhere' if whole else 'in ' + self.lines[one[0]].strip()}")
            for i in range(*((0, len(self.lines)) if whole else (one[0], one[1] + 1))):
                self.lines[i] = re.sub(rf"\b{name}\b", name + "_x", self.lines[i])

    def copy(self):
        if one := self.block():
            head = self.lines[one[0]]
            names = identifiers(head)
            if names:
                name = self.chance.choice(names)
                self.did.append(f"copy {head.strip()} with another {name}")
                self.lines[one[1] + 1:one[1] + 1] = [re.sub(rf"\b{name}\b", name + "_c", line) for line in self.lines[one[0]:one[1] + 1]]

    def add(self):
        schemas = [i for i, line in enumerate(self.lines) if re.match(r"schema \S+ \{$", line)]
        if not schemas:
            return
        at = self.chance.choice(schemas)
        schema = re.match(r"schema (\S+)", self.lines[at])[1]
        tables = re.findall(r"^  table (\S+) ", self.text(), re.M) or ["nothing"]
        table, name, n = self.chance.choice(tables), self.chance.choice(NAMES), self.chance.randrange(1000)
        new = self.chance.choice([
            f"  function {name}(a {self.chance.choice(['text', 'integer', 'numeric', 'anyelement'])}) returns text language sql immutable as $$ SELECT 'x'::text $$;",
            f"  view added_{n} as $$ SELECT * FROM {schema}.{table} $$;",
            f"  view {name} as $$ SELECT 1 AS a $$;",
            f"  enum added_{n} ('a', 'b');",
            f"  domain {name} as text;",
            f"  sequence added_{n};",
            f"  table added_{n} {{ id bigint not null primary key; other integer references {schema}.{table}; }}",
            f"  table {name} {{ id bigint generated always as identity; a text default lower('A'); }}",
            "  operator + (leftarg = text, rightarg = text, function = textcat);",
            f"  materialized view added_{n} as $$ SELECT count(*) FROM {schema}.{table} $$;",
        ])
        self.did.append("add " + new.strip())
        self.lines.insert(at + 1, new)


class Trials:
    def __init__(self, lockstep, server, folder):
        self.lockstep, self.server, self.folder = lockstep, server, folder

    def call(self, *arguments):
        environment = dict(os.environ, LOCKSTEP_CHECK_ELABORATION="1")
        return subprocess.run([self.lockstep, *arguments], env=environment, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self, text):
        """The database, and how it is printed; None: the case's state can't be made here."""
        database = self.server.new_database()
        self.write("base.schema", text)
        made = self.call("apply", "--url", self.server.url(database), "--schema", "base.schema", "--yes", "--allow", "all")
        printed = self.call("inspect", "--url", self.server.url(database)) if made.returncode == 0 else None
        if printed is None or printed.returncode != 0:
            self.server.drop_database(database)
            return None
        return database, printed.stdout

    def run(self, database, text, seed):
        editor = Editor(random.Random(seed), text)
        for _ in range(editor.chance.randrange(1, 4)):
            editor.edit()
        self.write("edited.schema", editor.text())
        done = self.call("plan", "--url", self.server.url(database), "--schema", "edited.schema")
        said = done.stdout + done.stderr
        differs = any(one in said for one in DIFFERS) or done.returncode < 0
        return differs, done.returncode, editor.did, said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lockstep", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--budget", type=float, default=1e9)
    parser.add_argument("--fresh", type=int, default=8)
    parser.add_argument("--results")
    options = parser.parse_args()
    done = set()
    if options.results and os.path.exists(options.results):
        done = {tuple(line.split("\t")[:2]) for line in open(options.results, encoding="utf-8")}
    cases = [path for path in sorted(glob.glob(os.path.join(HERE, "..", "cases", "*", "*.case"))) if before_of(path)]
    end, failed, tried, kinds = time.monotonic() + options.budget, 0, 0, {}
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        trials = Trials(os.path.abspath(options.lockstep), server, folder)
        base = None
        for number in range(options.edits):
            if time.monotonic() > end:
                break
            path = cases[random.Random(f"{options.seed} {number // options.fresh}").randrange(len(cases))]
            if number % options.fresh == 0 and base:
                server.drop_database(base[0])
                base = None
            if (str(options.seed), str(number)) in done:
                continue
            if base is None and not (base := trials.start(before_of(path))):
                continue
            differs, code, did, said = trials.run(*base, f"{options.seed} {number}")
            tried += 1
            kinds[code] = kinds.get(code, 0) + 1
            failed += differs
            if differs:
                print(f"DIFFERS seed {options.seed}, edit {number}, {os.path.relpath(path)}: {'; '.join(did)}\n{said[-1500:]}")
            if options.results:
                with open(options.results, "a", encoding="utf-8") as file:
                    verdict = "differs" if differs else f"equal, exit {code}"
                    file.write(f"{options.seed}\t{number}\t{os.path.basename(path)}\t{verdict}\n")
        if base:
            server.drop_database(base[0])
    print(f"{tried} edits, {failed} differ; exit codes {dict(sorted(kinds.items()))}")
    return 1 if failed or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
