"""What would stop a run half-way is told before its first step: nothing is hidden before its values can be saved."""
import os
import unittest

from harness import Case

BEFORE = "schema app {\n  table t { id bigint not null primary key; note text; }\n}\n"
AFTER = "schema app {\n  table t { id bigint not null primary key; }\n}\n"
OWNED = """schema app owner {role} {{
  table t owner {role} {{ {body} }}
}}
"""


class Readiness(Case):
    def setUp(self):
        super().setUp()
        self.role = "app_" + self.database
        self.sql(f"CREATE ROLE {self.role} LOGIN; GRANT CREATE, TEMPORARY ON DATABASE {self.database} TO {self.role}")
        self.addCleanup(self.server.sql, self.database, f"DROP OWNED BY {self.role}; DROP ROLE {self.role}")
        self.own = f"host={self.server.folder} user={self.role} dbname={self.database}"
        self.sql(f"""SET ROLE {self.role}; CREATE SCHEMA app; CREATE TABLE app.t (id bigint PRIMARY KEY, note text);
                     INSERT INTO app.t SELECT n, 'note ' || n FROM generate_series(1, 500) n;
                     CREATE POLICY mine ON app.t USING (id > 0)""")

    def changed(self, code, change, *more, url=None, environment=None):
        """An apply of what `inspect` says, changed; and nothing was run where it fails."""
        self.call(0, "inspect", "--url", self.url, "-o", "live.schema")
        self.write("new.schema", change(self.read("live.schema")))
        os.remove(self.path("live.schema"))
        done = self.call(code, "apply", "--url", url or self.own, "--schema", "new.schema", "--yes", "--allow", "all", *more,
                         environment=environment)
        if code:
            self.assertEqual("t\n", self.sql("SELECT to_regnamespace('lockstep') IS NULL"))
            self.assertEqual("note\n", self.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attnum = 2"))
        return done.stderr

    @staticmethod
    def without_note(text):
        lines = [line for line in text.splitlines(True) if not line.strip().startswith("note ")]
        assert len(lines) < len(text.splitlines(True)), text
        return "".join(lines)

    def test_row_level_security_that_is_forced_on_the_owner(self):
        self.sql("ALTER TABLE app.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        told = self.changed(1, self.without_note)
        self.assertIn("forced on its owner", told)
        self.assertIn("BYPASSRLS", told)
        self.assertIn("NO FORCE ROW LEVEL SECURITY", told)
        self.sql(f"ALTER ROLE {self.role} BYPASSRLS")
        self.changed(0, self.without_note)

    def test_row_level_security_that_the_owner_is_free_of(self):
        self.sql("ALTER TABLE app.t ENABLE ROW LEVEL SECURITY")
        self.changed(0, self.without_note)

    def test_the_plan_itself_lifts_it_first(self):
        self.sql("ALTER TABLE app.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        def change(text):
            self.assertIn("force row level security", text)
            return self.without_note(text).replace("force row level security", "")
        self.assertNotIn("row-level", self.changed(0, change))

    def test_a_column_that_its_owner_may_not_read(self):
        self.sql(f"REVOKE SELECT ON app.t FROM {self.role}")
        self.assertIn("permission denied for table t", self.changed(1, self.without_note))

    def test_a_backfill_under_row_level_security(self):
        self.sql("ALTER TABLE app.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        told = self.changed(1, lambda text: text.replace("note text;", "note text; more text not null backfill ('x' || id);"))
        self.assertIn("row-level security", told)

    def test_transactions_that_are_read_only(self):
        self.sql(f"ALTER ROLE {self.role} IN DATABASE {self.database} SET default_transaction_read_only = on")
        self.assertIn("default_transaction_read_only", self.changed(1, self.without_note))

    def test_a_new_owner_that_the_role_is_no_member_of(self):
        other = "other_" + self.database
        self.sql(f"CREATE ROLE {other}")
        self.addCleanup(self.server.sql, self.database, f"DROP OWNED BY {other}; DROP ROLE {other}")
        told = self.changed(1, lambda text: text.replace(f"owner {self.role}", f"owner {other}"))
        self.assertIn(f"GRANT {other} TO {self.role}", told)

    def test_a_backup_folder_without_room(self):
        small = "/dev/full"
        told = self.changed(1, self.without_note, "--store", small)
        self.assertIn("backups can't be written", told)


if __name__ == "__main__":
    unittest.main()
