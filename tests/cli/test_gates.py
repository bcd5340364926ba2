"""Gates: where apply stops, what passes it, what a waiting run refuses, and what every other command says of it."""
import hashlib
import json
import os

from harness import Case

OLD = """schema app {
  table t { id bigint not null primary key; note text; size bigint; }
  table other { id bigint not null primary key; }
  function twice(n bigint) returns bigint language sql as $$ SELECT n * 2 $$;
}
"""
# Something of each phase: a column (expand), its values and an index (migrate), a column and a function go (contract).
NEW = """schema app {
  table t { id bigint not null primary key; size bigint; tag text not null backfill ('t' || id); index t_tag on (tag); }
  table other { id bigint not null primary key; }
}
"""
EXPANDS = OLD.replace("size bigint; }", "size bigint; tag text; }")
CONTRACTS = OLD.replace(" note text;", "")


class Gates(Case):
    def setUp(self):
        super().setUp()
        for name, text in (("old", OLD), ("new", NEW), ("expands", EXPANDS), ("contracts", CONTRACTS)):
            self.write(name + ".schema", text)
        self.target = ("--url", self.url)
        self.apply(0, "old", "--yes")
        self.sql("INSERT INTO app.t SELECT n, 'note ' || n, n FROM generate_series(1, 50) n")
        self.yaml("gates: on")

    def yaml(self, settings, schema="new"):
        self.write("lockstep.yaml", f"schema: [{schema}.schema]\nenvironments:\n  prod: {{ url: \"${{PROD}}\", {settings} }}\n")

    def prod(self, code, *arguments, **how):
        how["environment"] = {"PROD": self.url, **how.get("environment", {})}
        return self.call(code, *arguments, "--env", "prod", **how)

    def go(self, code, *more, **how):
        return self.prod(code, "apply", "--yes", "--allow", "all", *more, **how)

    def runs(self):
        return json.loads(self.call(0, "history", *self.target, "--format", "json").stdout)["runs"]

    def events(self):
        return self.sql("SELECT kind FROM lockstep.event WHERE run = (SELECT id FROM lockstep.run ORDER BY started DESC LIMIT 1) AND kind NOT IN "
                        "('intent', 'executed', 'settled', 'batch') ORDER BY id").split()

    def phases(self, waiting=False):
        """Of the newest run's plan: the phases of the steps that are done, or of those that are left."""
        run = self.runs()[0]["id"]
        document = json.loads(self.call(0, "history", run, *self.target, "--format", "json").stdout)
        done = {event["step"] for event in document["events"] if event["kind"] in ("executed", "settled")}
        return sorted({step["phase"] for step in document["plan"]["steps"] if (step["id"] in done) != waiting})

    def finished(self, schema="new"):
        self.call(0, "verify", *self.target, "--schema", schema + ".schema", "--strict")
        self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))
        if schema == "new":
            self.assertEqual("50\tt50\n", self.sql("SELECT count(*) FILTER (WHERE tag = 't' || id), max(tag) FILTER (WHERE id = 50) FROM app.t"))

    # --- where it stops, and what passes

    def test_a_whole_rollout(self):
        text = self.go(6, "--quiet", told=True)
        self.assertEqual(["expand", "migrate"], self.phases())
        self.assertEqual(["contract"], self.phases(waiting=True))
        self.assertEqual("50\n", self.sql("SELECT count(note) FROM app.t"), "the old application's column is there")
        self.sql("INSERT INTO app.t VALUES (51, 'old application', 51); DELETE FROM app.t WHERE id = 51")
        self.assertEqual(["run_started", "gate"], self.events())
        before = self.server.dump(self.database)
        text += self.go(6, "--quiet", told=True)
        text += self.prod(6, "resume", "--yes", told=True)
        self.assertEqual(before, self.server.dump(self.database), "nothing is done, and nothing is journalled")
        text += self.prod(0, "apply", "--yes", "--phase", "contract", "--quiet", told=True)
        self.golden("gate", text)
        self.assertEqual(1, len(self.runs()[:-1]), "the same run")
        self.assertEqual(["run_started", "gate", "resumed", "run_done", "verified"], self.events())
        self.finished()
        self.go(0)

    def test_phase_by_phase_without_an_environment(self):
        go = lambda code, *more: self.apply(code, "new", "--yes", "--allow", "all", *more)
        self.assertIn("--phase migrate --url", go(6, "--phase", "expand").stdout)
        self.assertEqual(["expand"], self.phases())
        go(6)
        go(6, "--phase", "expand")
        self.assertEqual(["expand"], self.phases())
        go(6, "--phase", "migrate")
        self.assertEqual(["expand", "migrate"], self.phases())
        for phase in ("expand", "migrate"):
            go(6, "--phase", phase)
        self.assertEqual(["run_started", "gate", "resumed", "gate"], self.events())
        go(0, "--phase", "contract")
        self.finished()

    def test_without_gates_it_runs_through(self):
        self.apply(0, "new", "--yes", "--allow", "all")
        self.finished()
        self.yaml("gates: off", "old")
        self.go(0)
        self.finished("old")

    def test_from_expand_to_contract_at_once(self):
        self.go(6, "--phase", "expand")
        self.go(0, "--phase", "contract")
        self.finished()

    def test_contract_at_first_is_a_run_without_a_gate(self):
        self.go(0, "--phase", "contract")
        self.assertEqual(["run_started", "run_done", "verified"], self.events())
        self.finished()

    def test_plans_of_one_phase(self):
        self.yaml("gates: on", "expands")
        self.go(0)
        self.yaml("gates: on", "contracts")
        self.go(6)
        self.assertEqual([], self.phases())
        self.assertEqual(1, len([run for run in self.runs() if run["state"] == "at the gate"]))
        self.go(0, "--phase", "contract")
        self.finished("contracts")

    def test_a_saved_plan(self):
        self.prod(0, "plan", "-o", "plan.json")
        for more in ((), ("--schema", "new.schema")):
            self.assertIn("lockstep apply PLAN --phase contract --env prod", self.go(6, "plan.json", *more).stdout)
        os.remove(self.path("lockstep.yaml"))
        saved = lambda code, *more: self.call(code, "apply", "plan.json", *self.target, "--yes", *more)
        saved(6, "--allow", "all")
        self.assertIn("plan is as planned", saved(0, "--phase", "contract").stdout)
        self.finished()

    def test_a_saved_plan_without_its_files(self):
        self.prod(0, "plan", "-o", "plan.json")
        self.call(0, "plan", *self.target, "--schema", "expands.schema", "-o", "other.json")
        saved = lambda code, *more: self.call(code, "apply", "plan.json", *self.target, "--yes", "--allow", "all", *more)
        saved(6, "--phase", "migrate")
        self.call(3, "plan", *self.target, "--schema", "expands.schema", "-o", "later.json")
        self.assertFalse(os.path.exists(self.path("later.json")))  # what is refused isn't saved
        self.assertIn("that run waits at the gate", self.call(3, "apply", "other.json", *self.target, "--yes").stderr)
        saved(0, "--phase", "contract")
        self.finished()

    def test_a_contract_step_in_between(self):
        """As a plan of an older version may have it: what can't be stopped at the gate isn't begun."""
        self.prod(0, "plan", "-o", "plan.json")
        plan = json.loads(self.read("plan.json"))
        plan["steps"][0]["phase"] = "contract"
        self.seal(plan)
        os.remove(self.path("lockstep.yaml"))
        before = self.server.dump(self.database)
        saved = lambda code, *more: self.call(code, "apply", "plan.json", *self.target, "--yes", "--allow", "all", *more)
        for phase in ("expand", "migrate"):
            self.assertRegex(saved(3, "--phase", phase).stderr, 'can\'t stop at the gate: step s01 ".+" \\(contract\\) has to run before step s02')
        self.assertEqual(before, self.server.dump(self.database))
        saved(0, "--phase", "contract")

    # --- consent and what has changed since

    def test_consent_is_asked_once_and_for_everything(self):
        before = self.server.dump(self.database)
        self.assertIn("drop-column", self.prod(3, "apply", "--yes").stderr)
        self.assertEqual(before, self.server.dump(self.database))
        self.go(6)
        self.prod(0, "apply", "--yes", "--phase", "contract")

    def rewrite(self, change):
        """Edits the journal as somebody would who may write it, with a chain of hashes that fits."""
        off = "ALTER TABLE lockstep.event DISABLE TRIGGER append_only; "
        self.sql(off + change)
        rows = json.loads(self.sql("SELECT json_agg(json_build_array(id, coalesce(run::text, ''), to_char(at AT TIME ZONE 'UTC', "
                                   "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), kind, step, detail::text) ORDER BY id) FROM lockstep.event"))
        previous, statements = "lockstep journal", ""
        for row in rows:
            previous = hashlib.sha256(json.dumps([previous, *row], separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
            statements += f"UPDATE lockstep.event SET hash = '{previous}' WHERE id = {row[0]}; "
        self.sql(statements + "ALTER TABLE lockstep.event ENABLE ALWAYS TRIGGER append_only")

    def test_what_nobody_consented_to_is_refused_at_the_gate(self):
        self.go(6)
        self.rewrite("UPDATE lockstep.event SET detail = replace(detail::text, 'drop-column', 'x')::json WHERE kind = 'run_started'")
        before = self.server.dump(self.database)
        done = self.prod(3, "apply", "--yes", "--phase", "contract")
        self.assertIn("s10 drop-column app.t.note", done.stderr)
        self.assertNotIn("function", done.stderr)
        self.assertEqual(before, self.server.dump(self.database))
        self.prod(0, "apply", "--yes", "--phase", "contract", "--allow", "drop-column:app.t.note")

    def test_protection_that_came_later(self):
        self.go(6)
        self.yaml("gates: on, protect: { drop: deny }")
        self.prod(3, "apply", "--yes", "--phase", "contract")
        self.assertEqual("at the gate", self.runs()[0]["state"])

    def test_what_changed_since(self):
        for change, back in (("ALTER TABLE app.t ALTER COLUMN note TYPE varchar(90)", "ALTER TABLE app.t ALTER COLUMN note TYPE text"),
                             ("CREATE VIEW app.v AS SELECT note FROM app.t", "DROP VIEW app.v"),
                             ("CREATE OR REPLACE FUNCTION app.twice(n bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT n + n $$",
                              "CREATE OR REPLACE FUNCTION app.twice(n bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT n * 2 $$")):
            self.go(6)
            self.sql(change)
            done = self.prod(4, "apply", "--yes", "--phase", "contract")
            self.assertIn("stale plan", done.stderr)
            self.assertEqual("at the gate", self.runs()[0]["state"], change)
            self.sql(back)
        self.go(6)
        self.sql("ALTER TABLE app.t RENAME TO t2")
        self.assertIn("app.t", self.prod(4, "apply", "--yes", "--phase", "contract").stderr)
        self.sql("ALTER TABLE app.t2 RENAME TO t")
        self.sql("CREATE TABLE app.mine (); ALTER TABLE app.other ADD COLUMN more text")  # nothing to this plan
        self.sql("DROP TABLE app.mine; ALTER TABLE app.other DROP COLUMN more")
        self.prod(0, "apply", "--yes", "--phase", "contract")
        self.finished()

    def test_what_the_run_itself_changed_is_fresh(self):
        """A default of the partitioned table changes what its partition says by itself, which a later step changes."""
        head = "schema app {\n  table p partition by list (k) {\n    k text not null;\n    v text"
        self.write("before.schema", head + ";\n    partition rest default {\n      column v not null default lower('REST');\n    }\n  }\n}\n")
        self.write("after.schema", head + " default 'new';\n    partition rest default;\n  }\n}\n")
        _, self.url = self.fresh("parted")
        self.apply(0, "before", "--yes", "--allow", "all")
        self.sql("INSERT INTO app.p VALUES ('a', 'b')", self.url.rsplit("dbname=", 1)[1])
        self.apply(6, "after", "--yes", "--allow", "all", "--phase", "migrate")
        self.apply(0, "after", "--yes", "--phase", "contract")

    def test_rows_in_the_way_with_nothing_done_yet(self):
        """The run is open all the same: a rollback must not undo the one before it."""
        self.write("small.schema", OLD.replace("size bigint;", "size integer;"))
        self.yaml("gates: on", "small")
        self.go(6)
        self.sql("INSERT INTO app.t VALUES (51, 'large', 3000000000)")
        self.go(1, "--phase", "contract")
        self.assertTrue(self.runs()[0]["state"] == "failed", self.runs()[0])
        self.assertIn("is open and has changed nothing", self.prod(64, "rollback", "--yes", "--allow", "all").stderr)
        self.sql("DELETE FROM app.t WHERE id = 51")
        self.go(0, "--phase", "contract")
        self.finished("small")

    def test_other_files(self):
        self.go(6)
        self.yaml("gates: on", "expands")
        before = self.server.dump(self.database)
        text = self.go(3, "--quiet", told=True)
        text += self.go(3, "--phase", "contract", "--quiet", told=True)
        text += self.prod(3, "plan", told=True).split("\n\n")[0] + "\n"
        self.assertEqual(before, self.server.dump(self.database))
        self.golden("gate_other_files", text)
        self.yaml("gates: on")
        self.go(0, "--phase", "contract")

    # --- the ways out

    def test_rollback(self):
        before = self.server.dump(self.database, "-n", "app")
        for more in ((), ("--phase", "expand")):
            with self.subTest(more=more):
                self.go(6, *more)
                self.prod(0, "rollback", "--yes", "--allow", "all")
                self.assertEqual(before, self.server.dump(self.database, "-n", "app"))
                self.assertEqual("rolled back", self.runs()[1]["state"])
                self.prod(0, "verify")
                self.assertEqual("", self.sql("SELECT names FROM lockstep.object"))
        self.go(6)
        self.go(0, "--phase", "contract")

    def test_rollback_of_a_run_that_has_done_nothing_yet(self):
        self.yaml("gates: on", "contracts")
        self.go(6)
        self.prod(0, "rollback", "--yes", "--allow", "all")
        self.assertEqual("rolled back", self.runs()[1]["state"])
        self.prod(0, "verify")
        self.yaml("gates: on", "old")
        self.assertIn("nothing to do", self.go(0).stdout)

    def test_a_way_back_has_no_gate(self):
        self.go(6)
        self.go(0, "--phase", "contract")
        self.prod(0, "rollback", "--dry-run", "-o", "back.json")
        self.assertIn("has no gate", self.go(64, "back.json", "--phase", "expand").stderr)
        self.go(0, "back.json")
        self.assertEqual("50\n", self.sql("SELECT count(note) FROM app.t"))

    def test_abandon(self):
        self.go(6)
        self.prod(0, "resolve", "--abandon", "--reason", "a test")
        self.assertEqual("superseded", self.runs()[0]["state"])
        self.prod(0, "verify")
        self.go(6)  # what is left is a plan of its own
        self.assertEqual(["contract"], self.phases(waiting=True))
        self.go(0, "--phase", "contract")
        self.finished()

    def test_a_step_settled_by_hand(self):
        self.yaml("gates: on", "contracts")
        self.go(6)
        self.sql("ALTER TABLE app.t DROP COLUMN note")
        steps = [step["id"] for step in json.loads(self.prod(2, "verify", "--format", "json").stdout)["databases"][0]["open_run"]["gate"]["pending"]]
        for step in steps:
            self.assertIn("`lockstep apply --phase contract` goes on", self.prod(0, "resolve", step, "--applied").stdout)
        self.go(6)
        self.go(0, "--phase", "contract")
        self.finished("contracts")

    # --- what others say

    def test_what_is_said_of_it(self):
        self.go(6)
        text = ""
        for command in (("status",), ("verify",), ("history",), ("check",)):
            text += self.prod(0, *command, told=True)
        self.golden("gate_status", text.replace(self.folder, "<folder>"))
        place = json.loads(self.prod(0, "verify", "--format", "json").stdout)["databases"][0]
        self.assertEqual(("at the gate", []), (place["state"], place["drift"]))
        gate = place["open_run"]["gate"]
        self.assertEqual("contract", gate["next"])
        self.assertRegex(gate["since"], r"^\d{4}-\d\d-\d\dT")
        self.assertEqual({"contract"}, {step["phase"] for step in gate["pending"]})
        self.assertIn("statements that use function app.twice(bigint) fail", [step["breaking"] for step in gate["pending"]])
        self.assertEqual(gate, json.loads(self.prod(0, "status", "--format", "json").stdout)["databases"][0]["open_run"]["gate"])
        run = self.runs()[0]
        self.assertEqual(("at the gate", None, gate["since"], "contract"), (run["state"], run["finished"] or None, run["waits_since"], run["next_phase"]))
        self.assertIn("gate", self.prod(0, "history", run["id"]).stdout)
        self.sql("CREATE TABLE app.mine ()")
        done = self.prod(2, "verify")
        self.assertIn("waits at the gate", done.stdout)
        self.assertIn("1 object changed", done.stdout)

    # --- hooks

    def test_hooks(self):
        every = ", ".join(f"{name}: ['echo {name} $LOCKSTEP_RUN >> log']" for name in ("before", "after_expand", "at_gate", "after_contract", "after"))
        log = lambda: [line.split()[0] for line in self.read("log").splitlines()]
        self.yaml("gates: on, hooks: { " + every + " }")
        self.go(6)
        self.assertEqual(["before", "after_expand", "at_gate"], log())
        self.go(6)
        self.prod(6, "resume", "--yes")
        self.assertEqual(["before", "after_expand", "at_gate", "at_gate"], log())
        self.go(0, "--phase", "contract")
        self.assertEqual(["before", "after_contract", "after"], log()[4:])
        self.assertEqual(1, len({line.split()[1] for line in self.read("log").splitlines()}), "one run")
        os.remove(self.path("log"))
        self.prod(0, "rollback", "--yes", "--allow", "all")
        self.assertNotIn("after_contract", log())
        self.assertNotIn("at_gate", log())
        os.remove(self.path("log"))
        self.yaml("gates: on, hooks: { " + every + " }", "expands")
        self.go(0)
        self.assertEqual(["before", "after_expand", "after"], log(), "no contract step, no hook of it")

    def test_hooks_that_fail(self):
        self.yaml("gates: on, hooks: { at_gate: ['test -e ready'], after_contract: ['test -e gone'], after: ['echo after >> log'] }")
        self.assertIn("hook `at_gate` failed", self.go(7).stderr)
        self.assertEqual("at the gate", self.runs()[0]["state"])
        self.assertIn("hook `at_gate` failed", self.go(7).stderr)
        self.write("ready", "")
        self.go(6)
        for command in (("apply", "--yes", "--phase", "contract"), ("apply", "--yes"), ("resume", "--yes")):
            self.assertIn("hook `after_contract` failed", self.prod(7, *command).stderr)
            self.assertFalse(os.path.exists(self.path("log")))
        self.write("gone", "")
        self.prod(0, "resume", "--yes")
        self.assertEqual("after\n", self.read("log"))
        self.finished()

    def test_after_expand_fails_before_the_gate(self):
        self.yaml("gates: on, hooks: { after_expand: ['test -e ready'] }", "contracts_and_expands")
        self.write("contracts_and_expands.schema", EXPANDS.replace(" note text;", ""))
        self.go(7)
        self.assertNotIn("gate", self.events())
        self.write("ready", "")
        self.go(6)

    # --- killed

    def test_killed_before_and_at_the_gate(self):
        document = json.loads(self.prod(0, "plan", "--format", "json").stdout)["steps"]
        last = [step["id"] for step in document if step["phase"] != "contract"][-1]
        for point in (last + ":after-commit", last + ":after-settled", "gate:before-journal", "gate:after-commit"):
            with self.subTest(point=point):
                died = self.call_any("apply", "--yes", "--allow", "all", "--env", "prod", environment={"PROD": self.url, "LOCKSTEP_CRASH_AT": point})
                self.assertEqual(-9, died.returncode, died.stderr)
                if point == last + ":after-settled":
                    self.prod(6, "resume", "--yes")  # it doesn't pass the gate either
                self.go(6)
                self.assertEqual(["contract"], self.phases(waiting=True))
                self.prod(0, "rollback", "--yes", "--allow", "all")

    def test_killed_in_contract(self):
        self.go(6)
        steps = [step["id"] for step in json.loads(self.prod(0, "verify", "--format", "json").stdout)["databases"][0]["open_run"]["gate"]["pending"]]
        points = [step + ":" + point for step in steps for point in ("before-journal", "after-exec", "after-settled")]
        for point in points:
            died = self.call_any("apply", "--yes", "--phase", "contract", "--env", "prod", environment={"PROD": self.url, "LOCKSTEP_CRASH_AT": point})
            self.assertEqual(-9, died.returncode, point + died.stdout + died.stderr)
        self.assertEqual("running", self.runs()[0]["state"])
        self.prod(0, "apply", "--yes")  # it goes on as far as the last command was to go
        self.finished()
