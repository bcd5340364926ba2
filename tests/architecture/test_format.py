"""Every C++ file is in the layout of .clang-format."""
import glob
import os
import shutil
import subprocess
import unittest

from source import ROOT


class Format(unittest.TestCase):
    def test_clang_format_has_nothing_to_do(self):
        tool = shutil.which("clang-format-14")
        if tool is None:
            self.skipTest("clang-format-14 is not installed")
        paths = sorted(path for folder in ("src", "tests", "bench") for extension in ("cpp", "h")
                       for path in glob.glob(os.path.join(ROOT, folder, "**", "*." + extension), recursive=True))
        done = subprocess.run([tool, "--dry-run", "-Werror", *paths], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wrong = sorted({os.path.relpath(line.split(":")[0], ROOT) for line in done.stdout.splitlines() if "error:" in line})
        self.assertEqual([], wrong, "run clang-format-14 -i on these")
        self.assertEqual(0, done.returncode, done.stdout[:2000])


if __name__ == "__main__":
    unittest.main()
