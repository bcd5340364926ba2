// Declarations → objects, intents, scope, and what is refused.
#include <catch2/catch.hpp>

#include "kinds/registry.h"
#include "parser_fixture.h"

namespace lockstep::parser {
namespace {

struct Row {
  const char* input;
  const char* dump;
};

catalog::ObjectId id(const char* kind, catalog::Path path) {
  return {&kinds::find(kind)->tag, std::move(path)};
}

constexpr Row kObjects[] = {
    {"schema s;", "schema s\n"},
    {"schema s; enum s.e ('a') owner o;", "enum s.e owner=\"o\" values=[\"a\"]\nschema s\n"},
    {"default owner me; schema s { enum e ('a'); enum f ('b') owner you; }",
     "enum s.e owner=\"me\" values=[\"a\"]\nenum s.f owner=\"you\" values=[\"b\"]\nschema s owner=\"me\"\n"},
    {"schema s { table t { a int; unique u (a) { comment 'c'; index comment 'i'; } } }",
     "column s.t.a position=1 type=\"int\"\ncomment unique.s.t.u text=\"c\"\nindex comment unique.s.t.u text=\"i\"\nschema s\n"
     "table s.t\nunique s.t.u columns=[\"a\"]\n"},
    {"schema s { label p ''; table t { a int label \"P\" 'x' comment 'c' label q 'y'; label p 'it''s'; security label q $$z$$; } "
     "composite c (a int comment 'd' label p 'w'); view v as $$ select 1 $$ { column a label p 'v'; } function f(a int) returns "
     "int "
     "language sql as $$ select 1 $$ { label p 'f'; } }",
     "attribute s.c.a position=1 type=\"int\"\ncolumn s.t.a position=1 type=\"int\"\ncomment attribute.s.c.a text=\"d\"\n"
     "comment column.s.t.a text=\"c\"\ncomposite s.c\n"
     "function s.f(a int) arguments=\"a int\" body=\" select 1 \" language=\"sql\" result=\"int\"\nschema s\n"
     "security label attribute.s.c.a.p label=\"w\"\nsecurity label column.s.t.a.P label=\"x\"\n"
     "security label column.s.t.a.q label=\"y\"\nsecurity label function.s.f.a int.p label=\"f\"\n"
     "security label schema.s.p label=\"\"\nsecurity label table.s.t.p label=\"it's\"\nsecurity label table.s.t.q label=\"z\"\n"
     "security label view_column.s.v.a.p label=\"v\"\ntable s.t\nview s.v query=\"select 1\"\nview column s.v.a position=1\n"},
    {"schema s { table t inherits (u) { column a label p 'x'; column b default 1 label p 'y'; } }",
     "column s.t.a inherited=true\ncolumn s.t.b inherited=true\noverride s.t.b default=\"1\"\nschema s\n"
     "security label column.s.t.a.p label=\"x\"\nsecurity label column.s.t.b.p label=\"y\"\ntable s.t inherits=[\"s.u\"]\n"},
    {"schema s { table t { a int unique primary key; unique (a); check (a > 0); } }",
     "check s.t.?4 expression=\"a > 0\"\ncolumn s.t.a position=1 type=\"int\"\nprimary key s.t.?2 columns=[\"a\"]\nschema "
     "s\ntable s.t\n"
     "unique s.t.?1 columns=[\"a\"]\nunique s.t.?3 columns=[\"a\"]\n"},
    {"schema s { table t { a int references u; foreign key f (a) references x.y (b) on update no action on delete set null (a); "
     "} table u {} }",
     "column s.t.a position=1 type=\"int\"\nforeign key s.t.?1 columns=[\"a\"] references=[\"s\", \"u\"]\n"
     "foreign key s.t.f columns=[\"a\"] on_delete=\"set null (a)\" referenced_columns=[\"b\"] references=[\"x\", \"y\"]\nschema "
     "s\ntable s.t\n"
     "table s.u\n"},
    {"schema s { table t owner o { id bigserial; } }",
     "column s.t.id not_null=true position=1 type=\"bigint\"\ndefault s.t.id "
     "expression=\"nextval('s.t_id_seq'::regclass)\"\nschema s\n"
     "sequence s.t_id_seq owned_by=[\"s\", \"t\", \"id\"] owner=\"o\"\ntable s.t owner=\"o\"\n"},
    {"schema s { table \"T x\" { id serial; } }",
     "column s.T x.id not_null=true position=1 type=\"integer\"\n"
     "default s.T x.id expression=\"nextval('s.\\\"T x_id_seq\\\"'::regclass)\"\nschema s\n"
     "sequence s.T x_id_seq owned_by=[\"s\", \"T x\", \"id\"] type=\"integer\"\ntable s.T x\n"},
    {"schema s { grant usage, create to a, b; grant create to a with grant option; revoke all from public; }",
     "grant schema.s.PUBLIC privileges=[]\ngrant schema.s.a privileges=[\"CREATE\", \"CREATE WITH GRANT OPTION\", \"USAGE\"]\n"
     "grant schema.s.b privileges=[\"CREATE\", \"USAGE\"]\nschema s\n"},
    {"schema s { table t { a int; grant all privileges to x; grant select (a), insert to public; } }",
     "column s.t.a position=1 type=\"int\"\ngrant column.s.t.a.PUBLIC privileges=[\"SELECT\"]\ngrant table.s.t.PUBLIC "
     "privileges=[\"INSERT\"]\n"
     "grant table.s.t.x privileges=[\"ALL\"]\nschema s\ntable s.t\n"},
    {"schema s { index_ int; }", nullptr},
    {"schema s { materialized view m as $$ select 1 $$ { index on (a) where b; column a comment 'x'; } }",
     "comment view_column.s.m.a text=\"x\"\nindex s.m.?1 definition=\"USING btree (a) WHERE b\"\n"
     "materialized view s.m query=\"select 1\"\nschema s\nview column s.m.a position=1\n"},
    {"schema o; schema s { table t partition by list (a) { a int; partition o.p for values in (1) { unique (a); } partition d "
     "default; } }",
     "column s.t.a position=1 type=\"int\"\nschema o\nschema s\ntable o.p bound=\"for values in (1)\" partition_of=[\"s\", "
     "\"t\"]\n"
     "table s.d bound=\"default\" partition_of=[\"s\", \"t\"]\ntable s.t partition_by=\"list (a)\"\nunique o.p.?1 "
     "columns=[\"a\"]\n"},
    {"schema s { table t inherits (u) { column a no default not null storage plain comment 'c'; column b comment 'd'; grant "
     "select "
     "(e) to x; column text; } }",
     "column s.t.a inherited=true\ncolumn s.t.b inherited=true\ncolumn s.t.column position=1 type=\"text\"\ncolumn s.t.e "
     "inherited=true\n"
     "comment column.s.t.a text=\"c\"\ncomment column.s.t.b text=\"d\"\ngrant column.s.t.e.x privileges=[\"SELECT\"]\n"
     "override s.t.a no_default=true not_null=true storage=\"plain\"\nschema s\ntable s.t inherits=[\"s.u\"]\n"},
    {"schema s { function f(int) returns int language c strict as 'lib'; }",
     "function s.f(int) arguments=\"int\" body=\"f\" language=\"c\" object_file=\"lib\" result=\"int\" strict=true\nschema s\n"},
    {"schema s { view v as $$ select 1; $$ with check option; }",
     "schema s\nview s.v options=[\"check_option=cascaded\"] query=\"select 1\"\n"},
};

TEST_CASE("declarations become objects") {
  for (const auto& row : kObjects) {
    if (row.dump == nullptr) continue;
    const Lowered result = lower_texts({row.input});
    INFO(row.input);
    CHECK(errors(result.diagnostics) == "");
    CHECK(dump(result.declared.catalog) == row.dump);
  }
}

struct Refusal {
  const char* input;
  const char* errors;
};

constexpr Refusal kRefusals[] = {
    {"schema s { rows t (a) key (a) { (1), (2) } }",
     "1:12 LS0190 reference data (rows) is not supported yet [leave the table's rows to a migration of the application]\n"},
    {"schema s { enum e ('a'); enum e ('b'); }", "1:26 LS0201 enum s.e is declared twice\n"},
    {"table t { a int; }", "1:7 LS0205 t is in no schema [write it inside `schema x { … }`]\n"},
    {"table s.t { a int; }", "1:1 LS0205 schema s is not declared [declare it: schema s partial { … }]\n"},
    {"schema s { table x.t { a int; } }", "1:18 LS0205 this stands inside schema s and can't be in schema x\n"},
    {"schema s { comment '${who}'; }",
     "1:20 LS0104 variable \"who\" is not defined [define it under `variables:` in lockstep.yaml; a plain ${ is written $${]\n"},
    {"schema s { table t partition by list (a) { a int; partition p default { b int; } } }",
     "1:73 LS0209 a partition has the columns of its parent and lists none [what it alone says of one: column b default …;]\n"},
    {"schema s { table t { a int; column b default 5; } }",
     "1:29 LS0215 table s.t inherits no columns [a column of its own is written `name type …;`. A column called column stands in "
     "quotes: \"column\"]\n"},
    {"schema s { table t partition by list (a) { a int; partition p default { column a default 5; column a not null; } } }",
     "1:93 LS0201 column s.p.a is declared twice\n"},
    {"schema s { table t { total int; grant select (totl) to x; } }",
     "1:46 LS0213 table s.t declares no column \"totl\" [did you mean \"total\"?]\n"},
    {"schema s { table t { constraint c check (a > 0); } }",
     "1:22 LS0211 a constraint is written without the word constraint [write `check name (…);`, `unique name (…);` … A column of "
     "this "
     "name stands in quotes: \"constraint\"]\n"},
    {"schema s { function f() returns int as 'x'; }",
     "1:12 LS0210 function s.f() has no language [write `language plpgsql` or `language sql`]\n"},
    {"schema s; schema s partial;", "1:11 LS0208 schema s is declared both whole and partial\n"},
    {"schema s owner a; schema s owner b;", "1:28 LS0202 schema s says \"owner\" twice, differently\n"},
    {"schema s { range r (subtype = int, subtipe_diff = f); }",
     "1:36 LS0203 a range has no subtipe diff [did you mean \"subtype_diff\"?]\n"},
    {"schema s { table t { trigger x before insert for each row execute function f() { grant all to y; } } }",
     "1:82 LS0212 nothing can be granted on a trigger\n"},
    {"schema a234567890123456789012345678901234567890123456789012345678901234;",
     "1:8 LS0206 a name has at most 63 bytes in PostgreSQL; this one has 64\n"},
    {"drop table t;", "1:12 LS0205 this name is not complete [write schema.t]\n"},
    {"grant select to x;",
     "1:1 LS0205 this is said of nothing: it stands outside every block [write it inside the block of the object it is about]\n"},
};

TEST_CASE("what can't be is refused at its place") {
  for (const auto& row : kRefusals) {
    INFO(row.input);
    CHECK(errors(lower_texts({row.input}).diagnostics) == row.errors);
  }
}

TEST_CASE("two declarations of one object name both places") {
  const Lowered result = lower_texts({"schema s { enum e ('a'); }", "schema s { enum e ('a'); }"});
  const auto list = result.diagnostics.sorted();
  REQUIRE(list.size() == 1);
  CHECK(list[0].span.place() == "t1.schema:1:12");
  REQUIRE(list[0].notes.size() == 1);
  CHECK(list[0].notes[0].span.place() == "t.schema:1:12");
}

TEST_CASE("a schema may be opened in several files, in any order") {
  const Lowered result =
      lower_texts({"table s.a { x int references b; }", "schema s { table b { x int; } }", "schema s owner o { comment 'c'; }"});
  CHECK(errors(result.diagnostics) == "");
  CHECK(result.declared.catalog.contains(id("table", {"s", "a"})));
  CHECK(result.declared.catalog.find(id("schema", {"s"}))->get(kinds::kOwner) == "o");
}

TEST_CASE("variables are replaced in names and texts, never in SQL") {
  const Lowered result = lower_texts({"schema ${tenant}_data { comment 'of ${tenant}, $${plain}'; table t { a text default "
                                      "'${tenant}'; } function f() returns text language sql "
                                      "as $$ select '${tenant}' $$; }"},
                                     {{"tenant", "acme"}});
  CHECK(errors(result.diagnostics) == "");
  CHECK(dump(result.declared.catalog) ==
        "column acme_data.t.a position=1 type=\"text\"\ncomment schema.acme_data text=\"of acme, ${plain}\"\n"
        "default acme_data.t.a expression=\"'${tenant}'\"\n"
        "function acme_data.f() arguments=\"\" body=\" select '${tenant}' \" language=\"sql\" result=\"text\"\n"
        "schema acme_data\ntable acme_data.t\n");
}

TEST_CASE("a backfill that shall skip triggers is refused, not run with them") {
  const Lowered result = lower_texts({"schema s { table t { a int backfill (1) without triggers (x); } }"});
  CHECK(errors(result.diagnostics).find("LS0190 a backfill without triggers is not supported yet") != std::string::npos);
}

TEST_CASE("intents, protection and places") {
  const Lowered result =
      lower_texts({"schema s { table t renamed from old, older { a int renamed from b backfill (1 + 1) "
                   "convert using (b::int) back using "
                   "(a::text); index i on (a) renamed from j; } protect table t; protect column t.a; }"});
  CHECK_FALSE(result.diagnostics.has_errors());
  const auto& column = result.declared.intents.at(id("column", {"s", "t", "a"}));
  CHECK(column.renamed_from == std::vector<std::string>{"b"});
  CHECK(column.backfill == "1 + 1");
  CHECK(column.convert == "b::int");
  CHECK(column.convert_back == "a::text");
  CHECK(result.declared.intents.at(id("table", {"s", "t"})).renamed_from == std::vector<std::string>{"old", "older"});
  CHECK(result.declared.intents.count(id("index", {"s", "t", "i"})) == 1);
  CHECK(result.declared.scope.protects == std::set<catalog::ObjectId>{id("table", {"s", "t"}), id("column", {"s", "t", "a"})});
  const auto& place = result.declared.places.at(id("column", {"s", "t", "a"}));
  CHECK(place.head.place() == "t.schema:1:46");
  CHECK(place.attributes.at("type").text() == "int");
}

TEST_CASE("scope says what is ours to change") {
  const Lowered result = lower_texts(
      {"extension e; schema whole { ignore table flyway_*; } schema part partial { table mine { a int; } drop table gone; }"});
  CHECK(errors(result.diagnostics) == "");
  const auto covers = [&](const char* kind, catalog::Path path) {
    return result.declared.scope.covers(id(kind, std::move(path)), result.declared.catalog);
  };
  CHECK(covers("schema", {"whole"}));
  CHECK(covers("table", {"whole", "anything"}));
  CHECK_FALSE(covers("table", {"whole", "flyway_history"}));
  CHECK(covers("table", {"part", "mine"}));
  CHECK(covers("table", {"part", "gone"}));
  CHECK_FALSE(covers("table", {"part", "theirs"}));
  CHECK_FALSE(covers("table", {"other", "theirs"}));
  CHECK_FALSE(covers("schema", {"other"}));
  CHECK(covers("extension", {"e"}));
  CHECK_FALSE(covers("extension", {"f"}));
  const Lowered all = lower_texts({"manage all;"});
  CHECK(all.declared.scope.covers(id("schema", {"other"}), all.declared.catalog));
}

TEST_CASE("an external table is lowered as a table, with its schema, and is out of scope") {
  const Lowered result = lower_texts({"external table auth.users { id serial primary key; } schema s { table t { a int; } }"});
  CHECK(errors(result.diagnostics) == "");
  const auto& scope = result.declared.scope;
  CHECK(scope.external == std::set<catalog::ObjectId>{id("schema", {"auth"}), id("sequence", {"auth", "users_id_seq"}),
                                                      id("table", {"auth", "users"})});
  CHECK_FALSE(scope.covers(id("table", {"auth", "users"}), result.declared.catalog));
  CHECK_FALSE(scope.covers(id("schema", {"auth"}), result.declared.catalog));
  CHECK(scope.covers(id("table", {"s", "t"}), result.declared.catalog));
  const auto refused = errors(lower_texts({"external table a.t { id int renamed from key; }"}).diagnostics);
  CHECK(refused.find("LS0214") != std::string::npos);
}

}  // namespace
}  // namespace lockstep::parser
