"""clone-schema: a development database becomes what was last applied to another one; its rows stay, and what goes needs consent."""
import glob
import json
import os
import re

from harness import HERE, Case

PROD = """schema app {
  table users { id bigint not null primary key; email text not null; }
  view emails as $$ select email from users $$;
}
"""
# Two levels, and children that declare something of their own.
PARTITIONS = """schema s {
  table p partition by range (id) {
    id int not null;
    note text default 'n' comment 'of all';
    size int;
    check small (size < 100);
    index p_note on (note);
    partition p1 for values from (1) to (100) partition by list (note) {
      column note default 'one' comment 'of p1';
      column size not null;
      partition p1a for values in ('a') {
        column note default 'a' comment 'of p1a';
      }
      partition p1z default;
    }
    partition p2 for values from (100) to (200) {
      column size default 5;
    }
    grant select (id) to public;
  }
  table t { id int not null; name text default 'x' comment 'c'; check named (name <> ''); }
  table child inherits (s.t) { x int; column name default 'y' comment 'of child'; column id comment 'inherited'; }
  table grandchild inherits (s.child) { y int; column x not null; }
}
"""
YAML = """schema: [prod.schema]
environments:
  dev: { url: "${DEV}" }
  prod: { url: "${PROD}" }
  other: { url: "${DEV}", %s }
"""


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


class CloneSchema(Case):
    def setUp(self):
        super().setUp()
        self.dev_name, self.dev = self.fresh("dev")
        self.write("prod.schema", PROD)
        self.configure("confirm: name")
        self.clone_environment = {"PROD": self.url, "DEV": self.dev}
        self.go(0, "apply", "--env", "prod", "--yes")

    def configure(self, rule):
        self.write("lockstep.yaml", YAML % rule)

    def go(self, code, *arguments):
        return self.call(code, *arguments, environment=self.clone_environment)

    def clone(self, code, *more, source="prod", target="dev"):
        return self.go(code, "clone-schema", source, target, *more)

    def dumps(self):
        return [self.server.dump(name, "-s", "-O") for name in (self.database, self.dev_name)]

    def test_an_empty_one_and_again(self):
        said = self.clone(0, "--yes")
        self.assertIn("the state of environment prod after run ", said.stderr)
        self.assertEqual(*self.dumps())
        self.assertIn("nothing to do", self.clone(0, "--yes").stdout)
        self.assertIn("clone-schema: the state of environment prod", self.go(0, "history", "--env", "dev").stdout)

    def test_what_was_done_by_hand_is_not_in_the_record(self):
        self.sql("CREATE TABLE app.by_hand (id integer)")
        self.clone(0, "--yes")
        self.assertNotIn("by_hand", self.dumps()[1])

    def test_rows_stay_and_what_goes_needs_consent(self):
        self.sql("CREATE SCHEMA app; CREATE TABLE app.users (id bigint PRIMARY KEY, email text NOT NULL, note text); CREATE TABLE app.mine (id integer);"
                 "INSERT INTO app.users VALUES (1, 'a@x', 'n'); INSERT INTO app.mine VALUES (1)", self.dev_name)
        self.assertIn("drop-table:app.mine", self.clone(3, "--yes").stdout)
        self.assertEqual("1", self.sql("SELECT count(*) FROM app.mine", self.dev_name).strip())
        dry = self.clone(0, "--dry-run")
        self.assertIn("dry run: nothing was changed", dry.stdout)
        self.assertIn("app.mine", dry.stdout)
        self.assertEqual("f", self.sql("SELECT to_regnamespace('lockstep') IS NOT NULL", self.dev_name).strip())
        self.clone(0, "--yes", "--allow", "drop-table:app.mine,drop-column:app.users.note")
        self.assertEqual("1\ta@x", self.sql("SELECT * FROM app.users", self.dev_name).strip())
        self.assertEqual(*self.dumps())
        run = json.loads(self.go(0, "history", "--env", "dev", "--format", "json").stdout)["runs"][0]["id"]
        self.assertIn("app.mine", self.go(0, "backup", "show", run, "--env", "dev").stdout)

    def test_by_urls(self):
        self.call(0, "clone-schema", self.url, self.dev, "--yes")
        self.assertEqual(*self.dumps())

    def cloned(self, text, what):
        """Of a schema in a database of its own: what a clone of its record is, beside it."""
        self.write("kinds.schema", text)
        one, other = self.fresh("one"), self.fresh("other")
        if self.call_any("apply", "--url", one[1], "--schema", "kinds.schema", "--yes", "--allow", "all").returncode:
            return False  # it needs what this server lacks (an extension, a role)
        said = self.call_any("clone-schema", one[1], other[1], "--yes", "--allow", "all")
        self.assertEqual(0, said.returncode, f"{what}\n{said.stdout}{said.stderr}")
        dumps = [self.server.dump(name, "-s", "-O") for name in (one[0], other[0])]
        self.assertEqual(*dumps, what)
        again = self.call_any("clone-schema", one[1], other[1], "--yes")
        self.assertIn("nothing to do", again.stdout, what)
        return True

    def test_partitions_and_inheritance(self):
        self.assertTrue(self.cloned(PARTITIONS, "partitions"))
        self.assertTrue(self.cloned("schema s { table t { id int; } table c inherits (s.t) { x int; } }", "inheritance"))

    def test_of_what_was_inherited_by_hand(self):
        """The record decides, not what somebody has attached since."""
        self.write("kinds.schema", "schema s { table p partition by range (id) { id int; } table own { id int; } }")
        one, other = self.fresh("one"), self.fresh("other")
        self.call(0, "apply", "--url", one[1], "--schema", "kinds.schema", "--yes")
        self.sql("ALTER TABLE s.p ATTACH PARTITION s.own FOR VALUES FROM (1) TO (2)", one[0])
        self.call(0, "clone-schema", one[1], other[1], "--yes")
        self.assertEqual("f", self.sql("SELECT relispartition FROM pg_class WHERE oid = 's.own'::regclass", other[0]).strip())

    def test_every_kind(self):
        """Of each case of tests/cases its state after: equal, whatever kinds it has."""
        cases = os.path.join(HERE, "..", "cases")
        whole = [read(os.path.join(HERE, "..", "..", "schemas", name)) for name in ("shop.schema",)]
        for folder in sorted(os.listdir(cases)):
            files = sorted(glob.glob(os.path.join(cases, folder, "*.case")))
            after = [re.search(r"^-- after\n(.*?)(?=^-- |\Z)", read(path), re.M | re.S) for path in files]
            texts = [found.group(1) for found in after if found]
            whole += texts[:: max(1, len(texts) // 2)][:2]
        self.assertGreater(sum([self.cloned(text, text) for text in whole]), len(whole) // 2)

    def test_refused(self):
        self.assertIn("same database", self.clone(64, "--yes", target="prod").stderr)
        self.assertIn("same database", self.clone(64, "--yes", source="dev", target=self.dev).stderr)
        self.assertIn("nothing was ever applied to environment dev", self.clone(3, "--yes", source="dev", target="prod").stderr)
        for rule, name in (("after: prod", "after"), ("require: { clean: true }", "require"), ("protect: { drop: deny }", "protect"), ("confirm: name", "confirm")):
            self.configure(rule)
            self.assertIn(f"environment other has `{name}:`", self.clone(3, "--yes", "--allow", "all", target="other").stderr)
        self.assertIn("nobody", self.clone(64, "--yes", target="nobody").stderr)
        self.assertNotIn("app", self.dumps()[1])

    def test_an_edited_record(self):
        self.sql("SET session_replication_role = replica; UPDATE lockstep.applied SET content = replace(content, 'email', 'e-mail')")
        self.assertIn("changed by somebody else", self.clone(8, "--yes").stderr)
        self.assertNotIn("app", self.dumps()[1])

    def test_a_schema_managed_in_part(self):
        self.write("prod.schema", PROD.replace("schema app", "schema app partial"))
        self.go(0, "apply", "--env", "prod", "--yes")
        self.assertIn("schema app of environment prod is managed only in part", self.clone(3, "--yes").stderr)

    def test_nothing_is_left_behind(self):
        self.clone(0, "--yes")
        found = [name for name in os.listdir(os.environ.get("TMPDIR", "/tmp")) if name.startswith("lockstep_clone_")]
        self.assertEqual([], found)


if __name__ == "__main__":
    import unittest
    unittest.main()
