"""A backfill waits for those who read its WAL."""
import os
import signal
import subprocess
import time

from harness import Case

OLD = "schema app { table t { id integer; note text; } }\n"
NEW = "schema app { table t { id integer; note text; state text not null backfill ('new'); } }\n"


class BackfillPace(Case):
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
            self.assertRegex(line, r"waits .*slot behind is .* behind")
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
