"""A backfill waits for those who read its WAL."""
import os
import signal
import subprocess
import time

from harness import Case
from server import Server

OLD = "schema app { table t { id integer; note text; } }\n"
NEW = "schema app { table t { id integer; note text; state text not null backfill ('new'); } }\n"


class BackfillPace(Case):
    def fill(self, server, setting, rows):
        """Fills a new column with batches; returns what was said of waits, and the table's size after it as a multiple of the one before."""
        database = server.new_database()
        url = server.url(database)
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.write("lockstep.yaml", f'schema: [new.schema]\nenvironments:\n  prod:\n    url: "{url}"\n    backfill: {{ {setting}, workers: 1 }}\n')
        self.lockstep_done("apply", "--schema", "old.schema", "--url", url, "--yes")
        server.sql(database, f"INSERT INTO app.t SELECT n, repeat('x', 100) FROM generate_series(1, {rows}) n; VACUUM ANALYZE app.t")
        before = int(server.sql(database, "SELECT pg_relation_size('app.t')"))
        said = self.lockstep_done("apply", "--env", "prod", "--yes", "--allow", "all", "--no-backup")
        self.assertEqual("0", server.sql(database, "SELECT count(*) FROM app.t WHERE state IS DISTINCT FROM 'new'").strip())
        return [line for line in said.splitlines() if "waits" in line], int(server.sql(database, "SELECT pg_relation_size('app.t')")) / before

    def lockstep_done(self, *words):
        done = subprocess.run([self.lockstep, *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    def test_autovacuum_is_waited_for_where_it_comes(self):
        with Server("-c autovacuum=on -c autovacuum_naptime=3s -c autovacuum_vacuum_cost_delay=0 -c autovacuum_vacuum_scale_factor=0.02") as server:
            waits, grown = self.fill(server, "max_dead: 5%", 800_000)
            self.assertTrue(any("rows of the table are dead" in line for line in waits), waits)
            self.assertLess(grown, 1.7)  # without: two

    def test_autovacuum_that_is_off_is_not_waited_for(self):
        with Server() as server:
            waits, _ = self.fill(server, "max_dead: 1%", 100_000)
            self.assertEqual([], waits)

    def test_the_server_writes_no_more_wal_than_it_may(self):
        with Server() as server:
            begun = time.time()
            waits, _ = self.fill(server, "max_wal: 8MB", 200_000)  # some 50 MB
            self.assertTrue(any("MB of WAL in" in line for line in waits), waits)
            self.assertGreater(time.time() - begun, 4)

    def test_an_active_slot_that_is_behind_is_waited_for(self):
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, repeat('x', 100) FROM generate_series(1, 100000) n")
        self.write("lockstep.yaml", f'schema: [new.schema]\nenvironments:\n  prod:\n    url: "{self.url}"\n    backfill: {{ max_slot_lag: 1MB, workers: 1 }}\n')
        folder = os.path.join(self.folder, "wal")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        receive = [f"{self.server.clients}/pg_receivewal", "-d", self.server.url("postgres"), "-D", folder, "--slot", "behind"]
        subprocess.run([*receive, "--create-slot"], check=True, capture_output=True)
        reader = subprocess.Popen([*receive, "--synchronous", "-s", "1", "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while self.sql("SELECT active FROM pg_replication_slots").strip() != "t":
                time.sleep(0.05)
            reader.send_signal(signal.SIGSTOP)
            run = subprocess.Popen([self.lockstep, "apply", "--env", "prod", "--yes", "--allow", "all", "--no-backup"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for line in run.stdout:
                if "waits" in line:
                    break
            self.assertRegex(line, r"waits: slot behind is .* behind")
            before = self.sql("SELECT count(*) FROM app.t WHERE state IS NULL")
            time.sleep(1)
            self.assertEqual(before, self.sql("SELECT count(*) FROM app.t WHERE state IS NULL"))
            self.assertNotEqual("0", before.strip())
            reader.send_signal(signal.SIGCONT)
            said = run.communicate(timeout=120)[0]
            self.assertEqual(0, run.returncode, said)
        finally:
            reader.send_signal(signal.SIGCONT)
            reader.kill()
            reader.wait()
            while self.sql("SELECT active FROM pg_replication_slots").strip() == "t":
                time.sleep(0.05)
            self.sql("SELECT pg_drop_replication_slot('behind')")
        self.assertEqual("0", self.sql("SELECT count(*) FROM app.t WHERE state IS DISTINCT FROM 'new'").strip())

    def test_a_trigger_that_came_after_the_plan_stops_a_backfill_that_goes_on(self):
        """It would run with the rights of the role that fills the table."""
        self.write("old.schema", OLD)
        self.write("new.schema", NEW)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'a' FROM generate_series(1, 100) n")
        self.killed("new", "s03", "before-exec")
        self.sql("CREATE FUNCTION app.count() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'it ran'; END$$;"
                 "CREATE TRIGGER aa BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.count()")
        refused = self.call(7, "resume", "--url", self.url, "--yes").stderr
        self.assertIn("trigger aa is new", refused)
        self.assertNotIn("it ran", refused)
        self.sql("DROP TRIGGER aa ON app.t; DROP FUNCTION app.count()")
        self.call(0, "resume", "--url", self.url, "--yes")

    def test_a_search_path_of_the_database_is_no_change_of_a_table(self):
        types = "enum kind ('a', 'b'); "
        self.write("old.schema", OLD.replace("table t {", types + "table t { k kind;"))
        self.write("new.schema", NEW.replace("table t {", types + "table t { k kind;"))
        self.sql(f"ALTER DATABASE {self.database} SET search_path = app, public")
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t (id) SELECT n FROM generate_series(1, 100) n")
        self.apply(0, "new", "--yes", "--allow", "all")
