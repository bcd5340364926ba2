"""SQL text reaches a session through one of two doors, told apart by types (support/sql.h). The compiler refuses a text of
unknown origin where Lockstep speaks for itself; this test refuses what types can't: making a DeclaredSql, or a Sql by way of a
function, outside the places that sql_doors.allowed lists with their reasons, and talking to libpq beside the doors."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from source import ROOT, allowed, files

# What goes beside the types → how it looks in code.
WAYS = {
    "DeclaredSql": re.compile(r"\bDeclaredSql\b"),
    "+[]": re.compile(r"(?:\bSql\s*[({]|return\s*\{|[({,]\s*\{)\s*\+\s*\[\]"),
    "kind.introspect": re.compile(r"(?:\bSql\s*[({]|[({,]\s*\{)\s*[\w.:>-]*introspect\s*,"),
    "function": re.compile(r"\bSql\s*[({]\s*&?[\w:]+\s*,\s*\w"),
    "PQexec": re.compile(r"\bPQ(?:exec|send|prepare)\w*"),
    "pqxx": re.compile(r"\b(?:exec0|exec1|exec_params|nontransaction|transaction_base)\b"),
    "Text": re.compile(r"\bSession::Text\s*[({]"),
    "cast": re.compile(r"reinterpret_cast<[^>]*\bSql\b|const_cast<[^>]*\bSql\b|std::bit_cast<[^>]*\bSql\b"),
}
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def beside(root):
    found = {}
    for path, text in files(root):
        code = COMMENT.sub("", text)
        for way, pattern in WAYS.items():
            match = pattern.search(code)
            if match:
                found[(path, way)] = code.count("\n", 0, match.start()) + 1
    return found


class SqlDoors(unittest.TestCase):
    def test_no_text_goes_through_the_wrong_door(self):
        entries = allowed("sql_doors.allowed")
        found = beside(ROOT)
        self.assertEqual([], [f"{path}:{line}: {way}" for (path, way), line in sorted(found.items()) if (path, way) not in entries],
                         "text goes beside the doors of a session")
        self.assertEqual([], sorted(set(entries) - set(found)), "no longer needed: delete these lines of sql_doors.allowed")

    def test_a_planted_text_is_caught(self):
        for text in ("void f(S& s, std::string t) { s.declared(support::DeclaredSql(t)); }\n",
                     "Sql f() { return {+[](int) { return global; }, 0}; }\n",
                     "void f(S& s) { s.execute({+[](int) { return global; }, 0}); }\n",
                     "void f(S& s) { s.execute(support::Sql(text_of, 0)); }\n",
                     "void f(S& s) { s.execute({kind.introspect, 140000}); }\n",
                     "void f(PGconn* c, std::string t) { PQexec(c, t.c_str()); }\n",
                     "void f(PGconn* c, std::string t) { PQsendQuery(c, t.c_str()); }\n",
                     "auto f(std::string& t) { return Session::Text(t); }\n",
                     "auto& f(Like& t) { return reinterpret_cast<support::Sql&>(t); }\n"):
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(os.path.join(ROOT, "src", "fleet"), os.path.join(folder, "src", "fleet"))
                with open(os.path.join(folder, "src", "fleet", "planted.cpp"), "w", encoding="utf-8") as stream:
                    stream.write(text)
                self.assertTrue(any(path == "src/fleet/planted.cpp" for path, _ in beside(folder)), text)

    def refused(self, bodies):
        """The numbers of the bodies in which the compiler finds an error."""
        compiler = shutil.which("c++")
        if compiler is None:
            self.skipTest("no compiler")
        head = ['#include "session/session.h"', "using namespace lockstep;", "using support::Sql;", "extern const char* pointer;"]
        lines = head + [f"void f{i}(postgres::Session& s, const std::string& text, std::string_view view) {{ (void)s, (void)text, "
                        f"(void)view; {body} }}" for i, body in enumerate(bodies)]
        done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-I", os.path.join(ROOT, "src"), "-x", "c++", "-"],
                              input="\n".join(lines) + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return {int(line) - 1 - len(head) for line in re.findall(r"^<stdin>:(\d+):\d+: error", done.stdout, re.M)}

    def test_the_compiler_refuses_text_of_unknown_origin(self):
        good = 's.execute("SELECT 1"); s.query("SELECT $1", {text}); s.execute("DROP TABLE " + Sql::identifier("s", text) + Sql(" ;"));'
        bad = ("s.execute(text);", "s.execute(view);", "s.execute(pointer);", "s.execute(text.c_str());", 's.execute("SELECT " + text);',
               's.execute("SELECT " + Sql::literal(text) + text);', "s.query(text, {});", 's.query(std::string("SELECT 1"), {});',
               "Sql made(text);", "Sql made = text;", "Sql made{text.c_str()};", 's.execute(support::DeclaredSql("SELECT 1"));',
               "s.run(postgres::Session::Text(text));", "s.copy_in(text, {});", "s.copy_out(text, {});", "s.declared(text);",
               "postgres::Transaction transaction(s, text);")
        self.assertEqual(set(range(1, len(bad) + 1)), self.refused([good, *bad]))


if __name__ == "__main__":
    unittest.main()
