"""Lockstep never drops by cascade: what goes is a step of its own, named, with consent. The word may only stand where
PostgreSQL means something else by it (a foreign key's action, a keyword list, WITH CASCADED CHECK OPTION)."""
import re
import unittest

from source import ROOT, allowed, files, tokens

WORD = re.compile(r"\bcascade\b", re.I)


class NoCascade(unittest.TestCase):
    def test_no_cascade_in_the_sources(self):
        entries = allowed("cascade.allowed")
        found, used = [], set()
        for path, text in files(ROOT):
            for kind, token, line in tokens(text):
                if kind != "string" or not WORD.search(token):
                    continue
                key = (path, token.strip()[:60])
                if key in entries:
                    used.add(key)
                else:
                    found.append(f"{path}:{line}: {token.strip()[:60]}")
        self.assertEqual([], found)
        self.assertEqual([], sorted(set(entries) - used), "no longer needed: delete these lines of cascade.allowed")


if __name__ == "__main__":
    unittest.main()
