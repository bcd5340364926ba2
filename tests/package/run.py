#!/usr/bin/env python3
"""The Debian package: made by cpack, unpacked and looked at; and what shells complete by the files in it.

  tests/package/run.py --build BUILD_FOLDER"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

LIBRARIES_OF = re.compile(r"^\s*(\S+) => (.*)$", re.M)
COMMANDS = ["demo", "init", "import", "inspect", "fmt", "check", "plan", "approve", "attest", "apply", "deploy", "resume", "rollback", "purge", "resolve", "status", "history", "verify", "adopt", "clone-schema", "compare", "report", "backup",
            "identity", "key", "cache", "explain", "completion", "manual"]


def output(*arguments, **more):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}\n{done.stdout}")
    return done.stdout


class Package(unittest.TestCase):
    build = ""

    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory(prefix="lockstep_package_")
        cls.folder = cls.holder.name
        output("cpack", "-G", "DEB", "-B", cls.folder, "--config", os.path.join(cls.build, "CPackConfig.cmake"), cwd=cls.build)
        found = glob.glob(os.path.join(cls.folder, "*.deb"))
        assert len(found) == 1, found
        cls.package = found[0]
        cls.root = os.path.join(cls.folder, "root")
        output("dpkg-deb", "-x", cls.package, cls.root)
        cls.lockstep = os.path.join(cls.root, "usr/bin/lockstep")

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def path(self, name):
        return os.path.join(self.root, "usr/share", name)

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as stream:
            return stream.read()

    def test_control(self):
        control = output("dpkg-deb", "-f", self.package)
        self.assertIn("Package: lockstep\n", control)
        self.assertIn("Recommends: postgresql", control)
        depends = re.search(r"^Depends: (.*)$", control, re.M).group(1)
        for library in ("libpqxx", "libpq5", "libantlr4-runtime", "libpg-query", "libyaml-cpp", "libsodium", "libjemalloc", "libzstd", "libfmt", "libspdlog"):
            self.assertIn(library, depends)

    def test_every_library_is_of_a_package_it_depends_on(self):
        depends = output("dpkg-deb", "-f", self.package, "Depends")
        named = {re.split(r"[ :(]", entry.strip())[0] for entry in depends.split(",")}
        needed = re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", self.lockstep))
        places = dict(LIBRARIES_OF.findall(output("ldd", self.lockstep)))
        self.assertNotIn("not found", " ".join(places.values()))
        for library in needed:
            if library.startswith("ld-linux"):
                continue
            place = os.path.realpath(places[library].split(" ")[0])
            owner = re.split("[:,]", output("dpkg", "-S", "*/" + os.path.basename(place)))[0]
            provided = re.findall(r"[\w.+-]{3,}", output("dpkg-query", "-W", "-f", "${Package} ${Provides}", owner))
            self.assertTrue(named & set(provided), f"{library} comes from {provided}, not in {named}")

    def test_it_runs_without_the_folder_it_was_built_in(self):
        self.assertRegex(output(self.lockstep, "--version", cwd="/"), r"^lockstep \d+\.\d+\.\d+\n")
        self.assertIn("--schemas", output(self.lockstep, "demo", "--help", cwd="/"))
        self.assertTrue(os.path.exists(self.path("lockstep/schemas/shop.schema")))

    def test_documents(self):
        self.assertIn("Apache License", self.text("doc/lockstep/copyright"))
        self.assertIn("libpqxx", self.text("doc/lockstep/NOTICE"))
        self.assertIn("# Commands", self.text("doc/lockstep/docs/commands.md"))

    def test_manual(self):
        page = self.path("man/man1/lockstep.1")
        warnings = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], stdout=subprocess.PIPE, text=True, check=False).stdout
        self.assertEqual("", warnings)
        text = re.sub(".\b", "", output("mandoc", page))
        for command in COMMANDS:
            self.assertIn(f"lockstep {command}", text)
        self.assertIn("--detailed-exitcode", text)

    def completed_by_bash(self, *words):
        script = f"source {self.path('bash-completion/completions/lockstep')}; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _lockstep; echo \"${{COMPREPLY[*]}}\""
        return output("bash", "-c", script, "bash", "lockstep", *words, cwd=self.folder).split()

    def test_bash(self):
        self.assertEqual(sorted(COMMANDS), sorted(word for word in self.completed_by_bash("") if not word.startswith("-")))
        self.assertEqual(["--detailed-exitcode"], self.completed_by_bash("plan", "--det"))
        self.assertEqual(["text", "sql", "json", "markdown", "html"], self.completed_by_bash("plan", "--format", ""))
        self.assertEqual(["text", "json"], self.completed_by_bash("status", "--format", ""))
        self.assertEqual(["json"], self.completed_by_bash("plan", "--log-format", "j"))
        self.assertIn("prune", self.completed_by_bash("backup", ""))
        self.assertIn("--store", self.completed_by_bash("backup", "list", "--"))
        self.assertEqual([], self.completed_by_bash("plan", "--url", ""))
        self.assertEqual(["root"], self.completed_by_bash("fmt", "roo"))
        self.assertEqual(["root"], self.completed_by_bash("plan", "--schema", "roo"))

    def test_fish(self):
        def completed(line):
            listing = output("fish", "--no-config", "-c", f"source {self.path('fish/vendor_completions.d/lockstep.fish')}; complete -C '{line}'", cwd=self.folder)
            return [entry.split("\t")[0] for entry in listing.splitlines()]

        self.assertEqual(sorted(COMMANDS), sorted(completed("lockstep ")))
        self.assertEqual(["--detailed-exitcode"], completed("lockstep plan --det"))
        self.assertEqual(["html", "json", "markdown", "sql", "text"], sorted(completed("lockstep plan --format ")))
        self.assertIn("prune", completed("lockstep backup "))
        self.assertIn("--verbose", completed("lockstep backup list --"))

    def test_zsh(self):
        """A shell with a terminal of its own: completions are what it writes there."""
        script = ("zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; "
                  f"source {self.path('zsh/vendor-completions/_lockstep')}; setopt nolistbeep listrowsfirst noautomenu'; "
                  "sleep 1; zpty -n -w z \"$1\t\"; sleep 1; zpty -n -w z $'\t'; sleep 1; zpty -r -t z out '*' ; "
                  "while zpty -r -t z more; do out+=$more; done; zpty -d z; print -r -- \"$out\"")

        def completed(line):
            return output("zsh", "-f", "-c", script, "zsh", line, cwd=self.folder, env=dict(os.environ, TERM="dumb", COLUMNS="200", HOME=self.folder))

        commands = completed("lockstep ")
        for command in COMMANDS:
            self.assertRegex(commands, rf"\b{command}\b +--")
        self.assertIn("--detailed-exitcode", completed("lockstep plan --det"))
        self.assertRegex(completed("lockstep plan --format "), r"json\s+markdown\s+sql\s+text|text\s+sql\s+json\s+markdown")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    options, rest = parser.parse_known_args()
    Package.build = os.path.abspath(options.build)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
