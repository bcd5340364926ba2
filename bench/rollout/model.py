"""The shadow model: what every row must be, kept without asking the database again.

`Base` are the rows before the change, read once. A client that works on keys of its own keeps what it made of them in `Touched`: a row, or None for one that
it deleted. Rows that all clients write at once (`count`, `hit`) have additions only, which are summed up."""
import csv
import io
import subprocess

SHARED = 8  # the first rows of a table with a `count` belong to nobody; everybody adds to them


class Base:
    """Key → values in the order of the table's fields, for every table of the old shape."""

    def __init__(self, scenario, url, psql):
        self.rows = {name: {} for name in scenario.tables}
        for name, query in scenario.versions["old"].rows.items():
            table = scenario.tables[name]
            names, rows = read(psql, url, query)
            places = [names.index(field.name) if field.name in names else None for field in table.fields]
            key = names.index(table.key)
            self.rows[name] = {int(row[key]): [row[place] if place is not None else None for place in places] for row in rows}


class Touched:
    """One client's rows, and what it added to shared ones. Each change can be taken back until `keep`."""

    def __init__(self, base):
        self.base, self.rows, self.added, self._before = base, {name: {} for name in base.rows}, {}, []

    def row(self, table, key):
        rows = self.rows[table]
        return rows[key] if key in rows else self.base.rows[table].get(key)

    def set(self, table, key, row):
        rows = self.rows[table]
        self._before.append((table, key, key in rows, rows.get(key)))
        rows[key] = row

    def add(self, table, key, field):
        self._before.append((table, key, field, None))
        self.added[table, key, field] = self.added.get((table, key, field), 0) + 1

    def keep(self):
        self._before.clear()

    def take_back(self):
        for table, key, was, row in reversed(self._before):
            if isinstance(was, str):
                self.added[table, key, was] -= 1
            elif was:
                self.rows[table][key] = row
            else:
                del self.rows[table][key]
        self._before.clear()


class Difference:
    """Rows that are missing, that should not be there, and that have other values; the first of each as text."""

    def __init__(self):
        self.lost = self.extra = self.wrong = self.rows = 0
        self.first = ""

    def note(self, what, text):
        setattr(self, what, getattr(self, what) + 1)
        self.first = self.first or f"{what}: {text}"

    def join(self, other):
        for what in ("lost", "extra", "wrong", "rows"):
            setattr(self, what, getattr(self, what) + getattr(other, what))
        self.first = self.first or other.first


def read(psql, url, query):
    """The names and the rows; a value is never an empty text here, so CSV's empty is NULL."""
    done = subprocess.run([psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"], capture_output=True,
                          text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    rows = csv.reader(io.StringIO(done.stdout))
    names = next(rows)
    return names, [[value or None for value in row] for row in rows]


def compare(scenario, version_name, base, clients, url, psql):
    """Every row of the database in the shape of that version with the model. `clients`: a Touched's (rows, added) of each."""
    version, difference = scenario.versions[version_name], Difference()
    for name, query in version.rows.items():
        table = scenario.tables[name]
        expected = dict(base.rows[name])
        for rows, _ in clients:
            expected.update(rows[name])
        sums = {}
        for _, added in clients:
            for (where, key, field), count in added.items():
                if where == name and count:
                    sums.setdefault(key, {}).setdefault(field, 0)
                    sums[key][field] += count
        try:
            names, found = read(psql, url, query)
        except RuntimeError as error:
            difference.lost += sum(row is not None for row in expected.values())
            difference.note("wrong", str(error))
            continue
        _compare_table(table, version, expected, sums, names, found, difference)
    return difference


def _compare_table(table, version, expected, sums, names, found, difference):
    key_place = names.index(table.key)
    checked = [(place, table.place[name], version.filled.get((table.name, name)), name) for place, name in enumerate(names) if name != table.key]
    for row in found:
        difference.rows += 1
        key = int(row[key_place])
        wanted, counted = expected.pop(key, None), sums.pop(key, {})
        if wanted is None and not counted:
            difference.note("extra", f"{table.name} {row}")
            continue
        for place, number, filled, name in checked:
            if wanted is None and name not in counted:
                continue  # a row that `hit` made: only its count is known
            value = (wanted[number] if wanted else None) if name not in counted else str(int((wanted[number] if wanted else None) or 0) + counted[name])
            if value is None:
                value = filled
            if row[place] != value:
                difference.note("wrong", f"{table.name} {key}: {name} is {row[place]!r}, not {value!r}")
                break
    for key, row in expected.items():
        if row is not None:
            difference.note("lost", f"{table.name} {key} {row}")
    for key in sums:
        difference.note("lost", f"{table.name} {key} (added to by several clients)")
