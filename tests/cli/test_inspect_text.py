"""What inspect writes is read back the same, whatever characters stand in it."""
from harness import Case

TEXTS = ("replace ${name} by it", "$${a}", "$$${b}${c}", "${", "a ${ b", "$", "$$", "$x$ $$ $x$", "it's 'quoted' \"so\"", "back\\slash \\n \\",
         "-- no comment /* nor here */", "line\nbreak\ttab", "}{;)(", "ends in $", "ümläut ${ü}", "${a}${b}", "$${", "E'x'", " spaces ", "")


def literal(text):
    return "'" + text.replace("'", "''") + "'"


class InspectText(Case):
    def settled(self, *more):
        """Every format, read back, is what is there."""
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema", *more)
        self.call(0, "plan", "--url", self.url, "--schema", "live.schema", "--detailed-exitcode")
        self.call(0, "fmt", "live.schema")
        self.call(0, "plan", "--url", self.url, "--schema", "live.schema", "--detailed-exitcode")
        self.call(0, "inspect", "--url", self.url, "--format", "sql", "-o", "live.sql")
        self.call(0, "plan", "--url", self.url, "--schema", "live.sql", "--detailed-exitcode")
        # And another database is made of it.
        other, url = self.fresh("other")
        self.call(0, "apply", "--url", url, "--schema", "live.schema", "--yes")
        dump = [line for line in self.server.dump(other).splitlines() if "lockstep" not in line]
        self.assertEqual(sorted(line for line in self.server.dump(self.database).splitlines() if "lockstep" not in line), sorted(dump))

    def test_comments_of_every_kind(self):
        self.sql("CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE DOMAIN s.d AS integer CONSTRAINT positive CHECK (VALUE > 0);"
                 "CREATE TYPE s.c AS (a text); CREATE SEQUENCE s.q; CREATE TABLE s.t (id integer PRIMARY KEY, a text CONSTRAINT known CHECK (a <> ''));"
                 "CREATE INDEX i ON s.t (a); CREATE VIEW s.v AS SELECT a FROM s.t; CREATE MATERIALIZED VIEW s.m AS SELECT a FROM s.t;"
                 "CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
                 "CREATE TRIGGER g BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION s.f(); CREATE POLICY p ON s.t;"
                 "CREATE STATISTICS s.st ON id, a FROM s.t; CREATE RULE r AS ON DELETE TO s.t DO ALSO NOTIFY x")
        places = ("SCHEMA s", "TYPE s.e", "DOMAIN s.d", "CONSTRAINT positive ON DOMAIN s.d", "TYPE s.c", "COLUMN s.c.a", "SEQUENCE s.q", "TABLE s.t",
                  "COLUMN s.t.a", "CONSTRAINT known ON s.t", "CONSTRAINT t_pkey ON s.t", "INDEX s.t_pkey", "INDEX s.i", "VIEW s.v", "COLUMN s.v.a",
                  "MATERIALIZED VIEW s.m", "COLUMN s.m.a", "FUNCTION s.f()", "TRIGGER g ON s.t", "POLICY p ON s.t", "STATISTICS s.st", "RULE r ON s.t")
        texts = [text for text in TEXTS if text]
        for i in range(0, len(texts), 3):
            self.sql("".join(f"COMMENT ON {place} IS {literal(texts[(i + n) % len(texts)])};" for n, place in enumerate(places)))
            self.settled()

    def test_texts_of_the_language_and_of_sql(self):
        """What is SQL knows no variables: there nothing is written otherwise."""
        for i, text in enumerate(TEXTS):
            t = literal(text)
            self.sql(f"CREATE SCHEMA s{i}; CREATE TABLE s{i}.t (a text DEFAULT {t}, CHECK (a <> {t}));"
                     f"CREATE VIEW s{i}.v AS SELECT {t} AS x; CREATE FUNCTION s{i}.f() RETURNS text LANGUAGE sql AS {literal('SELECT ' + t)};"
                     f"CREATE INDEX ON s{i}.t (a) WHERE a <> {t}; CREATE POLICY p ON s{i}.t USING (a <> {t})")
            if text:
                self.sql(f"CREATE TYPE s{i}.e AS ENUM ({t})")
        self.settled()

    def test_names(self):
        for i, name in enumerate(("${name}", "a${b}c", "$${x}", "Po rt", 'qu"ote', "a.b", "$")):
            quoted = '"' + name.replace('"', '""') + '"'
            self.sql(f"CREATE SCHEMA s{i}; CREATE TABLE s{i}.{quoted} ({quoted} integer CONSTRAINT {quoted} CHECK ({quoted} > 0), b text);"
                     f"CREATE INDEX ON s{i}.{quoted} ({quoted}) INCLUDE (b); CREATE TYPE s{i}.{quoted[:-1]}e\" AS ({quoted} integer);"
                     f"COMMENT ON COLUMN s{i}.{quoted}.{quoted} IS 'x'; CREATE SEQUENCE s{i}.q OWNED BY s{i}.{quoted}.{quoted}")
        self.settled()

    def test_options(self):
        """Of wrappers, servers, mappings, tables and columns."""
        names = ("Po rt", "port", 'qu"ote', "${x}", "Upper", "a-b", "select", "dot.ted", "two words more")
        options = ", ".join('"' + name.replace('"', '""') + '" ' + literal(TEXTS[i]) for i, name in enumerate(names))
        self.sql(f"CREATE FOREIGN DATA WRAPPER fw OPTIONS ({options}); CREATE SERVER sv FOREIGN DATA WRAPPER fw OPTIONS ({options});"
                 f"CREATE USER MAPPING FOR PUBLIC SERVER sv OPTIONS ({options}); CREATE SCHEMA s;"
                 f"CREATE FOREIGN TABLE s.t (a integer OPTIONS ({options})) SERVER sv OPTIONS ({options})")
        self.settled()
        self.sql("ALTER SERVER sv OPTIONS (SET \"Po rt\" '7')")
        told = self.call(2, "plan", "--url", self.url, "--schema", "live.schema", "--detailed-exitcode").stdout
        self.assertIn('SET "Po rt"', told)
