"""A column is hidden, saved and dropped by three steps: the drop looks at the saved file first, wherever the run goes on."""
import glob
import hashlib
import json
import os
import shutil
import subprocess
import unittest

from harness import Case

BEFORE = "schema app {\n  table a { id bigint not null primary key; note text; }\n}\n"
AFTER = "schema app {\n  table a { id bigint not null primary key; }\n}\n"
SAVE, DROP = "s02", "s03"


class Base(Case):
    def setUp(self):
        super().setUp()
        self.write("before.schema", BEFORE)
        self.write("after.schema", AFTER)
        self.apply(0, "before", "--yes")
        self.sql("INSERT INTO app.a SELECT n, 'note ' || n FROM generate_series(1, 500) n")

    def saved(self):
        self.killed("after", SAVE)
        self.folder_of_run = self.newest()
        return self.folder_of_run

    def newest(self, store="backups"):
        return max(glob.glob(self.path(f"{store}/*/*Z-*")), key=lambda one: (bool(glob.glob(one + "/*.zst")), one))

    def resume(self, code, *more, **how):
        return self.call(code, "resume", "--url", self.url, "--yes", *more, **how)

    def hidden(self):
        return self.sql("SELECT count(lockstep_dropped_note) FROM app.a")

    def come_back(self, *more):
        """What was saved is whole: it is brought back, and is what it was."""
        self.apply(0, "before", "--yes")
        run = json.loads(self.call(0, "history", "--url", self.url, "--format", "json").stdout)["runs"][1]["id"]
        self.call(0, "backup", "restore", run, "--url", self.url, "--yes", *more)
        self.assertEqual("500\n", self.sql("SELECT count(*) FROM app.a WHERE note = 'note ' || id"))


class SavedValues(Base):
    def test_a_folder_that_vanished_is_written_again(self):
        shutil.rmtree(self.saved())
        done = self.resume(0)
        self.assertIn(SAVE + "-1.copy.zst is missing", done.stderr)
        self.assertIn("still in the hidden column lockstep_dropped_note of app.a, so they are saved again into", done.stderr)
        self.assertIn(SAVE + "-1.2.copy.zst", os.listdir(self.newest()))
        self.call(0, "backup", "verify", "--url", self.url)
        self.assertEqual("", self.call(0, "status", "--url", self.url).stderr)
        self.come_back()

    def test_a_damaged_file_is_written_again(self):
        for change in (lambda f, whole: f.write(whole[:20] + bytes([whole[20] ^ 1])), lambda f, whole: f.truncate(len(whole) - 1)):
            with self.subTest():
                file = glob.glob(self.saved() + "/*.zst")[0]
                with open(file, "rb") as stream:
                    whole = stream.read()
                with open(file, "r+b") as stream:
                    change(stream, whole)
                self.assertIn("saved again", self.resume(0).stderr)
                self.call(0, "backup", "verify", "--url", self.url)
                self.come_back()

    def test_a_file_that_vanishes_during_the_run_is_missed_by_the_drop(self):
        self.killed("after", DROP, "before-exec")
        shutil.rmtree(self.newest())
        self.assertEqual("500\n", self.hidden())
        self.assertIn("saved again", self.resume(0).stderr)
        self.come_back()

    def test_killed_while_saving_again(self):
        shutil.rmtree(self.saved())
        for step, point in ((SAVE, "after-backup"), (SAVE, "before-commit"), (SAVE, "after-commit"), (DROP, "before-exec"),
                            (DROP, "after-exec"), (DROP, "before-commit")):
            done = subprocess.run([self.lockstep, "resume", "--url", self.url, "--yes"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=120, env=dict(os.environ, LOCKSTEP_CRASH_AT=f"{step}:{point}"))
            self.assertEqual(-9, done.returncode)
            if point == "after-exec":
                shutil.rmtree(self.newest())
            self.assertEqual("500\n", self.hidden())
        self.resume(0)
        self.come_back()

    def test_without_backups_it_stops_before_the_drop(self):
        shutil.rmtree(self.saved())
        done = self.resume(7, "--no-backup")
        self.assertIn("still in the hidden column", done.stderr)
        self.assertIn("without --no-backup", done.stderr)
        self.assertEqual("500\n", self.hidden())
        self.resume(0)
        self.come_back()

    def test_nothing_was_saved_and_nothing_is_asked_for(self):
        self.killed("after", SAVE, "after-settled", "--no-backup")
        self.resume(0, "--no-backup")
        self.assertEqual([], glob.glob(self.path("backups/*/*/s0*.zst")))

    def test_a_run_that_was_begun_without_backups_saves_before_it_drops(self):
        self.killed("after", SAVE, "after-settled", "--no-backup")
        self.assertIn("--no-backup); the values", self.resume(0).stderr)
        self.come_back()

    def test_found_from_another_folder_and_another_machine(self):
        moved = self.path("elsewhere/store")
        os.makedirs(os.path.dirname(moved))
        self.saved()
        os.rename(self.path("backups"), moved)
        self.assertNotIn("saved again", self.resume(0, "--store", "elsewhere/store").stderr)
        self.apply(0, "before", "--yes")
        run = os.path.basename(self.folder_of_run)[-8:]
        self.call(64, "backup", "restore", run, "--url", self.url, "--yes", "--store", "backups/none")
        self.call(0, "backup", "restore", run, "--url", self.url, "--yes", "--store", "elsewhere/store")
        self.assertEqual("500\n", self.sql("SELECT count(*) FROM app.a WHERE note = 'note ' || id"))

    def test_two_folders_of_a_run_are_restored_as_one(self):
        self.write("before2.schema", BEFORE.replace("}\n}", "}\n  table b { id bigint not null primary key; note text; }\n}"))
        self.write("after2.schema", AFTER.replace("}\n}", "}\n  table b { id bigint not null primary key; }\n}"))
        self.apply(0, "before2", "--yes")
        self.sql("INSERT INTO app.b SELECT n, 'b ' || n FROM generate_series(1, 50) n")
        self.killed("after2", SAVE)
        first = self.newest()
        self.resume(0, "--store", "second")
        second = self.newest("second")
        place = os.path.join(os.path.dirname(first), "20200101T000000Z-" + second[-8:])
        shutil.copytree(second, place)
        self.apply(0, "before2", "--yes")
        self.call(0, "backup", "verify", second[-8:], "--url", self.url)
        self.call(0, "backup", "restore", second[-8:], "--url", self.url, "--yes")
        self.assertEqual("500\n", self.sql("SELECT count(*) FROM app.a WHERE note = 'note ' || id"))
        self.assertEqual("50\n", self.sql("SELECT count(*) FROM app.b WHERE note = 'b ' || id"))


class Forged(Base):
    """What the journal and the manifest say is compared with each other: exit 8, and nothing runs."""

    def edit(self, text):
        self.sql("ALTER TABLE lockstep.event DISABLE TRIGGER append_only; ALTER TABLE lockstep.run DISABLE TRIGGER append_only; "
                 "ALTER TABLE lockstep.backup DISABLE TRIGGER append_only; " + text + "; "
                 "ALTER TABLE lockstep.event ENABLE ALWAYS TRIGGER append_only; ALTER TABLE lockstep.run ENABLE ALWAYS TRIGGER "
                 "append_only; ALTER TABLE lockstep.backup ENABLE ALWAYS TRIGGER append_only")

    def refused(self, words):
        for arguments in (("resume",), ("apply", "--schema", "after.schema", "--allow", "all")):
            done = self.call(8, *arguments, "--url", self.url, "--yes")
            self.assertIn(words, done.stderr)
            self.assertIn("nothing was changed by this command", done.stderr)
        self.assertEqual("500\n", self.hidden())

    def forge_manifest(self, folder, change):
        path = os.path.join(folder, "manifest.json")
        with open(path, encoding="utf-8") as stream:
            manifest = json.load(stream)
        del manifest["digest"]
        change(manifest)
        manifest["digest"] = hashlib.sha256(json.dumps(manifest, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(manifest, stream, indent=2)

    def test_a_manifest_that_is_gone(self):
        os.remove(os.path.join(self.saved(), "manifest.json"))
        self.refused("manifest")
        self.assertIn("manifest.json", self.call(8, "backup", "verify", "--url", self.url).stdout)
        self.assertIn("damaged", self.call(8, "backup", "verify").stdout)

    def test_a_manifest_with_its_sums_computed_again(self):
        folder = self.saved()
        def change(manifest):
            for file in manifest["files"]:
                if file["contents"] == "rows":
                    file["object"] = "app.a.other"
        self.forge_manifest(folder, change)
        self.refused("says of s02-1.copy.zst what the database did not record")
        for command in ("verify", "list", "show"):
            name = [folder[-8:]] if command == "show" else []
            done = self.call(8, "backup", command, *name, "--url", self.url)
            self.assertIn("did not record", done.stdout + done.stderr)
        self.assertIn("did not record", self.call(8, "backup", "restore", folder[-8:], "--url", self.url, "--yes").stderr)

    def test_a_manifest_whose_query_or_plan_was_edited(self):
        folder = self.saved()
        self.resume(0)
        kept = self.read(os.path.join(folder, "manifest.json"))
        def query(manifest):
            manifest["files"][-1]["query"] = "SELECT 1"
        def plan(manifest):
            manifest["files"][0]["raw_sha256"] = "0" * 64
        for change in (query, plan):
            self.write(os.path.join(folder, "manifest.json"), kept)
            self.call(0, "backup", "verify", "--url", self.url)
            self.forge_manifest(folder, change)
            self.assertIn("did not record", self.call(8, "backup", "verify", "--url", self.url).stdout)

    def test_a_folder_that_is_gone_is_missed(self):
        shutil.rmtree(self.saved())
        done = self.call(8, "backup", "verify", "--url", self.url)
        self.assertIn("s02-1.copy.zst", done.stdout)

    def test_pruned_folders_are_not_missed(self):
        folder = self.saved()
        self.resume(0)
        def old(manifest):
            manifest["started"] = "2020-01-01T00:00:00.000000Z"
        self.forge_manifest(folder, old)
        self.assertIn("removed", self.call(0, "backup", "prune", "--keep", "1d", "--yes").stdout)
        self.assertFalse(os.path.exists(folder))
        self.call(0, "backup", "verify", "--url", self.url)

    def test_the_plan_was_swapped(self):
        self.saved()
        self.edit("UPDATE lockstep.run SET plan = replace(plan, 'lockstep_dropped_note', 'id')")
        self.refused("the plan of run")

    def test_the_row_of_the_run_was_edited(self):
        self.saved()
        self.edit("UPDATE lockstep.run SET plan_digest = repeat('0', 64)")
        self.refused("the row of run")

    def test_an_event_was_forged(self):
        self.saved()
        self.edit("INSERT INTO lockstep.event SELECT max(id) + 1, (SELECT id FROM lockstep.run ORDER BY started DESC LIMIT 1), now(), "
                  "'executed', 's03', '{}', repeat('0', 64) FROM lockstep.event")
        self.refused("doesn't fit its hash")

    def test_a_row_of_a_backup_was_edited_or_removed_or_added(self):
        self.saved()
        for text, words in (("UPDATE lockstep.backup SET stored_sha256 = repeat('0', 64)", "did not record"),
                            ("DELETE FROM lockstep.backup", "lacks file"),
                            ("INSERT INTO lockstep.backup SELECT run, step, object, what, relation, folder, 's01-9.copy.zst', row_count, "
                             "raw_bytes, stored_bytes, raw_sha256, stored_sha256 FROM lockstep.backup", "no event")):
            with self.subTest(words):
                self.sql("CREATE TABLE public.kept AS TABLE lockstep.backup")
                self.edit(text)
                self.refused(words)
                self.edit("DELETE FROM lockstep.backup; INSERT INTO lockstep.backup TABLE public.kept; DROP TABLE public.kept")
        self.resume(0)

    def test_a_trigger_is_off(self):
        self.saved()
        self.sql("ALTER TABLE lockstep.event DISABLE TRIGGER append_only")
        self.refused("append_only")
        self.sql("ALTER TABLE lockstep.event ENABLE ALWAYS TRIGGER append_only")
        self.resume(0)


if __name__ == "__main__":
    unittest.main()
