"""bench/rollout in short: it drives Lockstep through a rename, and it sees what a tool does that harms."""
import os
import subprocess
import unittest

from harness import HERE, Case

BENCH = os.path.join(HERE, "..", "..", "bench", "rollout")
# Rows 9 to 15 belong to no client.
HARM = """start = psql -X -q -d "$ROLLOUT_URL" -c "DELETE FROM app.people WHERE id = 10" -c "UPDATE app.people SET nick = 'other' WHERE id = 11" \
-c "INSERT INTO app.people (id, mail) VALUES (-1, 'nobody')" -c "BEGIN; LOCK TABLE app.people; SELECT pg_sleep(1); COMMIT; ALTER TABLE app.people ADD CHECK (nick <> '') NOT VALID"
undo = exit 3
"""


class BenchRollout(Case):
    def lines(self, tool, *arguments):
        """{(variant, phase): line}"""
        out = self.path("out.tsv")
        done = subprocess.run([os.path.join(BENCH, "run"), "--tool", tool, "--rows", "2000", "--pause", "1", "--out", out, *arguments], capture_output=True,
                              text=True, timeout=280, check=False, env=dict(os.environ, LOCKSTEP=self.lockstep))
        self.assertIn(done.returncode, (0, 1), done.stderr)
        with open(out, encoding="utf-8") as stream:
            names = stream.readline().rstrip("\n").split("\t")
            lines = [dict(zip(names, line.rstrip("\n").split("\t"))) for line in stream]
        os.remove(out)
        return done.returncode, {(line["variant"], line["phase"]): line for line in lines}

    def test_both_versions_survive_a_rename(self):
        code, lines = self.lines(os.path.join(BENCH, "tools", "lockstep"), "--scenario", "rename_column", "--variant", "undo")
        self.assertEqual(0, code, lines)
        self.assertIn(("undo", "end"), lines)
        for line in lines.values():
            self.assertGreater(int(line["requests"]), 0, line)

    def test_harm_is_seen(self):
        tool = self.path("harm")
        self.write("harm", HARM)
        code, lines = self.lines(tool, "--scenario", "add_index", "--variant", "undo")
        self.assertEqual(1, code)
        gate = lines["undo", "gate"]  # compared in both shapes
        self.assertEqual(("2", "2", "2"), (gate["lost"], gate["extra"], gate["wrong"]), gate)
        self.assertGreater(float(lines["undo", "start"]["longest_ms"]), 800)
        self.assertIn("undo ended with 3", lines["undo", "undo"]["note"])
        self.assertNotIn(("undo", "end"), lines)


if __name__ == "__main__":
    unittest.main()
