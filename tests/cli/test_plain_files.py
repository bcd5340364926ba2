"""Files that commands read and write: what isn't a plain file is not waited for, and a full disk is no usage error and leaves no half of a file."""
import os
import resource
import signal
import stat
import subprocess

from harness import Case

UNFORMATTED = "schema  app { table t { id bigint not null primary key; } }\n"


class PlainFiles(Case):
    def pipe(self, name):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        os.mkfifo(self.path(name))

    def test_a_pipe_is_not_waited_for(self):
        self.pipe("flyway/V1__a.sql")
        self.pipe("prisma/1_a/migration.sql")
        self.pipe("locked/migration_lock.toml")
        self.pipe("rails/structure.sql")
        self.pipe("sql/1.sql")
        self.pipe("x")
        self.pipe("keys/ada.key")
        self.pipe("x.schema")
        self.pipe("include.sql")
        self.write("includes.schema", "include 'include.sql';\n")
        self.write("lockstep.yaml", f"schema: [one.schema]\nenvironments:\n  dev: {{ url: \"{self.url}\" }}\n")
        self.call(0, "plan", "--env", "dev", "-o", "plan.json")
        self.pipe("plan.json.approvals")
        self.call(0, "key", "bob")
        for call in (("import", "flyway", "flyway"), ("import", "prisma", "prisma"), ("import", "prisma", "locked"), ("import", "rails", "rails"), ("import", "sql", "sql"),
                     ("import", "alembic", "x"), ("check", "--schema", "x.schema"), ("check", "--schema", "includes.schema"), ("fmt", "x.schema"), ("apply", "x", "--env", "dev", "--yes"),
                     ("approve", "x", "--env", "dev", "--key", "bob.key"), ("approve", "plan.json", "--env", "dev", "--key", "keys/ada.key"),
                     ("approve", "plan.json", "--env", "dev", "--key", "bob.key"), ("plan", "--config", "x", "--env", "dev"), ("compare", "x.schema", "one.schema")):
            with self.subTest(call):
                done = self.call_any(*call, timeout=60)
                self.assertRegex(done.stderr, "(not a|no) plain file")
                self.assertEqual(64, done.returncode)
        self.pipe("lockstep.lock")
        self.assertIn("not a plain file", self.call_any("verify", "--env", "dev", timeout=60).stderr)

    def test_a_backup_that_is_a_pipe(self):
        self.apply(0, "one", "--yes", "--store", "b")
        self.sql("INSERT INTO app.t VALUES (1, 'a')")
        self.apply(0, "less", "--yes", "--allow", "all", "--store", "b")
        folder, = [folder for folder, _, names in os.walk(self.path("b")) if "manifest.json" in names and any(name.endswith(".zst") for name in names)]
        for name in [name for name in os.listdir(folder) if name.endswith(".zst")] + ["manifest.json"]:
            os.remove(os.path.join(folder, name))
            os.mkfifo(os.path.join(folder, name))
            done = self.call_any("backup", "verify", folder, "--store", "b", timeout=60)
            self.assertIn("not a plain file", done.stdout + done.stderr)
            self.assertNotEqual(0, done.returncode)

    def on_a_full_disk(self, code, *arguments, most=0):
        """Where no file may be longer than `most` bytes."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        done = subprocess.run([self.lockstep, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, restore_signals=False, preexec_fn=limit)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return done

    def test_a_full_disk_leaves_files_as_they_were(self):
        self.write("s/a.schema", UNFORMATTED)
        before = sorted(os.listdir(self.path("s")))
        done = self.on_a_full_disk(1, "fmt", "s")
        self.assertIn("s/a.schema can't be written: File too large; the file is as it was. Make room", done.stderr)
        self.assertEqual("", done.stdout)  # nothing was formatted
        self.assertEqual((before, UNFORMATTED), (sorted(os.listdir(self.path("s"))), self.read("s/a.schema")))
        for call in (("plan", "--schema", "one.schema"), ("inspect",)):
            done = self.call_any(*call, "--url", self.url, "-o", "/dev/full")
            self.assertEqual(1, done.returncode, done.stderr)
            self.assertIn("/dev/full can't be written: No space left on device", done.stderr)
        self.assertIn("missing/x.json: No such file", self.call(64, "plan", "--url", self.url, "--schema", "one.schema", "-o", "missing/x.json").stderr)

    def test_keys(self):
        self.call(0, "key", "ada", "-o", "a/b")
        for folder in ("a", "a/b"):
            self.assertEqual(0o700, stat.S_IMODE(os.stat(self.path(folder)).st_mode))
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.path("a/b/ada.key")).st_mode))
        self.assertEqual(["ada.key"], os.listdir(self.path("a/b")))
        self.assertIn("bob.key can't be written: File too large; the file doesn't exist", self.on_a_full_disk(1, "key", "bob", "-o", "a/b").stderr)
        # The public key is the shorter one; the secret one alone is of no use.
        self.write("lockstep.yaml", "schema: [one.schema]\napprovers: /proc/self\n")
        self.call_any("key", "bob", "-o", "a/b")
        self.assertEqual(["ada.key"], os.listdir(self.path("a/b")))
        os.remove(self.path("lockstep.yaml"))
        self.call(0, "key", "bob", "-o", "a/b")
        os.remove(self.path("approvers/bob.pub"))
        kept = self.read("a/b/bob.key")
        self.assertIn("a/b/bob.key is there already, and is left as it is", self.call(1, "key", "bob", "-o", "a/b").stderr)
        self.assertEqual((kept, False), (self.read("a/b/bob.key"), os.path.exists(self.path("approvers/bob.pub"))))
        self.write("file", "")
        self.assertIn("folder file/x can't be made: Not a directory", self.call(1, "key", "eve", "-o", "file/x").stderr)
