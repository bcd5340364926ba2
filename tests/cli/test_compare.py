"""compare A B: databases, environments and files, in every mixture."""
import json

from harness import Case

RICH = """schema app {
  enum mood ('ok', 'bad');
  table t {
    id bigint not null primary key;
    s varchar(9) check known (s in ('a', 'b'));
    m mood not null default 'ok';
    index t_lower on (lower(s)) where s is not null;
  }
  view v as $$ select id, s from t where m = 'ok' $$;
}
"""


class Compare(Case):
    def test_files(self):
        text = self.call(0, "compare", "one.schema", "one.schema", told=True)
        text += self.call(2, "compare", "one.schema", "two.schema", told=True)
        self.write("other.schema", "schema app {\n  table t { id bigint not null primary key; note varchar(9) default 'x'; }\n  table u { a integer; }\n}\n")
        text += self.call(2, "compare", "two.schema", "other.schema", told=True)
        self.golden("compare", text)

    def test_databases_and_files(self):
        _, other = self.fresh("other")
        self.write("rich.schema", RICH)
        self.call(0, "apply", "--url", self.url, "--schema", "rich.schema", "--yes")
        self.sql("CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('ok', 'bad'); CREATE TABLE app.t (id bigint PRIMARY KEY, s varchar(9), "
                 "m app.mood NOT NULL DEFAULT 'ok'); ALTER TABLE app.t ADD CONSTRAINT known CHECK (s IN ('a', 'b')); "
                 "CREATE INDEX t_lower ON app.t (lower(s)) WHERE s IS NOT NULL; "
                 "CREATE VIEW app.v AS SELECT id, s FROM app.t WHERE m = 'ok'", next(n for n, w in self.names.items() if w == "other"))
        for a, b in ((self.url, other), (other, self.url), (self.url, "rich.schema"), ("rich.schema", other)):
            self.call(0, "compare", a, b)
        self.sql("ALTER TABLE app.t ADD COLUMN n varchar(10); CREATE TABLE app.mine ()")
        done = self.call(2, "compare", self.url, "rich.schema")
        for line in ("only in A", "- table app.mine", "- column app.t.n"):
            self.assertIn(line, done.stdout)
        document = json.loads(self.call(2, "compare", other, self.url, "--format", "json").stdout)
        self.assertEqual(("lockstep-compare/1", False), (document["format"], document["equal"]))
        self.assertIn(("only_b", "table app.mine"), [(d["change"], d["object"]) for d in document["differences"]])
        self.assertNotIn("host=", json.dumps(document))

    def test_environments(self):
        _, other = self.fresh("other")
        self.write("lockstep.yaml", "environments:\n  dev: { url: \"${DEV}\" }\n  prod: { url: \"${PROD}\" }\n")
        urls = {"DEV": self.url, "PROD": other}
        self.apply(0, "one", "--yes")
        self.assertIn("A  dev (database", self.call(2, "compare", "dev", "prod", environment=urls).stdout)
        self.call(0, "compare", "dev", "one.schema", environment=urls)
        self.assertIn("no environment", self.call(64, "compare", "dev", "nowhere", environment=urls).stderr)
        self.call(64, "compare", "dev", environment=urls)
        self.call(64, "compare", "dev", "wrong.schema", environment=urls)
