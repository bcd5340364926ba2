"""bench/rollout in short: it drives Lockstep through a rename, and it sees what a tool does that harms."""
import os
import subprocess
import unittest

from harness import HERE, Case

BENCH = os.path.join(HERE, "..", "..", "bench", "rollout")
# Rows 9 to 15 belong to no client.
HARM = """start = psql -X -q -d "$ROLLOUT_URL" -c "DELETE FROM app.people WHERE id = 10" -c "UPDATE app.people SET nick = 'other' WHERE id = 11" \
-c "INSERT INTO app.people (id, mail) VALUES (-1, 'nobody')" -c "BEGIN; LOCK TABLE app.people; SELECT pg_sleep(1); COMMIT; ALTER TABLE app.people ADD CHECK (nick <> '') NOT VALID"
undo = true
finish = true
rollback = exit 3
"""


class BenchRollout(Case):
    def lines(self, tool, *arguments):
        """{(variant, phase): line}"""
        out = self.path("out.tsv")
        done = subprocess.run([os.path.join(BENCH, "run"), "--tool", tool, "--rows", "2000", "--pause", "1", "--out", out, *arguments], capture_output=True,
                              text=True, timeout=110, check=False, env=dict(os.environ, LOCKSTEP=self.lockstep))
        self.assertIn(done.returncode, (0, 1), done.stderr)
        with open(out, encoding="utf-8") as stream:
            names = stream.readline().rstrip("\n").split("\t")
            lines = [dict(zip(names, line.rstrip("\n").split("\t"))) for line in stream]
        os.remove(out)
        return done.returncode, {(line["variant"], line["phase"]): line for line in lines}

    def test_both_versions_survive_a_rename(self):
        code, lines = self.lines(os.path.join(BENCH, "tools", "lockstep"), "--scenario", "rename_column", "--variant", "undo", "finish")
        self.assertEqual(0, code, lines)
        self.assertEqual({"undo", "finish"}, {variant for variant, phase in lines if phase == "end"})
        for line in lines.values():
            self.assertGreater(int(line["requests"]), 0, line)

    def test_harm_is_seen(self):
        tool = self.path("harm")
        self.write("harm", HARM)
        code, lines = self.lines(tool, "--scenario", "add_index", "--variant", "undo", "rollback")
        self.assertEqual(1, code)
        end = lines["undo", "end"]
        self.assertEqual(("1", "1", "1"), (end["lost"], end["extra"], end["wrong"]), end)
        self.assertGreater(float(lines["undo", "start"]["longest_ms"]), 800)
        self.assertLess(float(lines["undo", "control"]["longest_ms"]), 800)
        self.assertIn("rollback ended with 3", lines["rollback", "rollback"]["note"])
        self.assertNotIn(("rollback", "end"), lines)


if __name__ == "__main__":
    unittest.main()
