// Text → nodes: one row for each construct, and for each bug there once was.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>

#include "parser_fixture.h"

namespace lockstep::parser {
namespace {

struct ReadRow {
  const char* input;
  const char* dump;
};

// In a table of a schema; the dump is of the table's items.
constexpr ReadRow kTableItems[] = {
    {"id bigint;", "column id type=\"bigint\"\n"},
    {"ID BigInt NOT NULL;", "column id type=\"BigInt\" not_null=true\n"},
    {"\"Id\" \"My Type\";", "column Id type=\"\\\"My Type\\\"\"\n"},
    {"a double precision; b character varying (10); c bit varying(3);",
     "column a type=\"double precision\"\ncolumn b type=\"character varying (10)\"\ncolumn c type=\"bit varying(3)\"\n"},
    {"a timestamp(3) with time zone null; b time without time zone default now();",
     "column a type=\"timestamp(3) with time zone\"\ncolumn b type=\"time without time zone\"\n  +default "
     "expression=\"now()\"\n"},
    {"a interval year to month; b interval(3); c geometry(Point, 4326)[][3]; d int array[4]; e s.t[];",
     "column a type=\"interval year to month\"\ncolumn b type=\"interval(3)\"\ncolumn c type=\"geometry(Point, 4326)[][3]\"\n"
     "column d type=\"int array[4]\"\ncolumn e type=\"s.t[]\"\n"},
    {"a int default 1 + 2 not null;", "column a type=\"int\" not_null=true\n  +default expression=\"1 + 2\"\n"},
    {"a text default null::text; b bool default not true;",
     "column a type=\"text\"\n  +default expression=\"null::text\"\ncolumn b type=\"bool\"\n  +default expression=\"not "
     "true\"\n"},
    {"a timestamp default now()::timestamp without time zone not null;",
     "column a type=\"timestamp\" not_null=true\n  +default expression=\"now()::timestamp without time zone\"\n"},
    {"a text default case when x is null then 'not null' else 'y' end unique;",
     "column a type=\"text\"\n  +default expression=\"case when x is null then 'not null' else 'y' end\"\n  +unique\n"},
    {"a s.label default 'x'::s.label label p 'c';",
     "column a type=\"s.label\"\n  +default expression=\"'x'::s.label\"\n  +security_label provider=\"p\" label=\"c\"\n"},
    {"a text default 'x' || label('y') || label.f(1) label p 'c';",
     "column a type=\"text\"\n  +default expression=\"'x' || label('y') || label.f(1)\"\n  +security_label provider=\"p\" "
     "label=\"c\"\n"},
    {"a text default label(1) label p 'c' label q 'd';",
     "column a type=\"text\"\n  +default expression=\"label(1)\"\n  +security_label provider=\"p\" label=\"c\"\n"
     "  +security_label provider=\"q\" label=\"d\"\n"},
    {"label text; label label; label p 'x'; security text; security label p 'x'; label security 'x'; label text default 'x' "
     "label p 'y';",
     "column label type=\"text\"\ncolumn label type=\"label\"\nsecurity_label provider=\"p\" label=\"x\"\n"
     "column security type=\"text\"\nsecurity_label provider=\"p\" label=\"x\"\nsecurity_label provider=\"security\" "
     "label=\"x\"\n"
     "column label type=\"text\"\n  +default expression=\"'x'\"\n  +security_label provider=\"p\" label=\"y\"\n"},
    {"a s.comment default 'x'::s.comment comment 'c';",
     "column a type=\"s.comment\"\n  +default expression=\"'x'::s.comment\"\n  +comment text=\"c\"\n"},
    {"a text default E'it\\'s; not null' check (a <> ';)');",
     "column a type=\"text\"\n  +default expression=\"E'it\\\\'s; not null'\"\n  +check expression=\"a <> ';)'\"\n"},
    {"a text default $q$ ; ' $q$ primary key;",
     "column a type=\"text\"\n  +default expression=\"$q$ ; ' $q$\"\n  +primary_key\n"},
    {"a text default 'x' /* not null */ || 'y';",
     "column a type=\"text\"\n  +default expression=\"'x' /* not null */ || 'y'\"\n"},
    {"check (a > 0); check positive (a > 0) not valid no inherit;",
     "check expression=\"a > 0\"\ncheck positive expression=\"a > 0\" valid=false no_inherit=true\n"},
    {"check (a > 0) not enforced; enforced text;", "check expression=\"a > 0\" enforced=false\ncolumn enforced type=\"text\"\n"},
    {"check text;", "column check type=\"text\"\n"},
    {"primary key (a, \"B\"); primary text; primary key not null;",
     "primary_key columns=[\"a\", \"B\"]\ncolumn primary type=\"text\"\ncolumn primary type=\"key\" not_null=true\n"},
    {"unique (a); unique index on (a); unique index x on (a); unique text;",
     "unique columns=[\"a\"]\nindex unique=true index_columns=\"(a)\"\nindex x unique=true index_columns=\"(a)\"\ncolumn unique "
     "type=\"text\"\n"},
    {"index on (lower(a) desc) where a is not null clustered; index text;",
     "index index_columns=\"(lower(a) desc)\" index_where=\"a is not null\" clustered=true\ncolumn index type=\"text\"\n"},
    {"foreign key (a) references b; foreign text;",
     "foreign_key columns=[\"a\"] references=[\"b\"]\ncolumn foreign type=\"text\"\n"},
    {"exclude using gist (a with &&, b with =) where (a is not null) deferrable; exclude text;",
     "exclude definition=\"using gist (a with &&, b with =) where (a is not null)\" deferrable=\"deferrable\"\ncolumn exclude "
     "type=\"text\"\n"},
    {"policy p for all to a; policy text;", "policy p command=\"all\" roles=[\"a\"]\ncolumn policy type=\"text\"\n"},
    {"partition p default; partition text default 'x';",
     "partition p bound=\"default\"\ncolumn partition type=\"text\"\n  +default expression=\"'x'\"\n"},
    {"rule r as on insert do instead (delete from a; delete from b); rule text;",
     "rule r definition=\"on insert do instead (delete from a; delete from b)\"\ncolumn rule type=\"text\"\n"},
    {"trigger t instead of insert or delete for each row execute procedure s.f(1, 'a;b') replica; trigger text;",
     "trigger t events=\"instead of insert or delete\" action=\"for each row execute procedure s.f(1, 'a;b')\" "
     "enabled=\"replica\"\n"
     "column trigger type=\"text\"\n"},
    {"row level security; row text; comment 'x'; comment text; grant all to x; grant text;",
     "setting row_security=true\ncolumn row type=\"text\"\ncomment text=\"x\"\ncolumn comment type=\"text\"\n"
     "grant grantees=[\"x\"]\n  +privilege privilege=\"all\"\ncolumn grant type=\"text\"\n"},
    {"replica identity using index i; replica text; owner text;",
     "setting replica_identity=\"using index i\"\ncolumn replica type=\"text\"\ncolumn owner type=\"text\"\n"},
    {"${tenant}_id int; ${A}B${c} int;", "column ${tenant}_id type=\"int\"\ncolumn ${A}b${c} type=\"int\"\n"},
    {";; a int;;", "column a type=\"int\"\n"},
};

TEST_CASE("every item of a table is read as what it is") {
  for (const auto& row : kTableItems) {
    const Read result = read_text(std::string("schema s { table t { ") + row.input + " } }");
    INFO(row.input);
    CHECK(errors(result.diagnostics) == "");
    REQUIRE(result.file.nodes.size() == 1);
    REQUIRE(result.file.nodes[0].children.size() == 1);
    std::string text;
    for (const auto& item : result.file.nodes[0].children[0].children) text += dump(item);
    CHECK(text == row.dump);
  }
}

constexpr ReadRow kFileItems[] = {
    {"", ""},
    {"-- nothing but a comment", ""},
    {"MANAGE ALL; Default Owner Postgres;", "manage\ndefault owner owner=\"postgres\"\n"},
    {"extension \"uuid-ossp\" schema public version '1.1';", "extension uuid-ossp schema=\"public\" version=\"1.1\"\n"},
    {"enum s.e ('it''s', E'tab\\t\\u00e9', $$raw$$);", "enum s e values=[\"it's\", \"tab\t\xC3\xA9\", \"raw\"]\n"},
    {"view s.v as $a$ select '$$' ; $a$;", "view s v query=\"select '$$'\"\n"},
    {"function s.f(a int default f(1, 2)) returns table (x int, y text) language sql as $$ select 1; $$;",
     "function s f arguments=\"a int default f(1, 2)\" result=\"table (x int, y text)\" language=\"sql\" body=[\" select 1; "
     "\"]\n"},
    {"function s.f() returns null on null input returns setof s.t[] language sql body $$ return 1 $$;",
     "function s f arguments=\"\" strict=true result=\"setof s.t[]\" language=\"sql\" sql_body=\"return 1\"\n"},
    {"drop table s.t; drop function s.f(int, text); ignore table s.x_*; protect column s.t.c;",
     "drop kind=\"table\" object=[\"s\", \"t\"]\ndrop kind=\"function\" object=[\"s\", \"f\"] arguments=\"int, text\"\n"
     "ignore kind=\"table\" glob=\"s.x_*\"\nprotect kind=\"column\" object=[\"s\", \"t\", \"c\"]\n"},
    {"/* a /* nested */ ; */ manage all; -- end", "manage\n"},
    {"\xEF\xBB\xBFmanage all;", "manage\n"},
};

TEST_CASE("every item of a file is read as what it is") {
  for (const auto& row : kFileItems) {
    const Read result = read_text(row.input);
    INFO(row.input);
    CHECK(errors(result.diagnostics) == "");
    CHECK(dump(result.file) == row.dump);
  }
}

std::set<std::string> words_of_the_language() {
  std::ifstream file(LOCKSTEP_SOURCE_DIR "/grammar/Lockstep.g4");
  std::set<std::string> words;
  const std::regex rule("^([A-Z][A-Z_]*[A-Z_]) : [A-Z](?: (?:[A-Z]|'_'))* ;$");
  std::smatch found;
  for (std::string line; std::getline(file, line);) {
    if (!std::regex_match(line, found, rule)) continue;
    std::string word = found[1];
    while (word.back() == '_') word.pop_back();
    for (char& c : word) c = c == '_' ? '_' : static_cast<char>(c + 32);
    words.insert(word);
  }
  return words;
}

TEST_CASE("every word of the language is a name") {
  const auto words = words_of_the_language();
  REQUIRE(words.size() > 150);
  std::string columns, tables;
  for (const auto& word : words) {
    // In a table, `column a not null` speaks of an inherited column: one of this name stands in quotes, as in SQL.
    columns += (word == "column" ? "\"column\"" : word) + " text not null default 'x';\n";
    tables +=
        "table " + word + " { " + word + " integer; primary key " + word + " (" + word + "); grant select to " + word + "; }\n";
  }
  const Read result = read_text("schema s { table t {\n" + columns + "}\n" + tables + "}");
  CHECK(errors(result.diagnostics) == "");
  REQUIRE(result.file.nodes.size() == 1);
  const auto& items = result.file.nodes[0].children;
  REQUIRE(items.size() == words.size() + 1);
  REQUIRE(items[0].children.size() == words.size());
  std::size_t at = 0;
  for (const auto& word : words) {
    INFO(word);
    CHECK(items[0].children[at].kind == "column");
    CHECK(items[0].children[at].name[0].text == word);
    CHECK(items[++at].name[0].text == word);
    CHECK(items[at].children.size() == 3);
  }
}

TEST_CASE("a span is bytes of the source, whatever stands before it") {
  const Read result =
      read_text("-- caf\xC3\xA9 \xF0\x9F\x90\x98\nschema s { comment '\xC3\xA9'; table t { \xC3\xA9t\xC3\xA9 text; } }");
  REQUIRE(result.file.nodes.size() == 1);
  const auto& column = result.file.nodes[0].children[1].children[0];
  CHECK(column.name[0].span.text() == "\xC3\xA9t\xC3\xA9");
  CHECK(column.find("type")->span.text() == "text");
  CHECK(column.name[0].span.place() == "t.schema:2:35");
}

}  // namespace
}  // namespace lockstep::parser
