"""Who may include whom. The modules and their order are those of CMakeLists.txt; this guard also sees single files."""
import os
import re
import shutil
import tempfile
import unittest

from source import ROOT, files

MAY_INCLUDE = {
    "support": set(),
    "catalog": {"support"},
    "plan": {"support", "catalog"},
    "recipes": {"support", "catalog", "plan"},
    "kinds": {"support", "catalog", "plan", "recipes"},
    "parser": {"support", "catalog", "plan", "recipes", "kinds"},
    "session": {"support", "catalog", "plan"},
    "postgres": {"support", "catalog", "plan", "recipes", "kinds", "session"},
    "planner": {"support", "catalog", "plan", "recipes", "kinds"},
    "executor": {"support", "catalog", "plan", "session"},
    "elaborator": {"support", "catalog", "plan", "recipes", "kinds", "parser", "session", "postgres", "planner"},
    "reconciler": {"support", "catalog", "plan", "recipes", "kinds", "parser", "session", "postgres", "planner", "executor", "elaborator"},
}
MAY_INCLUDE["importer"] = MAY_INCLUDE["elaborator"] | {"elaborator"}
MAY_INCLUDE["fleet"] = MAY_INCLUDE["reconciler"] | {"reconciler"}
MAY_INCLUDE["cli"] = MAY_INCLUDE["fleet"] | {"fleet", "importer"}

# A library that stays behind one door.
DOORS = [
    (re.compile(r"^(pqxx\b|libpq-fe\.h|libpq/)"),
     re.compile(r"^src/session/(session_pqxx\w*|connect_url|pooler|wire)\.cpp$")),  # connect_url: libpq's own parser of URLs
    (re.compile(r"^(antlr4-runtime|Lockstep(Lexer|Parser))"), re.compile(r"^src/parser/(antlr_reader\.cpp|byte_stream\.h|token_list\.(h|cpp))$")),
    (re.compile(r"^pg_query"), re.compile(r"^src/parser/sql_parse\.cpp$")),
    (re.compile(r"^yaml-cpp/"), re.compile(r"^src/fleet/")),
    (re.compile(r"^CLI/"), re.compile(r"^src/cli/")),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.M)


def violations(root):
    found = []
    for path, text in files(root):
        module = path.split(os.sep)[1]
        if module not in MAY_INCLUDE:
            found.append(f"{path}: module {module} is in no rule")
            continue
        for mark, header in INCLUDE.findall(text):
            for library, door in DOORS:
                if library.match(header) and not door.match(path):
                    found.append(f"{path}: {header} stays behind {door.pattern}")
            if mark == "<":
                continue
            other = header.split("/")[0]
            if header.startswith("."):
                found.append(f"{path}: {header}: paths are relative to src/")
            elif other in MAY_INCLUDE and other != module and other not in MAY_INCLUDE[module]:
                found.append(f"{path}: {module} must not include {header}")
    return found


class Includes(unittest.TestCase):
    def test_directions(self):
        self.assertEqual([], violations(ROOT))

    def test_a_planted_include_is_caught(self):
        for module, header in (("catalog", '"kinds/kind.h"'), ("executor", '"postgres/introspect.h"'), ("planner", "<pqxx/pqxx>"),
                             ("parser", '"session/session.h"'), ("support", '"../cli/text.h"')):
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(os.path.join(ROOT, "src"), os.path.join(folder, "src"))
                with open(os.path.join(folder, "src", module, "planted.cpp"), "w", encoding="utf-8") as stream:
                    stream.write(f"#include {header}\n")
                self.assertTrue(any("planted.cpp" in line for line in violations(folder)), f"{module} {header}")


if __name__ == "__main__":
    unittest.main()
