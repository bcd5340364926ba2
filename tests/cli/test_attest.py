"""Attestation files for `after:`: what counts, and each way to make one count that must not."""
import json
import os
import shutil

from harness import Case

ONE = "schema app { table t { id bigint not null primary key; note text; } }\n"
TWO = "schema app {\n  table t { id bigint not null primary key; note text; more text; }\n}\n"
YAML = """schema: [schemas/]
environments:
  staging:
    url: "{staging}"
    gates: {gates}
  prod:
    url: "{prod}"
    after: staging
    gates: {gates}
{more}"""
FILE = "attestations/staging.json"


class Attest(Case):
    def setUp(self):
        super().setUp()
        self.urls = {name: self.fresh(name)[1] for name in ("staging", "prod")}
        self.unreachable = "host=/nowhere dbname=staging"
        os.mkdir(self.path("schemas"))
        os.mkdir(self.path("keys"))
        self.write("schemas/app.schema", ONE)
        self.near()
        self.call(0, "key", "ada", "-o", "keys")

    def near(self, gates="off", more=""):
        self.write("lockstep.yaml", YAML.format(**self.urls, gates=gates, more=more))

    def far(self, gates="off", more="", staging=None):
        """As CI sees it: staging can't be reached."""
        self.write("lockstep.yaml", YAML.format(staging=staging or self.unreachable, prod=self.urls["prod"], gates=gates, more=more))

    def to(self, code, env, *more):
        return self.call(code, "apply", "--env", env, "--yes", "--no-backup", *more)

    def attest(self, code, *more, who="ada"):
        return self.call(code, "attest", "--env", "staging", "--key", f"keys/{who}.key", *more)

    def change(self, **fields):
        self.write(FILE, json.dumps({**json.loads(self.read(FILE)), **fields}))

    def refused(self, why, *more):
        said = self.to(3, "prod", *more).stderr
        self.assertIn(why, said)
        self.assertIn("Nothing was changed", said)
        return said

    def test_it_stands_for_the_journal_and_is_journalled(self):
        self.to(0, "staging")
        self.assertIn("attested by ada", self.attest(0).stdout)
        self.far()
        self.to(0, "prod")
        run = json.loads(self.call(0, "history", "--env", "prod", "--format", "json").stdout)["runs"][0]
        at = json.loads(self.read(FILE))["at"]
        self.assertIn(f", attested at {at} by ada", run["provenance"]["promoted_by"])
        self.assertIn(f"attested at {at} by ada", self.call(0, "history", run["id"], "--env", "prod").stdout)

    def test_what_does_not_count(self):
        self.far()
        self.assertIn("lockstep attest", self.refused("Nor is there an attestation"))
        self.near()
        self.to(0, "staging")
        self.attest(0)
        whole = self.read(FILE)
        self.far()
        fields = json.loads(whole)
        for name, value in fields.items():
            if name in ("format", "by"):
                continue
            with self.subTest(name):
                self.change(**{name: ("B" if value[0] == "A" else "A") + value[1:] if name == "signature" else value + "0"})
                self.refused("the signature isn't that of ada's key")
                self.write(FILE, whole)
        self.change(by="eve")
        self.refused("it is by eve, of whom no key is in `approvers:`")
        self.change(format="lockstep-attestation/9")
        self.refused("a format that this version doesn't know")
        self.write(FILE, whole[:60])
        self.refused("is damaged, or no attestation")
        # Another's key under ada's name, and the key of one who is no approver any more.
        self.near()
        self.call(0, "key", "eve", "-o", "keys")
        self.attest(0, who="eve")
        self.change(by="ada")
        self.far()
        self.refused("the signature isn't that of ada's key")
        self.change(by="eve")
        os.remove(self.path("approvers/eve.pub"))
        self.refused("it is by eve, of whom no key")
        self.assertIn("isn't the key of an approver", self.attest(64, who="eve").stderr)
        # Other declarations.
        self.write(FILE, whole)
        self.write("schemas/app.schema", TWO)
        self.refused("it is about other declarations")
        self.write("schemas/app.schema", ONE)
        self.to(0, "prod")

    def test_another_environments(self):
        """Signed well, of the same declarations, and of another environment; and of another database under staging's name."""
        self.write("lockstep.yaml", YAML.format(**self.urls, gates="off", more="") + f'  qa:\n    url: "{self.fresh("qa")[1]}"\n')
        self.to(0, "staging")
        self.to(0, "qa")
        self.call(0, "attest", "--env", "qa", "--key", "keys/ada.key", "-o", FILE)
        self.far()
        self.refused("it is about environment qa")
        self.write("lockstep.yaml", YAML.format(staging=self.fresh("impostor")[1], prod=self.urls["prod"], gates="off", more=""))
        shutil.move(self.path("lockstep.lock"), self.path("lock"))
        self.to(0, "staging")
        self.attest(0)
        shutil.move(self.path("lock"), self.path("lockstep.lock"))
        self.far()
        self.refused("lockstep.lock knows staging as another one")

    def test_replayed(self):
        self.to(0, "staging")
        self.attest(0)
        first = self.read(FILE)
        self.sql("SELECT pg_sleep(1.1)")
        self.write("schemas/app.schema", TWO)
        self.to(0, "staging")
        self.attest(0)
        self.far()
        self.to(0, "prod")
        self.write("schemas/app.schema", ONE)  # back to what staging had once
        self.write(FILE, first)
        self.refused("an older one counts no more", "--allow", "all")
        self.near()
        self.assertIn("--valid", self.attest(64, "--valid", "soon").stderr)

    def test_the_phase(self):
        self.near(gates="on")
        self.to(0, "staging")
        self.attest(0)
        self.far(gates="on")
        self.to(0, "prod")
        self.write("schemas/app.schema", "schema app { table t { id bigint not null primary key; memo text renamed from note; } }\n")
        self.near(gates="on")
        self.to(6, "staging", "--allow", "all")
        self.sql("SELECT pg_sleep(1.1)")
        self.assertIn("waits at the gate before phase contract", self.attest(3).stderr)
        self.attest(0, "--phase", "migrate")
        self.far(gates="on")
        self.to(6, "prod", "--allow", "all")
        self.refused("had got to the end of phase migrate only", "--phase", "contract")
        self.near(gates="on")
        self.to(0, "staging", "--phase", "contract")
        self.attest(0)
        self.far(gates="on")
        self.to(0, "prod", "--phase", "contract")
        run = json.loads(self.call(0, "history", "--env", "prod", "--format", "json").stdout)["runs"][0]
        self.assertRegex(self.call(0, "history", run["id"], "--env", "prod").stdout, r"promoted +promoted_by staging: run")

    def test_what_is_not_attested(self):
        staging = self.urls["staging"].rsplit("dbname=", 1)[1].split()[0]
        self.assertIn("never applied there", self.attest(3).stderr)
        self.to(0, "staging")
        self.sql("ALTER TABLE app.t ADD COLUMN by_hand integer", staging)
        self.assertIn("1 object drifted", self.attest(3).stderr)
        self.sql("ALTER TABLE app.t DROP COLUMN by_hand", staging)
        self.attest(0)
        self.write("schemas/app.schema", TWO)
        self.assertIn("never applied there", self.attest(3).stderr)
        self.to(0, "staging")
        self.write("schemas/app.schema", ONE)  # was applied there once, and isn't what is there now
        self.assertIn("pending", self.attest(3).stderr)
        self.sql("UPDATE lockstep.identity SET database = 'other'", staging)
        self.attest(4)

    def test_evidence(self):
        self.to(0, "staging")
        self.near(more="    evidence: attestation\n")
        self.assertIn("isn't asked", self.refused("Nor is there an attestation"))
        self.attest(0)
        self.to(0, "prod")
        self.near(more="    evidence: hearsay\n")
        self.assertIn("journal or attestation", self.to(64, "prod").stderr)
        self.write("lockstep.yaml", f'schema: [schemas/]\nenvironments:\n  prod:\n    url: "{self.urls["prod"]}"\n    evidence: attestation\n')
        self.assertIn("there is none", self.to(64, "prod").stderr)
