"""Tells whether two databases are the same, and copies one: by pg_dump, and where it refuses a newer server by catalog_dump.

`both` asks both each time, and fails if one of them sees a difference that the other doesn't."""
from catalog_dump import catalog_dump

# initdb's comment on schema public; a public that was dropped and comes back has none.
OF_PUBLIC = ("COMMENT ON SCHEMA public IS '';", "comment on schema public | standard public schema")


def normalised(dump):
    """Column order doesn't count: lines as a set of texts."""
    return sorted(line.rstrip(",").strip() for line in dump.splitlines() if line.strip() not in ("(", ");", *OF_PUBLIC))


class Judge:
    def __init__(self, server, by=None):
        self.server = server
        self.by = by or ("dump" if server.dumpable else "catalog")
        self.asked = []
        self.copies = []

    def schema(self, database):
        """The definitions of a database, as lines."""
        return self._of(database, lambda: normalised(self.server.dump(database, "-s")), rows=False)

    def whole(self, database):
        """Its rows too. As text, so that the order of columns does count."""
        return self._of(database, lambda: self.server.dump(database).splitlines(), rows=True)

    def _of(self, database, dump, rows):
        by_dump = dump() if self.by != "catalog" else []
        by_catalog = [] if self.by == "dump" else [line for line in catalog_dump(self.server, database, rows) if line not in OF_PUBLIC]
        if self.by == "both" and not rows:
            self.asked.append((by_dump, by_catalog))
        return by_dump + by_catalog

    def disagreement(self):
        """Two of the answers so far that are equal for one and not for the other, or None. Forgets them."""
        asked, self.asked = self.asked, []
        for at, (dump, catalog) in enumerate(asked):
            for other_dump, other_catalog in asked[at + 1:]:
                if (dump == other_dump) != (catalog == other_catalog):
                    lines = set(dump) ^ set(other_dump) or set(catalog) ^ set(other_catalog)
                    return "pg_dump and the catalogs disagree on whether two states are the same:\n" + "\n".join(sorted(lines)[:40])
        return None

    def keep(self, database):
        """The database as it is now, for copies of it."""
        if self.server.dumpable:
            return self.server.dump(database, runnable=True)
        self.copies.append(self._copy_of(database))
        return self.copies[-1]

    def copy(self, kept):
        """As one that Lockstep has not met."""
        if not self.server.dumpable:
            return self._copy_of(kept)
        database = self.server.new_database()
        self.server.sql(database, "DROP SCHEMA IF EXISTS public;\n" * ("CREATE SCHEMA public" in kept) + kept)
        return database

    def _copy_of(self, database):
        name = self.server.new_database(template=database)
        self.server.sql(name, "DROP SCHEMA IF EXISTS lockstep CASCADE")
        return name

    def forget_copies(self):
        while self.copies:
            self.server.drop_database(self.copies.pop())
