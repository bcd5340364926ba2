// What a reader of the messages sees: every error of a file, each at its place, in words.
#include <catch2/catch.hpp>

#include "parser_fixture.h"

namespace lockstep::parser {
namespace {

struct ErrorRow {
  const char* input;
  const char* errors;
};

constexpr ErrorRow kErrorRows[] = {
    {"tabel s.t { id int; }", "1:1 LS0100 unexpected \"tabel\" [did you mean \"table\"?]\n"},
    {"schema s { table t { id int }\n}", "1:29 LS0100 expected \";\" before \"}\"\n"},
    {"schema s { table t { id int nul; } }", "1:29 LS0100 expected \";\" before \"nul\" [did you mean \"null\"?]\n"},
    {"schema s { table t {\n  a int\n  b int; check (x > 0;\n  index on a; } }",
     "3:3 LS0100 expected \";\" before \"b\" [is a \";\" missing on the line before?]\n"
     "3:22 LS0100 expected \")\" before \";\"\n4:12 LS0100 expected \"(\", \"on\", \"only\" or \"using\" before \"a\"\n"},
    {"schema s { table t { a int; } } }", "1:33 LS0100 unexpected \"}\"\n"},
    {"schema s { table t { a int; ", "1:29 LS0100 expected \"}\" before the end of the file\n"},
    {"view s.v as select 1;",
     "1:13 LS0100 expected a text in quotes before \"select\" [a body or query stands between dollar quotes: $$ … $$]\n"},
    {"schema s { comment U&'x'; }", "1:20 LS0107 this form of text can't stand here [write it as '…', E'…' or $$…$$]\n"},
    {"schema U&\"x\";",
     "1:8 LS0106 names in the U&\"…\" form are not supported [write the characters themselves, in plain double quotes]\n"},
    {"schema s { comment 'x; }", "1:20 LS0103 this text is never closed\n"},
    {"view s.v as $a$ select $$;", "1:13 LS0103 this dollar-quoted text is never closed\n"},
    {"/* /* */ manage all;", "1:1 LS0103 this comment is never closed\n"},
    {"schema s { sequence q start 99999999999999999999; }",
     "1:29 LS0108 \"99999999999999999999\" is not a whole number of 64 bits\n"},
    {"schema s { table t { a int not null not null; } }", "1:37 LS0109 this is said twice of one object\n"},
};

TEST_CASE("errors are said in words, at their place") {
  for (const auto& row : kErrorRows) {
    INFO(row.input);
    CHECK(errors(read_text(row.input).diagnostics) == row.errors);
  }
}

TEST_CASE("reading goes on behind an error") {
  const Read result = read_text(
      "schema s {\n  tabel a { id int; }\n  table b { x y z; id int; primry key; }\n  enum e ('a' 'b');\n  table c { id int; "
      "}\n}\n"
      "extention x;\nextension y;");
  CHECK(errors(result.diagnostics) ==
        "2:3 LS0100 unexpected \"tabel\" [did you mean \"table\"?]\n"
        "3:17 LS0100 expected \";\" before \"z\"\n"
        "4:15 LS0100 expected \")\", \",\" or \"renamed\" before \"'b'\"\n"
        "7:1 LS0100 unexpected \"extention\" [did you mean \"extension\"?]\n");
  CHECK(dump(result.file) ==
        "schema s\n  table b\n    column id type=\"int\"\n    column primry type=\"key\"\n  table c\n    column id "
        "type=\"int\"\nextension y\n");
}

TEST_CASE("nesting is bounded before anything recurses") {
  const auto nested = [](std::size_t depth, const std::string& open, const std::string& close) {
    std::string text = "schema s { table t { a int default ";
    for (std::size_t i = 0; i < depth; ++i) text += open;
    text += " 1 ";
    for (std::size_t i = 0; i < depth; ++i) text += close;
    return text + "; } }";
  };
  for (const std::size_t depth : {190u, 4900u}) {
    CHECK(errors(read_text(nested(depth, "(", ")")).diagnostics) == "");
    CHECK(errors(read_text(nested(depth, "[", "]")).diagnostics) == "");
    CHECK(errors(read_text(nested(depth, "case when true then ", " end ")).diagnostics) == "");
  }
  CHECK(errors(read_text(nested(4900, "(", ")") + " wrong here").diagnostics).find("LS0102 more than 200") != std::string::npos);
  for (const std::size_t depth : {5010u, 200000u}) {
    CHECK(errors(read_text(nested(depth, "(", ")")).diagnostics).find("LS0102") != std::string::npos);
    CHECK(errors(read_text(nested(depth, "[", "]")).diagnostics).find("LS0102") != std::string::npos);
    CHECK(errors(read_text(nested(depth, "case ", " end ")).diagnostics).find("LS0102") != std::string::npos);
    CHECK(errors(read_text(std::string(depth, '{')).diagnostics).find("LS0102") != std::string::npos);
  }
  std::string comment;
  for (int i = 0; i < 100000; ++i) comment += "/*";
  CHECK(errors(read_text(comment).diagnostics) == "1:1 LS0103 this comment is never closed\n");
}

TEST_CASE("what is not UTF-8 is refused with its offset") {
  CHECK(errors(read_text("schema s\xC3\x28;").diagnostics) == "1:9 LS0101 byte 0xc3 at offset 8 is not UTF-8\n");
  CHECK(errors(read_text("schema \xED\xA0\x80;").diagnostics) == "1:8 LS0101 byte 0xed at offset 7 is not UTF-8\n");
  CHECK(errors(read_text(std::string("schema s;\0", 10)).diagnostics) == "1:10 LS0101 byte 0x00 at offset 9 is not UTF-8\n");
}

// Whatever stands in a file, the answer is a list of messages.
TEST_CASE("no prefix and no cut of a file crashes the reader") {
  const std::string text = kEverything;
  for (std::size_t i = 0; i < text.size(); i += 97) {
    read_text(text.substr(0, i));
    std::string cut = text;
    cut.erase(i, 13);
    const Read result = read_text(cut);
    format(result.file);
    support::Diagnostics diagnostics;
    lower({result.file}, {}, {}, diagnostics);
  }
}

}  // namespace
}  // namespace lockstep::parser
