"""identity and lockstep.lock: a URL that leads elsewhere, and a journal that was copied, are refused."""
import json
import os

from harness import Case

YAML = "schema: [one.schema]\nenvironments:\n  dev: { url: \"${DEV}\" }\n  prod: { url: \"${PROD}\" }\n"


class Identity(Case):
    def setUp(self):
        super().setUp()
        self.other, self.other_url = self.fresh("other")
        self.write("lockstep.yaml", YAML)
        self.urls = {"DEV": self.url, "PROD": self.other_url}

    def env(self, code, *arguments, **how):
        return self.call(code, *arguments, environment=self.urls, **how)

    def test_the_first_apply_pins(self):
        self.env(0, "plan", "--env", "dev")
        self.assertFalse(os.path.exists(self.path("lockstep.lock")))
        self.assertIn("pinned", self.env(0, "apply", "--env", "dev", "--yes").stderr)
        first = self.read("lockstep.lock")
        self.assertNotIn("pinned", self.env(0, "apply", "--env", "dev", "--yes").stderr)
        self.assertEqual(first, self.read("lockstep.lock"))
        self.env(0, "apply", "--env", "prod", "--yes")
        self.golden("lockstep_lock", self.read("lockstep.lock"))
        text = self.env(0, "identity", "show", told=True)
        text += self.env(0, "identity", "show", "--env", "dev", told=True)
        text += self.env(0, "identity", "show", "--url", self.url, told=True)
        self.golden("identity_show", text)
        self.assertEqual({"dev", "prod"}, set(json.loads(self.env(0, "identity", "show", "--format", "json").stdout)["environments"]))
        self.assertIsNone(json.loads(self.env(0, "identity", "show", "--env", "dev", "--format", "json").stdout)["problem"])

    def test_a_url_that_leads_elsewhere(self):
        self.env(0, "apply", "--env", "dev", "--yes")
        self.urls["PROD"] = self.url
        text = self.env(4, "apply", "--env", "prod", "--yes", told=True)
        text += self.env(4, "plan", "--env", "prod", told=True)
        text += self.env(0, "status", "--env", "prod", told=True)
        text += self.env(4, "verify", "--env", "prod", told=True)
        self.urls = {"DEV": self.other_url, "PROD": self.other_url}
        text += self.env(4, "apply", "--env", "dev", "--yes", told=True)
        self.golden("identity_elsewhere", text)
        self.assertIn("prod points at the database known as dev", text)
        self.assertEqual("", self.sql("SELECT 1 FROM pg_namespace WHERE nspname IN ('app', 'lockstep')", self.other))

    def test_a_copied_journal(self):
        self.env(0, "apply", "--env", "dev", "--yes")
        copy, url = self.fresh("copy", self.database)
        self.urls["PROD"] = url
        text = self.env(4, "apply", "--env", "prod", "--yes", told=True)
        text += self.call(4, "apply", "--url", url, "--schema", "two.schema", "--yes", told=True)
        self.env(64, "identity", "rebind", "--env", "prod")
        text += self.env(0, "identity", "rebind", "--env", "prod", "--reason", "staging from a clone", told=True)
        self.golden("identity_copy", text)
        self.env(0, "apply", "--env", "prod", "--yes")
        self.env(0, "verify")
        self.assertEqual("identity\n", self.sql("SELECT kind FROM lockstep.event WHERE run IS NULL", copy))
        self.sql("UPDATE lockstep.identity SET id = gen_random_uuid()", copy)
        self.call(8, "verify", "--url", url)

    def test_forget(self):
        self.env(0, "apply", "--env", "dev", "--yes")
        copy, url = self.fresh("copy", self.database)
        self.urls["PROD"] = url
        self.env(3, "identity", "forget", "--env", "prod")
        self.env(0, "identity", "forget", "--env", "prod", "--yes")
        self.assertEqual("", self.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'lockstep'", copy))
        self.env(0, "apply", "--env", "prod", "--yes")
        text = self.env(0, "identity", "forget", "--env", "dev", told=True)
        self.golden("identity_forget", text)
        self.assertEqual("1\n", self.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'lockstep'"))
        del self.urls["DEV"]
        self.env(0, "identity", "forget", "--env", "dev")

    def test_set(self):
        self.env(0, "identity", "set", "--env", "dev")
        self.assertIn("dev:", self.read("lockstep.lock"))
        self.urls["PROD"] = self.url
        self.env(4, "identity", "set", "--env", "prod")
        self.env(64, "identity", "set", "--url", self.url)
        self.env(0, "apply", "--env", "dev", "--yes")
        self.env(0, "verify", "--env", "dev", "--strict")

    def test_a_damaged_lock_file_is_never_guessed_at(self):
        self.write("lockstep.lock", "environments: [dev]\n")
        self.assertIn("lockstep.lock:1", self.env(64, "apply", "--env", "dev", "--yes").stderr)

    def test_where_the_pin_cannot_be_written_nothing_is_run(self):
        if os.getuid() == 0:
            self.skipTest("root may write anywhere")
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        self.env(64, "apply", "--env", "dev", "--yes")
        self.assertEqual("", self.sql("SELECT 1 FROM pg_namespace WHERE nspname = 'lockstep'"))
