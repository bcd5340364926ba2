"""The name of an attribute is written once: as a typed key, in src/catalog/keys.h where more than one file reads it, else in the
file (or the kind's header) that does. So a name that is misspelt or read as another type doesn't compile."""
import re
import unittest

from source import ROOT, files

SHARED = "src/catalog/keys.h"
DECLARED = re.compile(r"\bAttr<(?P<type>[\w:]+)>\s*(?P<keys>\w*\s*\{[^{}]*\}(?:\s*,\s*\w+\s*\{[^{}]*\})*)")
KEY = re.compile(r"(\w*)\s*\{([^{}]*)\}")
ALIAS = re.compile(r"\b(?:using\s+\w+\s*=|typedef)\s[^;]*\bAttr<")
SPEC = re.compile(r'\{\s*\.name\s*=\s*"([a-z_]+)"')
USE = re.compile(r"\bkeys::(\w+)")
COMMENT = re.compile(r"//[^\n]*")


def faults(texts):
    """Of {path: text}."""
    declared, found, specs, readers = {}, [], [], {}
    for path, text in texts.items():
        text = COMMENT.sub("", text)
        if ALIAS.search(text):
            found.append(f"{path}: another name for Attr<T>: this guard doesn't see what it declares")
        for match in DECLARED.finditer(text):
            for name, value in KEY.findall(match["keys"]):
                if re.fullmatch(r'\s*"[a-z_]+"\s*', value):
                    declared.setdefault(value.strip()[1:-1], []).append((path, match["type"].split("::")[-1], name))
                else:
                    found.append(f"{path}: Attr<{match['type']}>{{{value}}}: a key is made of a name written in place")
        if path.startswith("src/kinds/"):
            specs += [(path, name) for name in SPEC.findall(text)]
        for name in set(USE.findall(text)):
            readers.setdefault(name, []).append(path)

    for name, places in sorted(declared.items()):
        types, paths = {kind for _, kind, _ in places}, sorted(path for path, _, _ in places)
        if len(places) > 1 and (len(types) < len(places) or set(paths) != {SHARED}):
            found.append(f'"{name}" is declared as a key in {", ".join(paths)}: once, in {SHARED}')
        for path, _, key in places:
            # A name of two types is there twice, so that one sees both.
            if path == SHARED and len(readers.get(key, [])) < (2 if len(places) == 1 else 1):
                found.append(f"{SHARED}: {key} is read by {readers.get(key, ['no file'])[0]} alone: it belongs there")
    found += [f'{path}: .name = "{name}": there is a key of that name' for path, name in specs if name in declared]
    order = re.findall(r"\bconstexpr Attr<[\w:]+> (\w+)", texts[SHARED])
    if order != sorted(order):
        found.append(f"{SHARED}: not in alphabetical order")
    return found


class AttributeKeys(unittest.TestCase):
    def setUp(self):
        self.texts = dict(files(ROOT))

    def test_declared_once(self):
        self.assertEqual([], faults(self.texts))

    def test_a_planted_fault_is_caught(self):
        for text, seen in (('constexpr Attr<std::string> kKind{"type"};\n', '"type" is declared'),
                           ('auto x = object.get(catalog::Attr<bool>{"not_null"});\n', '"not_null" is declared'),
                           ('constexpr Attr<List> kOdd{"type"};\n', '"type" is declared'),
                           ('constexpr Attr<bool> kFirst{"planted"},\n    kAgain{"planted"};\n', '"planted" is declared'),
                           ('auto x = object.get(Attr<bool>{name});\n', "written in place"),
                           ('using Number = catalog::Attr<std::int64_t>;\n', "another name"),
                           ('constexpr AttrSpec kSpec[] = {{.name = "type"}};\n', "there is a key")):
            found = faults(self.texts | {"src/kinds/planted.cpp": text})
            self.assertTrue(any("planted.cpp" in line and seen in line for line in found), text)

    def test_a_key_that_fewer_than_two_files_read_is_caught(self):
        texts = self.texts | {SHARED: self.texts[SHARED] + 'inline constexpr Attr<bool> kPlanted{"planted"};\n'}
        self.assertTrue(any("kPlanted is read by no file" in line for line in faults(texts)))
        texts["src/kinds/planted.cpp"] = "auto x = object.get(keys::kPlanted);\n"
        self.assertTrue(any("kPlanted is read by src/kinds/planted.cpp alone" in line for line in faults(texts)))


if __name__ == "__main__":
    unittest.main()
