"""bench/stall in short: it runs a change both ways, its naive statement does the same, and it sees what stalls and what fails."""
import os
import shutil
import subprocess
import unittest

from harness import HERE, Case

BENCH = os.path.join(HERE, "..", "..", "bench")


class BenchStall(Case):
    def lines(self, bench, *arguments):
        """{(recipe, way): line}"""
        out = self.path("out.tsv")
        done = subprocess.run([os.path.join(bench, "stall", "run"), "--lockstep", self.lockstep, "--rows", "5000", "--trials", "1", "--control", "1", "--rate", "200",
                               "--out", out, "--check", *arguments], capture_output=True, text=True, timeout=280, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        with open(out, encoding="utf-8") as stream:
            names = stream.readline().rstrip("\n").split("\t")
            return {(line["recipe"], line["way"]): line for line in (dict(zip(names, text.rstrip("\n").split("\t"))) for text in stream)}

    def test_both_ways(self):
        lines = self.lines(BENCH, "--recipe", "add_unique", "rename_table")
        self.assertEqual(4, len(lines))
        for line in lines.values():
            self.assertEqual(("0", ""), (line["failed"], line["note"]), line)
            self.assertGreater(int(line["requests"]), 100, line)
        again = subprocess.run([os.path.join(BENCH, "stall", "table"), "--rows", "5000", "--plot", self.path("plot.svg"), self.path("out.tsv")],
                               capture_output=True, text=True, check=True)
        self.assertIn("| rename a table | 1 |", again.stdout)
        with open(self.path("plot.svg"), encoding="utf-8") as stream:
            self.assertIn("rename a table", stream.read())

    def test_harm_is_seen(self):
        bench = self.path("bench")
        for folder in ("stall", "rollout"):
            shutil.copytree(os.path.join(BENCH, folder), os.path.join(bench, folder))
        os.symlink(os.path.join(HERE, "..", "..", "tests"), self.path("tests"))
        with open(os.path.join(bench, "stall", "recipes", "comment", "naive.sql"), "w", encoding="utf-8") as stream:
            stream.write("BEGIN;\nLOCK TABLE shop.orders;\nSELECT pg_sleep(0.6);\nCOMMIT;\nALTER TABLE shop.orders RENAME COLUMN note TO remark;\nSELECT pg_sleep(0.5);")
        line = self.lines(bench, "--recipe", "comment", "--way", "naive")["comment", "naive"]
        self.assertGreater(float(line["longest_ms"]), 500, line)
        self.assertGreater(int(line["failed"]), 0, line)
        self.assertIn('"note"', line["note"])
        self.assertIn("naive.sql does something else", line["note"])
        self.assertIn("failed", line["verdict"])


if __name__ == "__main__":
    unittest.main()
