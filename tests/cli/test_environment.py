"""What an environment of lockstep.yaml asks for: hooks, protection, its backup folder."""
import os

from harness import Case


class Environment(Case):
    def yaml(self, settings):
        self.write("lockstep.yaml", f"schema: [one.schema]\nenvironments:\n  dev: {{ url: \"${{DEV}}\", {settings} }}\n")

    def dev(self, code, *arguments, **how):
        return self.call(code, *arguments, "--env", "dev", environment={"DEV": self.url}, **how)

    def test_hooks_in_their_order(self):
        self.yaml("hooks: { before: ['echo before $LOCKSTEP_ENV $LOCKSTEP_DATABASE >> log', 'echo seen'], "
                  "after_expand: ['echo expanded $LOCKSTEP_RUN >> log'], after: ['echo after $LOCKSTEP_RUN >> log'] }")
        done = self.dev(0, "apply", "--yes")
        self.assertIn("seen", done.stderr)
        self.assertNotIn("seen", done.stdout)
        run = self.sql("SELECT id FROM lockstep.run").strip()
        self.assertEqual([f"before dev {self.database}", f"expanded {run}", f"after {run}"], self.read("log").splitlines())
        self.dev(0, "apply", "--yes")
        self.assertEqual(3, len(self.read("log").splitlines()), "nothing to do: no hook")

    def test_before_fails(self):
        self.yaml("hooks: { before: ['exit 3'] }")
        text = self.dev(1, "apply", "--yes", "--quiet", told=True)
        self.assertEqual("", self.sql("SELECT 1 FROM pg_namespace WHERE nspname IN ('app', 'lockstep')"))
        self.yaml("hooks: { after: ['exit 3'] }")
        text += self.dev(7, "apply", "--yes", "--quiet", told=True)
        self.golden("hooks", text)
        self.dev(0, "verify", "--strict")

    def test_after_expand_fails_and_is_run_again(self):
        self.apply(0, "two", "--yes")
        self.sql("INSERT INTO app.t VALUES (1)")
        self.write("one.schema", "schema app {\n  table t { id bigint not null primary key; note text; more integer; }\n}\n")
        self.yaml("hooks: { after_expand: ['test -e ready'] }")
        done = self.dev(7, "apply", "--yes", "--allow", "all")
        self.assertIn("after_expand", done.stderr)
        self.assertEqual("extra\nmore\n", self.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'app.t'::regclass AND attname IN ('extra', 'more') ORDER BY 1"))
        self.dev(7, "resume", "--yes")
        self.write("ready", "")
        self.dev(0, "resume", "--yes")
        self.dev(0, "verify", "--strict")

    def test_protection(self):
        self.yaml("protect: { tables: [app.*] }")
        self.dev(0, "apply", "--yes")
        self.sql("INSERT INTO app.t VALUES (1, 'x')")
        text = self.dev(3, "apply", "--schema", "less.schema", "--yes", "--allow", "drop:app.t.*", "--quiet", told=True)
        text += self.dev(3, "apply", "--schema", "two.schema", "--yes", "--allow", "all", "--quiet", told=True)
        self.yaml("protect: { drop: deny }")
        text += self.dev(3, "apply", "--schema", "less.schema", "--yes", "--allow", "drop", "--quiet", told=True)
        self.golden("protect", text)
        self.dev(0, "apply", "--schema", "two.schema", "--yes")

    def test_the_backup_folder_is_beside_the_configuration(self):
        os.mkdir(self.path("elsewhere"))
        self.yaml("backup: { store: saved }")
        self.call(0, "apply", "--env", "dev", "--yes", "--config", os.path.join("..", os.path.basename(self.folder), "lockstep.yaml"),
                  environment={"DEV": self.url})
        self.assertTrue(os.path.isdir(self.path("saved")))
