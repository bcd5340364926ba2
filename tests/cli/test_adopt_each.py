"""adopt: each single change that `plan` could undo is taken into the files, and what else they say stays.

A row is one change by hand of an object that the files declare in a schema of its own. All rows are adopted at once; since each is
the only one in its file, none is carried by another one's edit."""
import os
import re

from harness import Case

TABLE = """  -- what t is for
  table t {
    -- the number
    id   bigint not null primary key;  -- given by others
    body   text;  -- odd   spaces
    -- a last word
  }
"""


def table(lines="", head="table t", id="id   bigint not null primary key", body="body   text"):
    return (TABLE.replace("table t", head).replace("id   bigint not null primary key", id).replace("body   text", body)
            .replace("    -- a last word\n", lines + "    -- a last word\n"))


FUNCTION = "  -- what f does\n  function f(x integer) returns integer language sql {}as $$ select   x + 1 $$;  -- said of f\n"
SET = "  -- what g does\n  function g() returns setof integer language sql {}as $$ select   1 $$;\n"
TOUCH = "  function touched() returns trigger language plpgsql as $$ begin return new; end $$;\n"
PARTS = """  -- in parts
  table p partition by range (id) {
    id   bigint not null;  -- the number
    body   text;
%s
    -- the first one
    partition a for values from (0) to (10)%s
  }
"""
TRIGGER = "\n    -- at each change\n    trigger touch before insert on each row"

# (the schema's block, what is done by hand)
ROWS = {
    # tables
    "row level security": (table(), "ALTER TABLE t ENABLE ROW LEVEL SECURITY"),
    "force row level security": (table(), "ALTER TABLE t FORCE ROW LEVEL SECURITY"),
    "both": (table(), "ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"),
    "the second one too": (table("    row level security;  -- as the office wants\n"), "ALTER TABLE t FORCE ROW LEVEL SECURITY"),
    "one of both off": (table("    row level security;  -- one\n    force row level security;\n"), "ALTER TABLE t NO FORCE ROW LEVEL SECURITY"),
    "row level security off": (table("    row level security;\n"), "ALTER TABLE t DISABLE ROW LEVEL SECURITY"),
    "replica identity full": (table(), "ALTER TABLE t REPLICA IDENTITY FULL"),
    "replica identity nothing": (table("    replica identity full;  -- for the copy\n"), "ALTER TABLE t REPLICA IDENTITY NOTHING"),
    "replica identity default": (table("    replica identity full;\n"), "ALTER TABLE t REPLICA IDENTITY DEFAULT"),
    "replica identity index": (table("    unique index by_body on (body);  -- fast\n", body="body   text not null"),
                               "ALTER TABLE t REPLICA IDENTITY USING INDEX by_body"),
    "replica identity of a new index": (table(body="body   text not null"),
                                        "CREATE UNIQUE INDEX by_body ON t (body); ALTER TABLE t REPLICA IDENTITY USING INDEX by_body"),
    "a setting and a column": (table("    force row level security;\n"), "ALTER TABLE t REPLICA IDENTITY FULL, ADD more integer"),
    "a setting and an option": (table(), "ALTER TABLE t ENABLE ROW LEVEL SECURITY, SET (fillfactor = 50)"),
    "a setting of a partition": (PARTS % ("", ";"), "ALTER TABLE a ENABLE ROW LEVEL SECURITY"),
    "fillfactor": (table(), "ALTER TABLE t SET (fillfactor = 50, toast.autovacuum_enabled = false)"),
    "fillfactor reset": (table(head="table t with (fillfactor = 50)"), "ALTER TABLE t RESET (fillfactor)"),
    "unlogged": (table(), "ALTER TABLE t SET UNLOGGED"),
    "logged": (table(head="table t unlogged"), "ALTER TABLE t SET LOGGED"),
    "table comment": (table("    comment 'before';  -- why\n"), "COMMENT ON TABLE t IS 'after'"),
    "table comment gone": (table("    comment 'before';\n"), "COMMENT ON TABLE t IS NULL"),
    "no parent any more": (table() + "\n  table u inherits (t) {\n    more integer;\n  }\n", "ALTER TABLE u NO INHERIT t"),
    "no parent with checks any more": (table("    check positive (id > 0);\n    index by_body on (body);\n", body="body   text not null default 'x'") +
                                       "\n  -- below\n  table u inherits (t) {\n    more integer;  -- more\n    column body default 'y';  -- here\n  }\n",
                                       "ALTER TABLE u NO INHERIT t"),
    "one parent less": (table() + "\n  table v {\n    id bigint not null;\n    at date;\n  }\n\n  table u inherits (t, v) {\n    more integer;  -- more\n  }\n",
                        "ALTER TABLE u NO INHERIT t"),
    "a parent and its child": (table() + "\n  table u inherits (t) {\n    more integer;\n  }\n\n  table w inherits (u) {\n    most integer;  -- most\n  }\n",
                               "ALTER TABLE u NO INHERIT t"),
    "check not inherited": (table("    check positive (id > 0);  -- so\n"), "ALTER TABLE t DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (id > 0) NO INHERIT"),
    "check inherited again": (table("    check positive (id > 0) no inherit;  -- so\n"), "ALTER TABLE t DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (id > 0)"),
    "check no more inherited by a child": (table("    check positive (id > 0);  -- so\n") + "\n  table u inherits (t) {\n    more integer;\n  }\n",
                                           "ALTER TABLE t DROP CONSTRAINT positive; ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0) NO INHERIT"),
    "a parent": (table() + "\n  table u {\n    more integer;\n    id bigint not null;\n    body text;\n  }\n", "ALTER TABLE u INHERIT t"),
    "a partition goes": (PARTS % ("", ";"), "ALTER TABLE p DETACH PARTITION a"),
    "a partition comes": (PARTS % ("", ";"), "CREATE TABLE b PARTITION OF p FOR VALUES FROM (10) TO (20)"),
    "other bounds": (PARTS % ("", ";"), "ALTER TABLE p DETACH PARTITION a; ALTER TABLE p ATTACH PARTITION a FOR VALUES FROM (0) TO (20)"),
    "table renamed": (table(), "ALTER TABLE t RENAME TO u"),
    "table gone": (table() + "\n  table u {\n    id integer;\n  }\n", "DROP TABLE u"),
    "owner": (table(head="table t owner adopt_each_a"), "ALTER TABLE t OWNER TO adopt_each_b"),
    # columns
    "type": (table(), "ALTER TABLE t ALTER body TYPE varchar(20)"),
    "collation": (table(), 'ALTER TABLE t ALTER body TYPE text COLLATE "C"'),
    "not null": (table(), "ALTER TABLE t ALTER body SET NOT NULL"),
    "null": (table(body="body   text not null"), "ALTER TABLE t ALTER body DROP NOT NULL"),
    "default": (table(), "ALTER TABLE t ALTER body SET DEFAULT 'x'"),
    "default changed": (table(body="body   text default 'y'"), "ALTER TABLE t ALTER body SET DEFAULT 'x'"),
    "default gone": (table(body="body   text default 'y'"), "ALTER TABLE t ALTER body DROP DEFAULT"),
    "identity": (table(), "ALTER TABLE t ALTER id ADD GENERATED BY DEFAULT AS IDENTITY"),
    "identity always": (table(id="id   bigint not null generated by default as identity primary key"), "ALTER TABLE t ALTER id SET GENERATED ALWAYS"),
    "identity options": (table(id="id   bigint not null generated by default as identity primary key"),
                         "ALTER TABLE t ALTER id SET INCREMENT BY 5 SET CACHE 20"),
    "identity gone": (table(id="id   bigint not null generated by default as identity primary key"), "ALTER TABLE t ALTER id DROP IDENTITY"),
    "not generated": (table("    twice bigint generated always as (id * 2) stored;  -- it\n"), "ALTER TABLE t ALTER twice DROP EXPRESSION"),
    "storage": (table(), "ALTER TABLE t ALTER body SET STORAGE external"),
    "storage reset": (table(body="body   text storage external"), "ALTER TABLE t ALTER body SET STORAGE extended"),
    "compression": (table(), "ALTER TABLE t ALTER body SET COMPRESSION pglz"),
    "statistics target": (table(), "ALTER TABLE t ALTER body SET STATISTICS 500"),
    "statistics target reset": (table(body="body   text statistics 20"), "ALTER TABLE t ALTER body SET STATISTICS -1"),
    "column options": (table(), "ALTER TABLE t ALTER body SET (n_distinct = 5)"),
    "column options reset": (table(body="body   text options (n_distinct = 5)"), "ALTER TABLE t ALTER body RESET (n_distinct)"),
    "column comment": (table(body="body   text comment 'before'"), "COMMENT ON COLUMN t.body IS 'after'"),
    "column comment gone": (table(body="body   text comment 'before'"), "COMMENT ON COLUMN t.body IS NULL"),
    "column renamed": (table(), "ALTER TABLE t RENAME body TO text"),
    "column gone": (table("    more   integer;\n"), "ALTER TABLE t DROP more"),
    "serial": (table(), "ALTER TABLE t ADD n serial"),
    "serial's sequence": (table("    n   serial;  -- counted\n"), "ALTER SEQUENCE t_n_seq INCREMENT BY 5"),
    "serial no more": (table("    n   serial;  -- counted\n"), "ALTER TABLE t ALTER n DROP DEFAULT; DROP SEQUENCE t_n_seq"),
    "a partition's default": (PARTS % ("", ";"), "ALTER TABLE a ALTER body SET DEFAULT 'x'"),
    "a partition's default gone": (PARTS % ("", " {\n      column body default 'x';  -- here\n    }"), "ALTER TABLE a ALTER body DROP DEFAULT"),
    "a partition's storage": (PARTS % ("", " {\n      column body default 'x';  -- here\n    }"), "ALTER TABLE a ALTER body SET STORAGE external"),
    # indexes and constraints
    "index": (table(), "CREATE INDEX by_body ON t (body)"),
    "index gone": (table("    index by_body on (body);\n"), "DROP INDEX by_body"),
    "index fillfactor": (table("    index by_body on (body);  -- quick\n"), "ALTER INDEX by_body SET (fillfactor = 50)"),
    "index fillfactor reset": (table("    index by_body on (body) with (fillfactor = 50);  -- quick\n"), "ALTER INDEX by_body RESET (fillfactor)"),
    "index statistics": (table("    index by_body on (lower(body));  -- quick\n"), "ALTER INDEX by_body ALTER COLUMN 1 SET STATISTICS 50"),
    "clustered": (table("    index by_body on (body);  -- quick\n"), "ALTER TABLE t CLUSTER ON by_body"),
    "not clustered": (table("    index by_body on (body) clustered;  -- quick\n"), "ALTER TABLE t SET WITHOUT CLUSTER"),
    "clustered by its key": (table(), "ALTER TABLE t CLUSTER ON t_pkey"),
    "index comment": (table("    index by_body on (body) { comment 'before'; }  -- quick\n"), "COMMENT ON INDEX by_body IS 'after'"),
    "index renamed": (table("    index by_body on (body);\n"), "ALTER INDEX by_body RENAME TO by_text"),
    "index unique": (table("    index by_body on (body);\n"), "DROP INDEX by_body; CREATE UNIQUE INDEX by_body ON t (body)"),
    "key gone": (table(), "ALTER TABLE t DROP CONSTRAINT t_pkey"),
    "key renamed": (table(), "ALTER TABLE t RENAME CONSTRAINT t_pkey TO key"),
    "key fillfactor": (table(), "ALTER INDEX t_pkey SET (fillfactor = 50)"),
    "key comment": (table("    unique u (body) {\n      comment 'before';  -- so\n    }\n"), "COMMENT ON CONSTRAINT u ON t IS 'after'"),
    "unique": (table(), "ALTER TABLE t ADD UNIQUE (body)"),
    "unique nulls": (table("    unique u (body);  -- each\n"), "ALTER TABLE t DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (body)"),
    "check": (table(), "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0)"),
    "check not valid": (table(), "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0) NOT VALID"),
    "check valid": (table("    check c (id > 0) not valid;  -- later\n"), "ALTER TABLE t VALIDATE CONSTRAINT c"),
    "check of the head": (table(id="id   bigint not null primary key check positive (id > 0)"), "ALTER TABLE t DROP CONSTRAINT positive"),
    "foreign key": (table("    parent bigint;\n"), "ALTER TABLE t ADD FOREIGN KEY (parent) REFERENCES t ON DELETE SET NULL"),
    "foreign key deferrable": (table("    parent bigint references t (id);  -- up\n"), "ALTER TABLE t ALTER CONSTRAINT t_parent_fkey DEFERRABLE INITIALLY DEFERRED"),
    "foreign key valid": (table("    parent bigint;\n    foreign key up (parent) references t (id) not valid;  -- up\n"), "ALTER TABLE t VALIDATE CONSTRAINT up"),
    "exclude": (table("    at int4range;\n"), "ALTER TABLE t ADD CONSTRAINT once EXCLUDE USING gist (at WITH &&)"),
    # sequences
    "sequence options": ("  -- numbers\n  sequence s start   7;  -- from 7 on\n", "ALTER SEQUENCE s INCREMENT BY 5 MINVALUE 2 MAXVALUE 900 CACHE 4 CYCLE"),
    "sequence reset": ("  -- numbers\n  sequence s increment 2 cache 4 cycle;\n", "ALTER SEQUENCE s INCREMENT BY 1 CACHE 1 NO CYCLE"),
    "sequence type": ("  sequence s;\n", "ALTER SEQUENCE s AS integer"),
    "sequence unlogged": ("  sequence s;\n", "ALTER SEQUENCE s SET UNLOGGED"),
    "sequence owned": (table() + "\n  sequence s;\n", "ALTER SEQUENCE s OWNED BY t.id"),
    "sequence not owned": (table() + "\n  sequence s owned by t.id;\n", "ALTER SEQUENCE s OWNED BY NONE"),
    "sequence start": ("  sequence s;\n", "ALTER SEQUENCE s START 5"),
    # views
    "view": (table() + "\n  view v as $$ select   id from t $$;  -- all\n", "CREATE OR REPLACE VIEW v AS SELECT id, body FROM t"),
    "view option": (table() + "\n  view v as $$ select   id from t $$;  -- all\n", "ALTER VIEW v SET (security_barrier = true)"),
    "view option reset": (table() + "\n  view v with (security_barrier = true) as $$ select   id from t $$;\n", "ALTER VIEW v RESET (security_barrier)"),
    "view check option": (table() + "\n  view v as $$ select   id from t $$;\n", "ALTER VIEW v SET (check_option = local)"),
    "view check option gone": (table() + "\n  view v as $$ select   id from t $$ with local check option;\n", "ALTER VIEW v RESET (check_option)"),
    "view column default": (table() + "\n  view v as $$ select   id from t $$;  -- all\n", "ALTER VIEW v ALTER id SET DEFAULT 5"),
    "view column default gone": (table() + "\n  view v as $$ select   id from t $$ {\n    column id default 5;\n    comment 'x';  -- y\n  }\n",
                                 "ALTER VIEW v ALTER id DROP DEFAULT"),
    "view comment": (table() + "\n  view v as $$ select   id from t $$ {\n    comment 'x';  -- y\n  }\n", "COMMENT ON VIEW v IS 'z'"),
    "materialized view options": (table() + "\n  materialized view m as $$ select   id from t $$;  -- all\n", "ALTER MATERIALIZED VIEW m SET (fillfactor = 50)"),
    "materialized view column": (table() + "\n  materialized view m as $$ select   body from t $$;  -- all\n",
                                 "ALTER MATERIALIZED VIEW m ALTER body SET STATISTICS 50, ALTER body SET STORAGE external"),
    "materialized view index": (table() + "\n  materialized view m as $$ select   id from t $$;  -- all\n", "CREATE INDEX by_id ON m (id); ALTER MATERIALIZED VIEW m CLUSTER ON by_id"),
    "materialized view": (table() + "\n  materialized view m as $$ select   id from t $$;  -- all\n",
                          "DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS SELECT id + 1 AS id FROM t"),
    # routines
    "body": (FUNCTION.format(""), "CREATE OR REPLACE FUNCTION f(x integer) RETURNS integer LANGUAGE sql AS $$ select x + 2 $$"),
    "volatility": (FUNCTION.format(""), "ALTER FUNCTION f(integer) IMMUTABLE"),
    "volatility back": (FUNCTION.format("stable "), "ALTER FUNCTION f(integer) VOLATILE"),
    "strict": (FUNCTION.format(""), "ALTER FUNCTION f(integer) STRICT"),
    "not strict": (FUNCTION.format("strict "), "ALTER FUNCTION f(integer) CALLED ON NULL INPUT"),
    "security definer": (FUNCTION.format(""), "ALTER FUNCTION f(integer) SECURITY DEFINER"),
    "leakproof": (FUNCTION.format(""), "ALTER FUNCTION f(integer) LEAKPROOF"),
    "parallel": (FUNCTION.format(""), "ALTER FUNCTION f(integer) PARALLEL SAFE"),
    "cost": (FUNCTION.format(""), "ALTER FUNCTION f(integer) COST 7"),
    "rows": (SET.format(""), "ALTER FUNCTION g() ROWS 7"),
    "setting": (FUNCTION.format(""), "ALTER FUNCTION f(integer) SET search_path TO 'public', 'pg_temp'"),
    "setting gone": (FUNCTION.format("set work_mem to '8MB' set search_path to 'public' "), "ALTER FUNCTION f(integer) RESET work_mem"),
    "function comment": (FUNCTION.format("")[:-2 - len("  -- said of f")] + " {\n    comment 'x';  -- y\n  }\n", "COMMENT ON FUNCTION f(integer) IS 'z'"),
    "default argument": (FUNCTION.format(""), "CREATE OR REPLACE FUNCTION f(x integer DEFAULT 4) RETURNS integer LANGUAGE sql AS $$ select   x + 1 $$"),
    "overloaded": (FUNCTION.format(""), "CREATE FUNCTION f(x text) RETURNS text LANGUAGE sql AS $$ select x $$"),
    "procedure": ("  -- what q does\n  procedure q() language sql as $$ select   1 $$;  -- q\n", "ALTER PROCEDURE q() SECURITY DEFINER; ALTER PROCEDURE q() SET work_mem TO '8MB'"),
    "aggregate": ("  -- more\n  aggregate total(integer) (sfunc = int4pl, stype = integer);\n",
                  "CREATE OR REPLACE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')"),
    # triggers, rules, policies
    "trigger disabled": (TOUCH + table("    trigger touch before insert for each row execute function touched();  -- on it\n"), "ALTER TABLE t DISABLE TRIGGER touch"),
    "trigger replica": (TOUCH + table("    trigger touch before insert for each row execute function touched();  -- on it\n"), "ALTER TABLE t ENABLE REPLICA TRIGGER touch"),
    "trigger enabled": (TOUCH + table("    trigger touch before insert for each row execute function touched() disabled;  -- on it\n"), "ALTER TABLE t ENABLE TRIGGER touch"),
    "trigger changed": (TOUCH + table("    trigger touch before insert for each row execute function touched();  -- on it\n"),
                        "CREATE OR REPLACE TRIGGER touch BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touched()"),
    "trigger gone": (TOUCH + table("    trigger touch before insert for each row execute function touched();\n"), "DROP TRIGGER touch ON t"),
    "trigger": (TOUCH + table(), "CREATE TRIGGER touch AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION touched()"),
    "trigger renamed": (TOUCH + table("    trigger touch before insert for each row execute function touched();\n"), "ALTER TRIGGER touch ON t RENAME TO mark"),
    "a partition's trigger": (TOUCH + PARTS % ("    trigger touch before insert for each row execute function touched();\n", ";"), "ALTER TABLE a DISABLE TRIGGER touch"),
    "a partition's trigger back": (TOUCH + PARTS % ("    trigger touch before insert for each row execute function touched();\n", " {\n      trigger touch disabled;\n    }"),
                                   "ALTER TABLE a ENABLE TRIGGER touch"),
    "rule": (table(), "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING"),
    "rule disabled": (table("    rule r as on delete do instead nothing;  -- kept\n"), "ALTER TABLE t DISABLE RULE r"),
    "policy": (table(), "CREATE POLICY p ON t FOR SELECT USING (id > 0)"),
    "policy and what it is for": (table(), "CREATE POLICY p ON t FOR SELECT USING (id > 0); ALTER TABLE t ENABLE ROW LEVEL SECURITY"),
    "policy changed": (table("    policy p using (id > 0);  -- mine\n"), "ALTER POLICY p ON t TO adopt_each_a USING (id > 1) WITH CHECK (id > 2)"),
    "policy restrictive": (table("    policy p using (id > 0);  -- mine\n"), "DROP POLICY p ON t; CREATE POLICY p ON t AS RESTRICTIVE FOR UPDATE USING (id > 0)"),
    # types
    "enum": ("  -- how it is\n  enum state ('new',   'old');  -- two\n", "ALTER TYPE state ADD VALUE 'gone' BEFORE 'old'"),
    "enum renamed value": ("  enum state ('new',   'old');  -- two\n", "ALTER TYPE state RENAME VALUE 'old' TO 'gone'"),
    "domain default": ("  domain d as   text;  -- d\n", "ALTER DOMAIN d SET DEFAULT 'x'; ALTER DOMAIN d SET NOT NULL"),
    "domain default gone": ("  domain d as   text default 'x' not null;  -- d\n", "ALTER DOMAIN d DROP DEFAULT; ALTER DOMAIN d DROP NOT NULL"),
    "domain check": ("  domain d as   text;  -- d\n", "ALTER DOMAIN d ADD CONSTRAINT c CHECK (value <> '')"),
    "domain check gone": ("  domain d as   text check c (value <> '');  -- d\n", "ALTER DOMAIN d DROP CONSTRAINT c"),
    "domain check valid": ("  domain d as   text check c (value <> '') not valid;  -- d\n", "ALTER DOMAIN d VALIDATE CONSTRAINT c"),
    "composite": ("  composite c (x   integer, y text);  -- c\n", "ALTER TYPE c ADD ATTRIBUTE z date, ALTER ATTRIBUTE y TYPE varchar(5), DROP ATTRIBUTE x"),
    "composite renamed": ("  composite c (x   integer, y text);  -- c\n", "ALTER TYPE c RENAME ATTRIBUTE x TO w"),
    "composite comment": ("  composite c (x   integer comment 'a', y text);  -- c\n", "COMMENT ON COLUMN c.x IS 'b'"),
    "range": (FUNCTION.format(""), "CREATE TYPE span AS RANGE (subtype = float8)"),
    "statistics": (table(), "CREATE STATISTICS s (dependencies) ON id, body FROM t"),
    "statistics changed": (table() + "\n  statistics s (dependencies) on id, body from t;  -- s\n", "ALTER STATISTICS s SET STATISTICS 50"),
    "text search": ("  text search configuration f (parser = pg_catalog.\"default\", mappings = (asciiword = simple));  -- f\n",
                    "ALTER TEXT SEARCH CONFIGURATION f ADD MAPPING FOR word WITH simple"),
    "dictionary": ("  text search dictionary d (template = pg_catalog.simple, options = (accept = false));  -- d\n", "ALTER TEXT SEARCH DICTIONARY d (accept = true)"),
    "operator": ("  operator === (integer, integer) (function = int4eq);  -- o\n", "ALTER OPERATOR ===(integer, integer) SET (RESTRICT = eqsel)"),
    # the schema itself
    "schema comment": ("  comment 'x';  -- y\n", "COMMENT ON SCHEMA {schema} IS 'z'"),
    "schema grant": ("  grant usage to adopt_each_a;  -- y\n", "GRANT CREATE ON SCHEMA {schema} TO adopt_each_a"),
    # privileges
    "grant": (table("    grant select to adopt_each_a;  -- readers\n"), "GRANT INSERT ON t TO adopt_each_a"),
    "grant to another": (table("    grant select to adopt_each_a;  -- readers\n"), "GRANT INSERT ON t TO adopt_each_b"),
    "grant option": (table("    grant select to adopt_each_a;  -- readers\n"), "GRANT SELECT ON t TO adopt_each_a WITH GRANT OPTION"),
    "grant of columns": (table("    grant select (id) to adopt_each_a;  -- readers\n"), "GRANT SELECT (body) ON t TO adopt_each_a; GRANT UPDATE (id) ON t TO adopt_each_a"),
    "grant gone": (table("    grant select to adopt_each_a;\n"), "REVOKE SELECT ON t FROM adopt_each_a"),
    "function grant": ("  function f() returns integer language sql as $$ select   1 $$ {\n    revoke all from public;  -- none\n  }\n", "GRANT EXECUTE ON FUNCTION f() TO adopt_each_a"),
    "sequence grant": ("  sequence s {\n    grant usage to adopt_each_a;  -- one\n  }\n", "GRANT SELECT ON SEQUENCE s TO adopt_each_a"),
}
GOES_WHOLE = ("table renamed",)  # with its comments: what comes is another one
# What stands outside every schema: (the text after the block, by hand)
OUTSIDE = {
    "publication table": ("publication {schema}_all FOR TABLE {schema}.t;  -- the copy\n", "CREATE TABLE u (id integer primary key); ALTER PUBLICATION {schema}_all ADD TABLE u"),
    "publication parameters": ("publication {schema}_all FOR TABLE {schema}.t;  -- the copy\n", "ALTER PUBLICATION {schema}_all SET (publish = 'insert')"),
    "event trigger": ("event trigger {schema}_e ON ddl_command_end EXECUTE FUNCTION {schema}.watch();  -- who\n", "ALTER EVENT TRIGGER {schema}_e DISABLE"),
    "server": ("foreign data wrapper {schema}_w;\nforeign server {schema}_s (wrapper = {schema}_w, options = (host = 'a'));  -- far\n",
               "ALTER SERVER {schema}_s OPTIONS (SET host 'b', ADD port '5')"),
    "cast": ("cast ({schema}.c AS text) WITH FUNCTION {schema}.said({schema}.c);  -- said\n",
             "DROP CAST (c AS text); CREATE CAST (c AS text) WITH FUNCTION said(c) AS ASSIGNMENT"),
    "default privileges": ("default privileges FOR ROLE postgres IN SCHEMA {schema} GRANT SELECT ON TABLES TO adopt_each_a;  -- from now on\n",
                           "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA {schema} GRANT INSERT ON TABLES TO adopt_each_a"),
}
AROUND = table() + """
  composite c (x integer);
  function said(x c) returns text language sql as $$ select 'c'::text $$;
  function watch() returns event_trigger language plpgsql as $$ begin end $$;
"""


class AdoptEach(Case):
    def setUp(self):
        super().setUp()
        self.sql("DROP ROLE IF EXISTS adopt_each_a; DROP ROLE IF EXISTS adopt_each_b; CREATE ROLE adopt_each_a; CREATE ROLE adopt_each_b")
        only = os.environ.get("ADOPT_ONLY")
        self.rows = {}
        for label, (block, by_hand) in ROWS.items():
            self.rows[label] = (block, "", by_hand)
        for label, (text, by_hand) in OUTSIDE.items():
            self.rows[label] = (AROUND, text, by_hand)
        if only:
            self.rows = {label: row for label, row in self.rows.items() if re.fullmatch(only, label)}
        self.addCleanup(self.sql, "DROP ROLE adopt_each_a; DROP ROLE adopt_each_b")
        self.addCleanup(self.sql, "DROP OWNED BY adopt_each_a, adopt_each_b")

    def schema(self, label):
        return "r_" + re.sub(r"\W", "_", label)

    def test_each(self):
        before = {}
        for label, (block, outside, _) in self.rows.items():
            schema = self.schema(label)
            before[label] = f"-- About: {label}.\nschema {schema} {{\n{block}}}\n{outside.replace('{schema}', schema)}"
            self.write(f"all/{schema}.schema", before[label])
        paths = ("--url", self.url, "--schema", "all")
        self.call(0, "apply", *paths, "--yes")
        for label, (_, _, by_hand) in self.rows.items():
            with self.subTest(label, by="hand"):
                self.sql(f"SET search_path TO {self.schema(label)}; " + by_hand.replace("{schema}", self.schema(label)))
        self.call(0, "adopt", *paths)
        plan = self.call_any("plan", *paths, "--detailed-exitcode", "--no-cache")
        self.assertEqual(0, plan.returncode, plan.stdout + plan.stderr)
        for label, (_, _, by_hand) in self.rows.items():
            with self.subTest(label):
                now = self.read(f"all/{self.schema(label)}.schema")
                if os.environ.get("ADOPT_SHOW"):
                    print(f"=== {label}: {by_hand}\n{now}")
                self.assertNotEqual(before[label], now)
                if label in GOES_WHOLE:
                    continue
                gone = [line for line in re.findall(r"--.*", before[label]) if line not in now]
                self.assertEqual([], gone, now)
        self.call(0, "apply", *paths, "--yes")
        self.call(0, "verify", *paths, "--strict")
