"""Routines of one name: one that takes the place of another in one transaction, and what is said where calls can mean two."""
from harness import Case

F = "function app.f(%s) returns text language sql immutable as $$ select '%s'::text $$;\n"
P = "procedure app.p(%s) language sql as $$ select 1 $$;\n"
HEAD = "schema app { table t { id integer not null primary key; } }\n"


class Namesakes(Case):
    def plan(self, before, after):
        self.database, self.url = self.fresh("shop")
        self.write("before.schema", HEAD + before)
        self.write("after.schema", HEAD + after)
        self.apply(0, "before", "--yes", "--allow", "all")
        self.call(0, "plan", "--url", self.url, "--schema", "after.schema", "-o", "plan.json")
        import json
        return json.loads(self.read("plan.json"))["steps"]

    def makers(self, steps, name):
        return [step for step in steps if any(sql.startswith(("CREATE", "DROP")) and f" app.{name}(" in sql for sql in step["sql"])]

    def test_an_argument_with_a_default(self):
        for before, after in ((F % ("a integer", "old"), F % ("a integer, b text default 'x'", "new")),
                              (F % ("a integer, b integer default 1", "old"), F % ("a integer", "new")),
                              (F % ("a integer", "old"), F % ("a bigint default 1", "new")),
                              (F % ("a integer", "old") + F % ("a integer, b integer", "two"), F % ("a integer, b integer default 0", "new")),
                              (F % ("a integer, b integer default 0", "old"), F % ("a integer", "new") + F % ("a integer, b integer", "two"))):
            with self.subTest(after=after):
                steps = self.plan(before, after)
                made = self.makers(steps, "f")
                self.assertNotIn("not unique", str(steps))
                self.assertEqual(1, len(made), [step["title"] for step in steps])
                self.assertEqual("contract", made[0]["phase"])
                self.assertNotIn("ambiguous", str(steps))
                self.apply(0, "after", "--yes", "--allow", "all")
                self.assertEqual("new", self.sql("SELECT app.f(1)").strip())
                self.call(0, "rollback", "--url", self.url, "--yes", "--allow", "all")
                self.assertEqual("old", self.sql("SELECT app.f(1)").strip())

    def test_a_call_works_at_every_moment(self):
        """The successor is new, or was there and gets the default."""
        more = " column_of_new_app text;"
        for two in ("", F % ("a integer, b text", "two")):
            with self.subTest(two=two):
                self.plan(F % ("a integer", "old") + two, F % ("a integer, b text default 'x'", "new"))
                self.write("after.schema", self.read("after.schema").replace("primary key;", "primary key;" + more))
                env = "there" if two else "new"
                self.write("lockstep.yaml", f"environments:\n  {env}:\n    url: {self.url}\n    gates: on\n")
                self.call(6, "apply", "--env", env, "--schema", "after.schema", "--yes", "--allow", "all")
                self.assertEqual("old", self.sql("SELECT app.f(1)").strip())
                self.call(0, "apply", "--env", env, "--schema", "after.schema", "--phase", "contract", "--yes")
                self.assertEqual("new", self.sql("SELECT app.f(1)").strip())

    def test_both_stay_and_no_call_is_unique(self):
        """What the hazard says is what PostgreSQL does."""
        one, two = F % ("a integer", "one"), "a integer, b integer%s"
        for before, after, unique in ((one, one + F % (two % " default 0", "two"), False),
                                      (one + F % (two % "", "two"), one + F % (two % " default 0", "two"), False),
                                      (one, one + F % ("a bigint, b integer default 0", "two"), True),
                                      (one, one + F % ("a integer, variadic b integer[]", "two"), True),
                                      (one, one + F % ("a text", "two"), True)):
            with self.subTest(after=after):
                hazards = [one["message"] for step in self.plan(before, after) for one in step.get("consequences", [])]
                self.apply(0, "after", "--yes", "--allow", "all")
                if unique:
                    self.assertEqual("one", self.sql("SELECT app.f(1)").strip())
                    self.assertNotIn("not unique", str(hazards))
                else:
                    with self.assertRaisesRegex(Exception, "is not unique"):
                        self.sql("SELECT app.f(1)")
                    self.assertRegex(str(hazards), r"every call with 1 argument .*app\.f\(integer\).*not unique")

    def test_what_belongs_to_it_comes_with_it(self):
        """Its privileges and comment are there at once, and a body that calls it in its new form is replaced after it."""
        body = "function app.g() returns text language plpgsql as $$ begin return app.f(%s); end $$;\n"
        mine = "function app.f(%s) returns text language sql immutable as $$ select '%s'::text $$ { revoke all from public; grant execute to pg_monitor; comment 'c'; }\n"
        steps = self.plan(mine % ("a integer", "old") + body % "1", mine % ("a integer, b text default 'x'", "new") + body % "1, 'y'")
        self.assertEqual(["s01", "s02"], [step["id"] for step in steps], [step["title"] for step in steps])
        self.assertEqual(["contract", "contract"], [step["phase"] for step in steps])
        self.assertIn("REVOKE", str(steps[0]["sql"]))
        self.killed("after", "s01")
        self.assertEqual("new", self.sql("SELECT app.g()").strip())
        self.call(0, "resume", "--url", self.url, "--yes")
        self.assertEqual("new", self.sql("SELECT app.g()").strip())

    def test_variadic(self):
        steps = self.plan(F % ("a integer, b text", "old"), F % ("a integer, variadic b text[]", "new"))
        self.assertEqual(1, len(self.makers(steps, "f")))
        self.apply(0, "after", "--yes", "--allow", "all")
        self.assertEqual("new", self.sql("SELECT app.f(1, 'x')").strip())
        self.assertEqual(2, len(self.makers(self.plan(F % ("a integer", "old"), F % ("a integer, variadic b text[]", "new")), "f")))

    def test_a_procedure(self):
        steps = self.plan(P % "a integer", P % "a integer, b text default 'x'")
        self.assertEqual(1, len(self.makers(steps, "p")))
        self.apply(0, "after", "--yes", "--allow", "all")

    def test_what_is_said(self):
        """Other types for as many arguments, an overload beside one that stays, and a default that an overload gains."""
        for before, after, said in (
                (F % ("a integer", "old"), F % ("a bigint", "new"), True), (F % ("a integer", "old"), F % ("a text", "new"), True),
                (F % ("a integer", "old"), F % ("a integer", "old") + F % ("a text", "new"), True),
                (F % ("a integer", "old"), F % ("a integer", "old") + F % ("a integer, b text default 'x'", "new"), True),
                (F % ("a integer", "old") + F % ("a integer, b text", "x"), F % ("a integer", "old") + F % ("a integer, b text default 'x'", "x"), True),
                (F % ("a integer", "old"), F % ("a integer", "old") + F % ("a integer, b text", "new"), False),
                (F % ("a integer", "old"), F % ("a integer, b text", "new"), False),
                (F % ("a integer", "old"), F % ("a integer", "new"), False),
                (F % ("a integer", "old"), F % ("a integer default 3", "old"), False),
                ("", F % ("a integer", "old") + F % ("a text", "new"), False)):
            with self.subTest(before=before, after=after):
                steps = self.plan(before, after)
                hazards = [one for step in steps for one in step.get("consequences", []) if "ambiguous" in one["message"] or "not unique" in one["message"]]
                self.assertEqual(said, bool(hazards), steps)
                if said:
                    self.assertEqual({("breaking", "app.f")}, {(one["hazard"], one["object"]) for one in hazards})
                    self.assertIn("breaking app.f", self.apply(3, "after", "--yes", "--allow", "breaking:app.f.*").stderr)
                self.apply(0, "after", "--yes", "--allow", "all")
