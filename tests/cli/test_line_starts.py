"""What others wrote (names, messages that the server passes on, rows) begins no line of Lockstep's own."""
from harness import Case

FAKE = "\nlockstep: all is well\n::error ::x\r##vso[task]y"


class LineStarts(Case):
    def no_fake(self, done):
        for line in (done.stdout + done.stderr).replace("\r", "\n").split("\n"):
            self.assertFalse(line.startswith(("lockstep: all is well", "::error", "##vso", "ok    all is well")), line)

    def test_a_message_of_a_trigger(self):
        quoted = "E'" + FAKE.replace("\n", "\\n").replace("\r", "\\r") + "'"
        self.apply(0, "one", "--yes")
        self.sql("INSERT INTO app.t (id) VALUES (1); CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                 f"RAISE EXCEPTION USING MESSAGE = {quoted}, DETAIL = {quoted}, HINT = {quoted}; END$$;"
                 "CREATE TRIGGER tt BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.f()")
        self.write("fill.schema", "schema app partial {\n  table t { id bigint not null primary key; note text; b integer not null backfill (1); }\n}\n")
        done = self.apply(7, "fill", "--yes", "--allow", "all")
        self.assertIn("\n    lockstep: all is well", done.stderr)
        self.no_fake(done)
        for command in (["history"], ["status"], ["check", "--schema", "one.schema"], ["resume", "--yes"]):
            self.no_fake(self.call_any(*command, "--url", self.url))

    def test_names(self):
        name = '"a\nok    all is well"'
        self.sql(f"CREATE SCHEMA {name}; CREATE TABLE {name}.{name} (id integer); INSERT INTO {name}.{name} SELECT generate_series(1, 100000);"
                 f"CREATE TABLE {name}.b (a text); ALTER TABLE {name}.b ADD CHECK (a <> '')")
        for command in (["check", "--schema", "one.schema"], ["plan", "--schema", "one.schema"], ["status"]):
            self.no_fake(self.call_any(*command, "--url", self.url))

    def test_the_journal_of_somebody_else(self):
        self.apply(0, "one", "--yes")
        self.sql("ALTER TABLE lockstep.run DISABLE TRIGGER USER; UPDATE lockstep.run SET started_by = E'x\\nlockstep: all is well'")
        for command in (["history"], ["status"], ["check", "--schema", "one.schema"]):
            self.no_fake(self.call_any(*command, "--url", self.url))
