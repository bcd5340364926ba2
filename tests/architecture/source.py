"""C++ text as tokens: enough for the guards to tell code from comments and string literals from identifiers."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>(?:u8|[uUL])?R"(?P<tag>[^()\\\s]{0,16})\((?P<body>.*?)\)(?P=tag)")
  | (?P<string>(?:u8|[uUL])?"(?P<text>(?:[^"\\\n]|\\.)*)")
  | (?P<char>'(?:[^'\\\n]|\\.)+')
  | (?P<number>\.?[0-9](?:[0-9a-zA-Z_.]|'(?=[0-9a-fA-F]))*)
  | (?P<identifier>[A-Za-z_][A-Za-z0-9_]*)
""", re.X | re.S)


def tokens(text):
    """(kind, text, line) with kind 'string' or 'identifier'; comments, numbers and characters are left out."""
    line, at = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if match["raw"] is not None:
            yield "string", match["body"], line
        elif match["string"] is not None:
            yield "string", match["text"], line
        elif match["identifier"] is not None:
            yield "identifier", match["identifier"], line


def files(root, *extensions):
    for folder, _, names in sorted(os.walk(os.path.join(root, "src"))):
        for name in sorted(names):
            if name.endswith(extensions or (".h", ".cpp")):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as stream:
                    yield os.path.relpath(path, root), stream.read()


def allowed(name):
    """tests/architecture/<name>: lines `file token  # reason`; every line needs its reason."""
    entries = {}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip() or line.startswith("#"):
                continue
            entry, mark, reason = line.partition("  # ")
            if not mark or not reason.strip():
                raise AssertionError(f"{name}:{number}: no reason given")
            file, _, token = entry.strip().partition(" ")
            entries[(file, token.strip())] = number
    return entries
