"""Renames of several things that speak of each other: at the gate nothing has its new name yet, and that is no change by somebody."""
import json

from harness import Case

ID = "id bigint not null primary key;"
PAIRS = {
    "a table and a column that refers to it": (
        f"table users {{ {ID} login text; }} table posts {{ {ID} user_id bigint references users (id); }}",
        f"table people renamed from users {{ {ID} login text; }} table posts {{ {ID} owner_id bigint renamed from user_id references people (id); }}"),
    "a column and the table that refers": (
        f"table users {{ {ID} login text; }} table posts {{ {ID} user_id bigint references users (id); }}",
        f"table users {{ {ID} name text renamed from login; }} table articles renamed from posts {{ {ID} user_id bigint references users (id); }}"),
    "both tables": (
        f"table users {{ {ID} login text; }} table posts {{ {ID} user_id bigint references users (id); }}",
        f"table people renamed from users {{ {ID} login text; }} table articles renamed from posts {{ {ID} user_id bigint references people (id); }}"),
    "a column on each side": (
        f"table users {{ {ID} login text; }} table posts {{ {ID} user_id bigint references users (id); }}",
        f"table users {{ uid bigint renamed from id not null primary key; login text; }} table posts {{ {ID} owner bigint renamed from user_id references users (uid); }}"),
    "names that have to be quoted": (
        f"table \"Users\" {{ {ID} login text; }} table \"all posts\" {{ {ID} \"user\" bigint references \"Users\" (id); }}",
        f"table \"Our people\" renamed from \"Users\" {{ {ID} login text; }} table \"all articles\" renamed from \"all posts\" {{ {ID} \"user\" bigint references \"Our people\" (id); }}"),
    "a table of itself": (
        f"table users {{ {ID} boss bigint references users (id); }}",
        f"table people renamed from users {{ {ID} chief bigint renamed from boss references people (id); }}"),
    "a type and a column beside it": (
        f"enum state ('on', 'off'); table users {{ {ID} login text; is state; was state[]; gone text; }}",
        f"enum status ('on', 'off') renamed from state; table users {{ {ID} name text renamed from login; is status; was status[]; }}"),
    "a view and its table": (
        f"table users {{ {ID} login text; }} view logins as $$ SELECT login FROM app.users $$;",
        f"table people renamed from users {{ {ID} login text; }} view names renamed from logins as $$ SELECT login FROM app.people $$;"),
    "a view and a column that it doesn't read": (
        f"table users {{ {ID} login text; mail text; }} view logins as $$ SELECT login FROM app.users $$;",
        f"table users {{ {ID} login text; email text renamed from mail; }} view names renamed from logins as $$ SELECT login FROM app.users $$;"),
    "an index and its table": (
        f"table users {{ {ID} login text; index users_login on (login); }}",
        f"table people renamed from users {{ {ID} name text renamed from login; index people_name on (name) renamed from users_login; }}"),
    "a partition and its table": (
        "table days partition by range (day) { day date not null; n integer; partition days_25 for values from ('2025-01-01') to ('2026-01-01'); }",
        "table dates partition by range (day) renamed from days { day date not null; m integer renamed from n; partition dates_25 for values from ('2025-01-01') to ('2026-01-01') renamed from days_25; }"),
    "a child and its parent": (
        "table base { n integer; } table more { m integer; inherits base; }",
        "table ground renamed from base { k integer renamed from n; } table further renamed from more { m integer; inherits ground; }"),
    "three tables in a row": (
        f"table a {{ {ID} }} table b {{ {ID} a bigint references a (id); }} table c {{ {ID} b bigint references b (id); gone text; }}",
        f"table aa renamed from a {{ {ID} }} table bb renamed from b {{ {ID} a2 bigint renamed from a references aa (id); }} table cc renamed from c {{ {ID} b2 bigint renamed from b references bb (id); }}"),
    "a table and one that goes": (
        f"table users {{ {ID} login text; }} table posts {{ {ID} user_id bigint references users (id); }}",
        f"table people renamed from users {{ {ID} }}"),
}


class RenamedTogether(Case):
    def started(self, name):
        before, after = PAIRS[name]
        self.write("old.schema", f"schema app {{ {before} }}\n")
        self.write("new.schema", f"schema app {{ {after} }}\n")
        self.database, self.url = self.fresh("shop")
        self.apply(0, "old", "--yes")
        return self.apply(6, "new", "--yes", "--allow", "all", "--phase", "migrate")

    def arrived(self):
        self.call(0, "plan", "--url", self.url, "--schema", "new.schema", "--detailed-exitcode")


    def test_contract_goes_on(self):
        for name in PAIRS:
            with self.subTest(name):
                self.started(name)
                self.apply(0, "new", "--yes", "--allow", "all", "--phase", "contract")
                self.arrived()

    def test_cut_off_between_two_renames(self):
        for name in ("a table and a column that refers to it", "three tables in a row", "both tables"):
            self.started(name)
            (place,) = json.loads(self.call_any("status", "--url", self.url, "--format", "json").stdout)["databases"]
            steps = [step["id"] for step in place["open_run"]["gate"]["pending"]]
            self.assertGreater(len(steps), 1)
            for step in steps[:-1]:
                with self.subTest(name, step=step):
                    self.started(name)
                    self.killed("new", step, "after-settled", "--phase", "contract")
                    self.call(0, "resume", "--url", self.url, "--yes")
                    self.arrived()

    def test_what_somebody_adds_is_told_all_the_same(self):
        self.started("a table and a column that refers to it")
        for change, words, back in (("CREATE TABLE app.x (u bigint REFERENCES app.users)", "foreign key x_u_fkey of app.x is new", "DROP TABLE app.x"),
                                    ("CREATE VIEW app.v AS SELECT login FROM app.users", "view app.v reads it is new", "DROP VIEW app.v"),
                                    ("ALTER TABLE app.posts DROP CONSTRAINT posts_user_id_fkey", "posts_user_id_fkey is gone",
                                     "ALTER TABLE app.posts ADD FOREIGN KEY (user_id) REFERENCES app.users")):
            with self.subTest(change):
                self.sql(change)
                done = self.apply(4, "new", "--yes", "--allow", "all", "--phase", "contract")
                self.assertIn(words, done.stderr)
                self.sql(back)
        self.apply(0, "new", "--yes", "--allow", "all", "--phase", "contract")
        self.arrived()
