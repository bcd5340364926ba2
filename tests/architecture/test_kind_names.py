"""A kind of object is named in src/kinds, src/recipes and the parser's sugar, and nowhere else: a new kind is one file and
one line. kind_names.allowed lists the exceptions, each with its reason; one that is no longer needed must be deleted."""
import os
import re
import shutil
import tempfile
import unittest

from source import ROOT, allowed, files, tokens

HOME = ("src/kinds/", "src/recipes/")
TAG = re.compile(r'\.tag\s*=\s*\{\s*"([a-z_]+)"')
KEYWORD = re.compile(r'\.keyword\s*=\s*"([A-Z ]+)"')
SPEC = re.compile(r"\bextern const KindSpec (k[A-Z]\w*);")


def vocabulary(root):
    """(names and keywords that a literal must not be, identifiers that must not be used), read from the kinds themselves."""
    words, identifiers = set(), set()
    for path, text in files(root):
        if path.startswith("src/kinds/"):
            words.update(TAG.findall(text))
            words.update(KEYWORD.findall(text))
            identifiers.update(SPEC.findall(text))
    # Attribute keys of other modules may share a short name with a kind (kCheck of the command table): what counts is a
    # use through the kinds' own list.
    return words, identifiers


def leaks(root):
    words, identifiers = vocabulary(root)
    found = {}
    for path, text in files(root):
        if path.startswith(HOME):
            continue
        names_kinds = '#include "kinds/kinds_list.h"' in text
        for kind, token, line in tokens(text):
            if kind == "string" and token in words:
                found.setdefault((path, f'"{token}"'), line)
            elif kind == "identifier" and names_kinds and token in identifiers:
                found.setdefault((path, token), line)
    return found


class KindNames(unittest.TestCase):
    def test_no_leak(self):
        entries = allowed("kind_names.allowed")
        found = leaks(ROOT)

        def covering(path, token):
            return [key for key in ((path, token), (path, "*")) if key in entries]

        used = {key for place in found for key in covering(*place)}
        self.assertEqual([], [f"{path}:{line}: {token}" for (path, token), line in sorted(found.items()) if not covering(path, token)],
                         "a kind's name outside its module")
        self.assertEqual([], sorted(set(entries) - used), "no longer needed: delete these lines of kind_names.allowed")

    def test_the_vocabulary_is_read(self):
        words, identifiers = vocabulary(ROOT)
        self.assertIn("foreign_key", words)
        self.assertIn("MATERIALIZED VIEW", words)
        self.assertIn("kForeignKey", identifiers)
        self.assertGreater(len(identifiers), 25)

    def test_a_planted_leak_is_caught(self):
        for text in ('bool leak(const char* x) { return x == std::string("foreign_key"); }\n',
                     '#include "kinds/kinds_list.h"\nauto leak = &lockstep::kinds::kForeignKey;\n',
                     'const char* leak = R"x(MATERIALIZED VIEW)x";\n'):
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(os.path.join(ROOT, "src"), os.path.join(folder, "src"))
                with open(os.path.join(folder, "src", "planner", "planted.cpp"), "w", encoding="utf-8") as stream:
                    stream.write(text)
                self.assertTrue(any(path == "src/planner/planted.cpp" for path, _ in leaks(folder)), text)

    def test_a_mention_in_a_comment_is_none(self):
        self.assertEqual([("identifier", "x", 2)], list(tokens('// "foreign_key"\nx /* "foreign_key" */')))


if __name__ == "__main__":
    unittest.main()
