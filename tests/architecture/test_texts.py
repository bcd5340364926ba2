"""What no file of the project may hold: another machine's paths, and files that grew past one noun."""
import os
import re
import subprocess
import unittest

from source import ROOT, files

MACHINE = re.compile(r"(?<![\w.$}/])/(?:work|root|home/[a-z])/[\w.]")


class Texts(unittest.TestCase):
    def test_no_path_of_a_machine(self):
        try:
            listed = subprocess.run(["git", "ls-files"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("not a git checkout")
        found = []
        for path in filter(None, listed):
            try:
                with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
                    text = stream.read()
            except (UnicodeDecodeError, FileNotFoundError):
                continue
            if path != "tests/architecture/test_texts.py":
                found += [f"{path}: {match.group()}" for match in MACHINE.finditer(text)]
        self.assertEqual([], found)

    def test_files_hold_one_noun(self):
        long = [f"{path}: {lines} lines" for path, lines in ((path, text.count("\n")) for path, text in files(ROOT)) if lines > 450]
        self.assertEqual([], long, "is there a second noun inside?")


if __name__ == "__main__":
    unittest.main()
