"""What goes to the scratch databases after an edit (docs/adr/0047): parts are kept, an edit is remembered, and errors are what they are
where everything is elaborated."""
import glob
import json

from harness import Case
from own_cache import OwnCache

BOTH_WAYS = {"LOCKSTEP_CHECK_ELABORATION": "1"}

TABLE = """create schema app;
create table app.other (id integer primary key);
create table app.t (id integer primary key, other integer references app.other, a text not null default 'x', b text, c integer check (c > 0));
create unique index t_b on app.t (lower(b)) where c > 1;
alter table app.t replica identity using index t_pkey;
create function app.f() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before insert on app.t for each row when (new.c > 2) execute function app.f();
create policy p on app.t using (c > 3);
comment on index app.t_b is 'kept'"""

HEAD = "  table t {\n"


class EditsOnScratch(Case):
    def edited(self, *changes):
        """The files as the database has them, with these changes; each must be found."""
        self.sql(TABLE)
        self.call(0, "inspect", "--url", self.url, "-o", "one.schema")
        text = self.read("one.schema")
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        self.write("one.schema", text)

    def plan(self, code=0, environment=BOTH_WAYS):
        return self.call(code, "plan", "--url", self.url, "--schema", "one.schema", "--format", "json", environment=environment)

    def test_parts_of_an_edited_table_are_what_they_are_elaborated_whole(self):
        self.edited(("default 'x'", "default 'y'"), (HEAD, HEAD + "    d integer default 7;\n"))
        changed = [change["object"] for change in json.loads(self.plan().stdout)["changes"]]
        self.assertEqual(2, len(changed), changed)  # the default and the column: no index, trigger or policy

    def test_a_second_primary_key_is_refused(self):
        self.edited(("    primary key other_pkey (id);\n", "    primary key other_pkey (id);\n    primary key again (id);\n"))
        self.assertIn("multiple primary keys", self.plan(64).stderr)

    def test_the_default_that_is_wrong_is_named(self):
        self.edited((HEAD, HEAD + "    d integer default 7;\n    e integer default 'no';\n"))
        error = self.plan(64).stderr
        self.assertIn("default app.t.e: invalid input syntax", error)
        self.assertNotIn("app.t.d", error)

    def test_the_same_edit_is_remembered_whatever_the_file_is_called(self):
        self.edited(("default 'x'", "default 'y'"))
        with OwnCache() as cache:
            first = self.plan(environment=cache.environment)
            known = sorted(glob.glob(cache.folder + "/elaborated/*"))
            self.assertEqual(1, len(known))
            self.write("one.schema", "-- another file\n" + self.read("one.schema"))
            again = self.plan(environment=cache.environment)
            self.assertEqual(known, sorted(glob.glob(cache.folder + "/elaborated/*")))
        self.assertEqual(*(json.loads(done.stdout)["changes"][0]["object"] for done in (first, again)))


if __name__ == "__main__":
    import unittest
    unittest.main()
