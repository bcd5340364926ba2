"""A scenario: a folder with data only. README.md says what each file means; this reads `application`, the two versions' statements."""
import os
import re

PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
SECTION = re.compile(r"-- (.+) --$")
ENTRY = re.compile(r"(\w+)(?:\((\w+)\))?(?: \[not (.+?)\])? +(.*)$")
OPERATIONS = ("read", "insert", "add", "update", "delete", "upsert", "move", "copy", "count", "hit")


class Field:
    """`number`, `text`, `unique`, `word a|b` or `ref table`, then `null` (sometimes NULL) and `default VALUE`, separated by commas."""

    def __init__(self, name, text):
        self.name, self.null, self.default = name, False, None
        first, *more = [part.strip() for part in text.split(",")]
        self.kind, _, self.argument = first.partition(" ")
        for word in more:
            if word == "null":
                self.null = True
            elif word.startswith("default "):
                self.default = word[8:]
            else:
                raise SystemExit(f"{name}: unknown word {word}")


class Table:
    """What a row of the model is, in the first line its key: `id key [FIRST]`, where FIRST is the first of the keys that clients give themselves."""

    def __init__(self, name, lines):
        self.name = name
        key, *rest = lines
        self.key, text = key.split(None, 1)
        self.first = int(text.split()[1]) if " " in text else 1_000_000_000
        self.fields = [Field(*line.split(None, 1)) for line in rest]
        self.place = {field.name: number for number, field in enumerate(self.fields)}
        self.by_name = {field.name: field for field in self.fields}
        self.referenced = False


class Operation:
    """One statement of one application version on one table: `kind(field) [not PHASE…] SQL`, with the model's fields as `:name`."""

    def __init__(self, version, table, kind, field, not_in, sql):
        if kind not in OPERATIONS:
            raise SystemExit(f"unknown operation {kind}")
        self.version, self.table, self.kind, self.field, self.not_in = version, table, kind, field, (not_in or "").split()
        self.names = list(dict.fromkeys(PARAMETER.findall(sql)))
        # A COPY has its values' names after it, each with a colon.
        self.text = sql[:sql.index("STDIN") + 5] if kind == "copy" else PARAMETER.sub(lambda found: f"${self.names.index(found.group(1)) + 1}", sql)
        self.given = [name for name in self.names if name in table.by_name]


class Version:
    """One version of the application: what it does, how it reads all rows (`rows`), which NULL of the model is which value there (`filled`), and which values a
    `word` may have if they are others than the table says (`values`)."""

    def __init__(self):
        self.operations, self.rows, self.filled, self.values = [], {}, {}, {}

    def usable(self, phase):
        return [operation for operation in self.operations if phase not in operation.not_in]


class Scenario:
    def __init__(self, folder):
        self.folder, self.name = folder, os.path.basename(folder.rstrip("/"))
        self.tables, self.versions, self.about, self.variants = {}, {"old": Version(), "new": Version()}, "", None
        for head, lines in self._sections():
            word, *rest = head.split()
            if word == "about":
                self.about = lines[0]
                self.variants = next((line.split()[1:] for line in lines if line.startswith("variants ")), None)
            elif word == "row":
                self.tables[rest[0]] = Table(rest[0], lines)
            else:
                self._entries(self.versions[word], self.tables[rest[0]], lines)
        for table in self.tables.values():
            for field in table.fields:
                if field.kind == "ref":
                    self.tables[field.argument].referenced = True

    def _sections(self):
        with open(os.path.join(self.folder, "application"), encoding="utf-8") as stream:
            for line in stream:
                line = line.rstrip()
                if found := SECTION.match(line):
                    if "head" in locals():
                        yield head, lines
                    head, lines = found.group(1), []
                elif line.startswith(" ") and lines:
                    lines[-1] += " " + line.strip()
                elif line and not line.startswith("#"):
                    lines.append(line)
        yield head, lines

    @staticmethod
    def _entries(version, table, lines):
        for line in lines:
            kind, field, not_in, rest = ENTRY.match(line).groups()
            if kind == "rows":
                version.rows[table.name] = rest
            elif kind in ("filled", "values"):
                name, value = rest.split(None, 1)
                getattr(version, kind)[table.name, name] = value
            else:
                version.operations.append(Operation(version, table, kind, field, not_in, rest))
