"""A kind of schema change: a folder of data. README.md says what its files are."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "recipes")
WORDS = ("title", "table", "copy", "phases", "asks", "note")


class Recipe:
    def __init__(self, name):
        self.name, self.folder = name, os.path.join(FOLDER, name)
        about = {}
        for line in _read(self._path("about")).splitlines():
            word, _, value = line.partition(" ")
            if word not in WORDS:
                raise SystemExit(f"{self._path('about')}: unknown word {word}")
            about[word] = value.strip()
        self.title = about["title"]
        self.table = about.get("table", "shop.orders")  # by which name the load uses the orders
        self.copy = about.get("copy", "yes") == "yes"
        self.phases = about.get("phases", "").split()  # Lockstep's, one command each; none: one command for all
        self.asks = about.get("asks", "")  # what Lockstep asks consent for, and the marks may not be met therefore
        shop = _read(os.path.join(HERE, "shop.schema"))
        self.before = edited(shop, self._path("before.edit")) if os.path.exists(self._path("before.edit")) else ""
        self.after = edited(self.before or shop, self._path("after.edit"))
        self.naive = _read(self._path("naive.sql"))
        self.fill = _read(self._path("before.sql")) if os.path.exists(self._path("before.sql")) else ""
        self.load = self._path("load.sql") if os.path.exists(self._path("load.sql")) else ""

    def _path(self, name):
        return os.path.join(self.folder, name)


def _read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def edited(text, path):
    """`text` after the edits of a file: blocks between blank lines, in which `- ` goes, `+ ` comes and other lines, with two blanks, stay where they are. Each
    block is found by its lines that stay or go, however they are indented, which must be there once."""
    lines = text.splitlines()
    for block in _read(path).strip("\n").split("\n\n"):
        marked = [(line[:1], " ".join(line[2:].split())) for line in block.splitlines()]
        old = [part for mark, part in marked if mark != "+"]
        places = [at for at in range(len(lines)) if [" ".join(line.split()) for line in lines[at:at + len(old)]] == old]
        if not old or len(places) != 1 or any(mark not in " -+" for mark, _ in marked):
            raise SystemExit(f"{path}: is there {len(places)} times: {block}")
        lines[places[0]:places[0] + len(old)] = [part for mark, part in marked if mark != "-"]
    return "\n".join(lines) + "\n"


def names():
    return sorted(os.listdir(FOLDER))
