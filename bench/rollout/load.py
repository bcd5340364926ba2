"""One client of the load: requests at fixed times, by the old or the new version of the application, each checked against the model at once.

A latency counts from when the request was due, so a stall shows in every request that fell into it. A statement that PostgreSQL refuses because its prepared
plan returns another type now is sent again after DEALLOCATE ALL, as drivers do, and counted as `replanned`; nothing else is tried twice."""
import random
import time

from libpq import Connection, Failed, literal
from model import SHARED, Touched


RETRIES = 3  # of a request whose prepared statement has another result type now: two columns may change one after the other


class Figures:
    """What one client met in one phase."""

    def __init__(self):
        self.latencies, self.statements, self.failed, self.replanned, self.wrong = [], 0, 0, 0, 0
        self.first_error = self.first_wrong = ""


class Wrong(Exception):
    """An answer that the model contradicts."""


class Client:
    def __init__(self, number, settings, scenario, base):
        self.number, self.settings, self.scenario = number, settings, scenario
        self.random = random.Random(f"{settings.seed} {scenario.name} {number}")
        self.model = Touched(base)
        self.connections = {name: Connection(settings.url, f"{name}_application") for name in scenario.versions}
        self.own = {name: [] for name in scenario.tables}  # keys that this client gave
        self.given = 0
        self.phases = [(0.0, "idle")]
        self.applications, self.figures, self.due = [], {}, 0.0

    def run(self, pipe):
        """Until told to end. Between two requests it listens: (phase, when it began, applications), or `model`."""
        between = self.settings.clients / self.settings.rate
        while True:
            wait = None if not self.applications else max(0.0, self.due - time.monotonic())
            if pipe.poll(wait):
                word, *rest = pipe.recv()
                if word == "end":
                    pipe.send((self.figures, self.model.rows, self.model.added))
                    return
                if word == "model":
                    pipe.send((self.model.rows, self.model.added))
                    continue
                phase, at, applications = rest
                if not self.applications:
                    self.due = at + between * (self.number / self.settings.clients)
                self.phases.append((at, phase))
                self.applications = [(name, usable) for name in applications if (usable := self.scenario.versions[name].usable(phase))]
                pipe.send("ready")
                continue
            if time.monotonic() >= self.due:
                self._request(*self.random.choice(self.applications))
                self.due += between

    def _now(self):
        return self.figures.setdefault(self.phases[-1][1], Figures())

    def _request(self, name, operations):
        connection, figures = self.connections[name], self._now()
        begun = self.random.getstate()
        try:
            for attempt in range(RETRIES, -1, -1):
                try:
                    self._send(connection, operations, figures)
                    break
                except Failed as error:
                    if not error.replan or attempt == 0:
                        raise
                    figures.replanned += 1
                    connection.forget_plans()
                    self.random.setstate(begun)
        except Failed as error:
            figures.failed += 1
            figures.first_error = figures.first_error or f"{name}: {error}"
        except Wrong as error:
            figures.wrong += 1
            figures.first_wrong = figures.first_wrong or f"{name}: {error}"
        due_in = next(phase for at, phase in reversed(self.phases) if at <= self.due)
        self.figures.setdefault(due_in, Figures()).latencies.append(time.monotonic() - self.due)

    def _send(self, connection, operations, figures):
        """One statement, or now and then a transaction of some, a part of which is rolled back on purpose."""
        chance = self.random.random()
        try:
            if chance < 0.85:
                self._one(connection, self.random.choice(operations), figures)
                self.model.keep()
                return
            connection.plain("BEGIN")
            plain = [operation for operation in operations if operation.kind not in ("count", "hit")]
            for _ in range(self.random.randint(2, 4)):
                self._one(connection, self.random.choice(plain), figures)
            connection.plain("COMMIT" if chance < 0.97 else "ROLLBACK")
            self.model.keep() if chance < 0.97 else self.model.take_back()
        except Failed:
            self.model.take_back()
            if chance >= 0.85:
                connection.plain("ROLLBACK")
            raise
        except Wrong:
            if chance >= 0.85:
                connection.plain("ROLLBACK")
                self.model.take_back()
            self.model.keep()
            raise

    def _one(self, connection, operation, figures):
        figures.statements += 1
        DO[operation.kind](self, connection, operation, operation.table)

    # Statements

    def _execute(self, connection, operation, values):
        listed = [values[name] for name in operation.names]
        how = self.random.random()
        if how < 0.5:
            return connection.by_name(operation.text, listed)
        if how < 0.75:
            return connection.unprepared(operation.text, listed)
        text = operation.text
        for number in range(len(listed), 0, -1):
            text = text.replace(f"${number}", literal(listed[number - 1]))
        return connection.plain(text)

    def _touch(self, connection, operation, values, rows=1):
        found = self._execute(connection, operation, values)
        if found.count != rows:
            raise Wrong(f"{operation.kind} of {operation.table.name} {values.get(operation.table.key)} met {found.count} rows instead of {rows}")
        return found

    def read(self, connection, operation, table):
        key = self._own_key(table)
        if key is None:
            return
        found, row = self._execute(connection, operation, {table.key: str(key)}), self.model.row(table.name, key)
        if len(found.rows) != (row is not None):
            raise Wrong(f"{table.name} {key}: {len(found.rows)} rows instead of {int(row is not None)}")
        for name, value in zip(found.names, found.rows[0] if row else []):
            wanted = str(key) if name == table.key else row[table.place[name]]
            if wanted is None:
                wanted = operation.version.filled.get((table.name, name))
            if value != wanted:
                raise Wrong(f"{table.name} {key}: {name} is {value!r}, not {wanted!r}")

    def insert(self, connection, operation, table):
        key, values = self._new_key(table), self._values(operation)
        self._touch(connection, operation, dict(values, **{table.key: str(key)}))
        self._inserted(table, key, values)

    def add(self, connection, operation, table):
        """The server gives the key."""
        values = self._values(operation)
        found = self._touch(connection, operation, values)
        self._inserted(table, int(found.rows[0][0]), values)

    def update(self, connection, operation, table):
        key, values = self._live_key(table), self._values(operation)
        if key is None:
            return
        self._touch(connection, operation, dict(values, **{table.key: str(key)}))
        self.model.set(table.name, key, self._merged(table, self.model.row(table.name, key), values))

    def delete(self, connection, operation, table):
        key = self._live_key(table, own=table.referenced)
        if key is None:
            return
        self._touch(connection, operation, {table.key: str(key)})
        self.model.set(table.name, key, None)

    def move(self, connection, operation, table):
        """Another key for a row."""
        key, new = self._live_key(table, own=table.referenced), self._new_key(table)
        if key is None:
            return
        self._touch(connection, operation, {table.key: str(key), "new_" + table.key: str(new)})
        row = self.model.row(table.name, key)
        self.model.set(table.name, key, None)
        self._own(table, new, row)

    def upsert(self, connection, operation, table):
        """ON CONFLICT (field), or the key if none is said, DO UPDATE of all other fields that it gives."""
        values, key = self._values(operation), self._new_key(table)
        old = self._live_key(table) if self.random.random() < 0.6 else None
        if old is not None and operation.field:
            values[operation.field] = self.model.row(table.name, old)[table.place[operation.field]]
            if values[operation.field] is None:  # no conflict with NULL
                old = None
        if old is not None and not operation.field:
            key = old
        self._touch(connection, operation, dict(values, **{table.key: str(key)}))
        if old is None:
            self._inserted(table, key, values)
        else:
            self.model.set(table.name, old, self._merged(table, self.model.row(table.name, old), values))

    def copy(self, connection, operation, table):
        rows = [(self._new_key(table), self._values(operation)) for _ in range(self.random.randint(1, 5))]
        found = connection.copy(operation.text, [[str(key) if name == table.key else values[name] for name in operation.names] for key, values in rows])
        if found.count != len(rows):
            raise Wrong(f"COPY of {len(rows)} rows to {table.name} says {found.count}")
        for key, values in rows:
            self._inserted(table, key, values)

    def count(self, connection, operation, table):
        """One more in a row that all clients write."""
        key = self.random.randint(1, SHARED)
        self._touch(connection, operation, {table.key: str(key)})
        self.model.add(table.name, key, operation.field)

    def hit(self, connection, operation, table):
        """INSERT … ON CONFLICT DO UPDATE of a key that all clients meet at the same moment and nobody has met before."""
        key = table.first + 900_000_000 + int((time.monotonic() - self.settings.begun) * 5)
        self._touch(connection, operation, {table.key: str(key), "tag": f"hit{key}.{self.number}"})
        self.model.add(table.name, key, operation.field)

    # Keys and values

    def _new_key(self, table):
        self.given += 1
        return table.first + self.given * self.settings.clients + self.number

    def _own(self, table, key, row):
        self.model.set(table.name, key, row)
        self.own[table.name].append(key)

    def _inserted(self, table, key, values):
        self._own(table, key, [values[field.name] if field.name in values else field.default for field in table.fields])

    @staticmethod
    def _merged(table, row, values):
        return [values.get(field.name, value) for field, value in zip(table.fields, row)]

    def _own_key(self, table, own=False):
        """A key that only this client writes, of a row that may be gone; None if it has none yet. `own`: that it gave itself."""
        mine, clients = self.own[table.name], self.settings.clients
        if mine and (own or self.random.random() < 0.3):
            return self.random.choice(mine)
        size = len(self.model.base.rows[table.name])
        if own or size < SHARED + 2 * clients:
            return None
        return self.random.randrange(SHARED // clients + 1, size // clients) * clients + self.number

    def _live_key(self, table, own=False):
        for _ in range(100):
            key = self._own_key(table, own)
            if key is None or self.model.row(table.name, key) is not None:
                return key
        return None

    def _values(self, operation):
        table = operation.table
        return {name: self._value(table.by_name[name], operation.version.values.get((table.name, name))) for name in operation.given}

    def _value(self, field, words):
        if field.null and self.random.random() < 0.2:
            return None
        if field.kind == "number":
            return str(self.random.randint(0, 1_000_000))
        if field.kind == "unique":
            self.given += 1
            return f"u{self.number}.{self.given}@example.com"
        if field.kind == "word":
            return self.random.choice((words or field.argument).split("|"))
        if field.kind == "ref":
            return str(self.random.randint(1, len(self.model.base.rows[field.argument])))
        return "".join(self.random.choices("abcdefghij é'\"%", k=self.random.randint(1, 20))).strip() or "x"


DO = {kind: getattr(Client, kind) for kind in ("read", "insert", "add", "update", "delete", "upsert", "move", "copy", "count", "hit")}


def work(pipe, number, settings, scenario, base):
    client = Client(number, settings, scenario, base)
    pipe.send("ready")
    client.run(pipe)
