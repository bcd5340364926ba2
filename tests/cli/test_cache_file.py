"""`cache export` and `cache import`: what one machine elaborated is known to another, and what a hostile file can't do."""
import glob
import hashlib
import json
import os
import shutil
import struct
import subprocess
import tempfile
import time

from harness import Case

SCHEMA = "schema app {\n  table t { id bigint not null primary key; note text default 'x'; }\n}\n"
MADE = "create schema app; create table app.t (id bigint primary key, note text default 'x')"
OTHER = "schema app {\n  table t { id bigint not null primary key; other integer; }\n}\n"
MAGIC = b"lockstep-elaborated/1 "
BELIEVED = "whoever wrote the file decides"


def entry(program, group, key, packed):
    rest = b"\n".join((program, group, key, packed))
    return b"lockstep-cache/1 " + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def packed(body, size=None):
    """A frame of zstd with one raw block. `size`: what it claims to hold."""
    block = struct.pack("<I", 1 | len(body) << 3)[:3]
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(body) if size is None else size) + block + body


def together(entries, count=None):
    return MAGIC + b"%d\n" % (len(entries) if count is None else count) + b"".join(b"%d\n" % len(one) + one for one in entries)


def apart(text):
    """The entries, each as (program, group, key, packed)."""
    first, rest = text.split(b"\n", 1)
    entries = []
    while rest:
        size, rest = rest.split(b"\n", 1)
        one, rest = rest[:int(size)], rest[int(size):]
        entries.append(tuple(one.split(b"\n", 4)[1:]))
    assert first == MAGIC + b"%d" % len(entries)
    return entries


class CacheFile(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = tempfile.mkdtemp(prefix="lockstep_cache_file_")  # elaborates; its server serves all tests
        os.chmod(cls.first, 0o755)
        cls.addClassCleanup(cls.remove, cls.first)

    @staticmethod
    def remove(folder):
        for _ in range(100):
            if not glob.glob(folder + "/pg*/data/postmaster.pid"):
                break
            time.sleep(0.2)
        shutil.rmtree(folder, ignore_errors=True)

    def setUp(self):
        super().setUp()
        shutil.rmtree(self.first + "/elaborated", ignore_errors=True)
        self.second = tempfile.mkdtemp(prefix="lockstep_cache_file_")
        os.chmod(self.second, 0o755)
        self.addCleanup(self.remove, self.second)
        self.write("one.schema", SCHEMA)
        self.write("lockstep.yaml", "schema: one.schema\n")

    def on(self, cache, code, *arguments):
        return self.call(code, *arguments, environment={"LOCKSTEP_CACHE": cache, "LOCKSTEP_SERVER_IDLE": "3"})

    def kept(self, cache):
        return sorted(os.path.basename(path) for path in glob.glob(cache + "/elaborated/*"))

    def contents(self, cache):
        found = {}
        for name in self.kept(cache):
            with open(f"{cache}/elaborated/{name}", "rb") as stream:
                found[name] = stream.read()
        return found

    def exported(self, *schemas):
        """The file that is made after these were elaborated, in bytes."""
        for schema in schemas or (SCHEMA,):
            self.write("one.schema", schema)
            self.on(self.first, 0, "check")
        self.write("one.schema", SCHEMA)
        self.on(self.first, 0, "cache", "export", "saved")
        with open(self.path("saved"), "rb") as stream:
            return stream.read()

    def give(self, text):
        with open(self.path("given"), "wb") as stream:
            stream.write(text)

    def refused(self, text, word, code=8):
        self.give(text)
        error = self.on(self.second, code, "cache", "import", "given").stderr
        self.assertIn(word, error)
        self.assertIn("Nothing was imported", error)
        self.assertNotIn(BELIEVED, error)
        self.assertEqual([], self.kept(self.second))

    def scratch_servers(self, cache):
        return glob.glob(cache + "/pg*")

    def test_what_the_first_has_elaborated_needs_no_scratch_server(self):
        self.sql(MADE)  # nothing is to be proved; but the catalog spells the default otherwise than the file
        plan = ("plan", "--url", self.url)
        expected = self.on(self.first, 0, *plan).stdout
        self.assertEqual(1, len(self.scratch_servers(self.first)))
        text = self.on(self.first, 0, "cache", "export", "saved").stdout
        self.assertRegex(text, r"^1 entry \(\d.* B\) exported to saved\n$")
        self.assertEqual(0o600, os.stat(self.path("saved")).st_mode & 0o777)
        done = self.on(self.second, 0, "cache", "import", "saved")
        self.assertRegex(done.stdout, r"^1 entry \(\d.* B\) imported from saved\n$")
        self.assertIn(BELIEVED, done.stderr)
        self.assertEqual(expected, self.on(self.second, 0, *plan).stdout)
        self.assertEqual([], self.scratch_servers(self.second))
        self.on(self.second, 0, *plan, "--no-cache")
        self.assertEqual(1, len(self.scratch_servers(self.second)), "without the entry it needs one")

    def test_in_another_checkout(self):
        self.exported()
        shutil.copytree(self.folder, self.path("elsewhere"))
        self.on(self.second, 0, "cache", "import", "saved")
        self.on(self.second, 0, "check", "--config", self.path("elsewhere/lockstep.yaml"))
        self.assertEqual([], self.scratch_servers(self.second))

    def test_a_commit_is_known_by_its_files(self):
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
        for arguments in (("init", "-q"), ("add", "one.schema", "lockstep.yaml"), ("commit", "-q", "-m", "one")):
            subprocess.run([*git, *arguments], cwd=self.folder, check=True)
        self.exported()
        before = self.kept(self.first)
        self.assertEqual(1, len(before))
        self.write("one.schema", OTHER)
        self.assertIn("other", self.on(self.first, 0, "plan", "--from", "git:HEAD", "--to", ".").stdout)
        group = before[0].split("-")[0]
        self.assertEqual(before, [name for name in self.kept(self.first) if name.startswith(group)])

    def test_the_same_entries_make_the_same_file(self):
        saved = self.exported(SCHEMA, OTHER)
        self.assertEqual(2, len(apart(saved)))
        os.utime(self.first + "/elaborated/" + self.kept(self.first)[0], (1, time.time() - 3600))
        self.assertEqual(saved, self.exported(OTHER))
        self.on(self.second, 0, "cache", "import", "saved")
        self.on(self.second, 0, "cache", "export", "again")
        with open(self.path("again"), "rb") as stream:
            self.assertEqual(saved, stream.read())

    def test_json_and_stdout(self):
        saved = self.exported()
        bytes_of_it = len(saved.split(b"\n", 2)[2])
        document = json.loads(self.on(self.first, 0, "cache", "export", "saved", "--format", "json").stdout)
        self.assertEqual({"format": "lockstep-cache/1", "file": "saved",
                          "exported": {"entries": 1, "bytes": bytes_of_it, "left_out": 0}}, document)
        done = self.on(self.second, 0, "cache", "import", "saved", "--format", "json")
        self.assertEqual({"format": "lockstep-cache/1", "file": "saved",
                          "imported": {"entries": 1, "bytes": bytes_of_it, "known": 0, "other_program": 0}}, json.loads(done.stdout))
        self.assertIn(BELIEVED, done.stderr)
        done = self.on(self.second, 0, "cache", "import", "saved", "--format", "json")
        self.assertEqual({"entries": 0, "bytes": 0, "known": 1, "other_program": 0}, json.loads(done.stdout)["imported"])
        environment = dict(os.environ, LOCKSTEP_CACHE=self.first)
        done = subprocess.run([self.lockstep, "cache", "export", "-"], cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True)
        self.assertEqual(saved, done.stdout)
        self.assertRegex(done.stderr.decode(), r"^1 entry .* exported to stdout\n$")
        self.on(self.first, 64, "cache", "export", "-", "--format", "json")

    def test_an_empty_cache(self):
        self.assertEqual("0 entries (0 B) exported to saved\n", self.on(self.second, 0, "cache", "export", "saved").stdout)
        done = self.on(self.second, 0, "cache", "import", "saved")
        self.assertEqual("0 entries (0 B) imported from saved\n", done.stdout)
        self.assertEqual("", done.stderr)

    def test_only_what_is_whole_is_exported(self):
        """Damaged, of another build, with another's name, unfinished, a link; answers never."""
        (program, group, key, body), = apart(self.exported())
        folder = self.first + "/elaborated/"
        name, = self.kept(self.first)
        with open(folder + name, "rb") as stream:
            whole = stream.read()
        half = name.split("-")[0]
        for number, text in enumerate((whole[:-1], entry(b"00" * 20, group, key, body), whole, b"", b"lockstep-cache/1 ")):
            with open(f"{folder}{half}-{number:032x}", "wb") as stream:
                stream.write(text)
        with open(f"{folder}{name}.1.new", "wb") as stream:
            stream.write(whole)
        os.symlink(folder + name, f"{folder}{half}-{9:032x}")
        self.assertRegex(self.on(self.first, 0, "cache", "export", "saved").stdout, r"^1 entry .*\n6 entries left out: ")
        with open(self.path("saved"), "rb") as stream:
            self.assertEqual([(program, group, key, body)], apart(stream.read()))

    def test_of_another_build(self):
        (program, group, key, body), = apart(self.exported())
        other = program[:-1] + (b"0" if program[-1:] != b"0" else b"1")
        self.give(together([entry(other, group, key, body), entry(other, key, group, b"what its own reader reads")]))
        done = self.on(self.second, 0, "cache", "import", "given")
        self.assertEqual("0 entries (0 B) imported from given\n2 entries left out: of another build of Lockstep\n", done.stdout)
        self.assertEqual("", done.stderr)
        self.assertEqual([], self.kept(self.second))

    def test_damage(self):
        saved = self.exported(SCHEMA, OTHER)
        for size in (len(MAGIC), len(MAGIC) + 1, len(MAGIC) + 2, len(MAGIC) + 4, len(saved) // 2, len(saved) - 1):
            with self.subTest(size=size):
                self.refused(saved[:size], "given: ")
        for at in range(len(MAGIC), len(saved), 7):
            self.give(saved[:at] + bytes([saved[at] ^ 1]) + saved[at + 1:])
            self.on(self.second, 8, "cache", "import", "given")
        self.refused(saved + b"x", "more in it after its 2 entries")
        self.refused(b"", "no file of `lockstep cache export`", 64)
        self.refused(b"\0" + saved, "no file of `lockstep cache export`", 64)

    def test_made_with_malice(self):
        (program, group, key, body), = apart(self.exported())
        for number in (b"", b"-1", b"+1", b"x", b"20001", b"99999999999999999999999", b"1 "):
            with self.subTest(number):
                self.refused(MAGIC + number + b"\n" + entry(program, group, key, body), "the number of entries")
                self.refused(MAGIC + b"1\n" + number + b"\n" + entry(program, group, key, body), "at entry 1 of 1")
        self.refused(together([entry(program, group, key, body)], 20000), "at entry 2 of 20000")
        for names in ((b"../" * 20 + b"etc", key), (group, b"/etc/passwd"), (b"", key), (group, b""), (group[1:], key),
                      (group, key + b"0"), (group.upper() if group != group.upper() else b"A" * 64, key), (group, b"\0" * 64)):
            with self.subTest(names):
                self.refused(together([entry(program, *names, body)]), "entry 1 of 1 is damaged")
        self.refused(together([entry(b"../../x", group, key, body)]), "entry 1 of 1 is damaged")
        for text in (b"", b"no zstd", packed(b"", 0xFFFFFFFF), packed(b"abc", 64 << 20), body + body):
            with self.subTest(text[:40]):
                self.refused(together([entry(program, group, key, text)]), "entry 1 of 1 is damaged")
        for text in (b"", b"\xff" * 40, b"\x00\xff\xff\xff\x0f", b"\x00\x01\x00", b"\x00\x00\x00more"):
            with self.subTest(text):
                self.refused(together([entry(program, group, key, packed(text))]), "entry 1 of 1 is no catalog")
        self.refused(together([entry(program, group, key, body), entry(program, group, key, b"bad")]), "entry 2 of 2 is damaged")

    def test_not_a_plain_file(self):
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("pipe"))
        for name, word in (("folder", "it is a folder"), ("pipe", "it is not a plain file"), ("/dev/zero", "it is not a plain file"),
                           ("missing", "No such file")):
            with self.subTest(name):
                self.assertIn(word, self.on(self.second, 64, "cache", "import", name).stderr)
        self.on(self.second, 64, "cache", "export", "folder")
        with open(self.path("large"), "wb") as stream:
            stream.write(MAGIC)
            stream.truncate(258 << 20)
        self.assertIn("which no export writes", self.on(self.second, 8, "cache", "import", "large").stderr)

    def test_a_small_file_of_large_catalogs(self):
        (program, group, key, _), = apart(self.exported())
        blocks = 480
        size = blocks << 17
        head, length = b"\x01", size
        while length >= 0x80:
            head, length = head + bytes([length & 0x7F | 0x80]), length >> 7
        head += bytes([length])  # a catalog of no objects: one long name
        frame = (b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(head) + size + 2) + struct.pack("<I", len(head) << 3)[:3] + head +
                 blocks * (struct.pack("<I", 2 | (1 << 17) << 3)[:3] + b"a") + struct.pack("<I", 1 | 2 << 3)[:3] + b"\x00\x00")
        one = entry(program, group, key, frame)
        self.refused(together(70 * [one]), "larger than any export's")
        self.give(together([one, one]))
        self.assertRegex(self.on(self.second, 0, "cache", "import", "given").stdout, r"^1 entry .*\n1 entry left out: here already")

    def test_what_cannot_be_written(self):
        self.exported()
        os.makedirs(f"{self.second}/elaborated/{self.kept(self.first)[0]}/in the way")
        self.assertIn("can't be written", self.on(self.second, 1, "cache", "import", "saved").stderr)

    def test_an_entry_that_is_here_stays(self):
        (program, group, key, body), (_, group2, key2, body2) = apart(self.exported(SCHEMA, OTHER))
        before = self.contents(self.first)
        self.give(together([entry(program, group, key, body2), entry(program, group2, key2, body)]))
        self.assertIn("2 entries left out: here already", self.on(self.first, 0, "cache", "import", "given").stdout)
        self.assertEqual(before, self.contents(self.first))

    def test_a_wrong_entry_is_believed(self):
        """As docs/security.md says: so that nobody takes the checks for more than they are."""
        (program, group, key, body), (_, group2, key2, body2) = apart(self.exported(SCHEMA, OTHER))
        self.give(together([entry(program, group, key, body2), entry(program, group2, key2, body)]))
        self.on(self.second, 0, "cache", "import", "given")
        self.write("one.schema", SCHEMA)
        (wrong, right) = (self.on(self.second, 0, "plan", "--from", "one.schema", "--to", "one.schema", *more).stdout
                          for more in ((), ("--no-cache",)))
        self.assertNotEqual(wrong, right)
        self.assertIn("other", wrong)
