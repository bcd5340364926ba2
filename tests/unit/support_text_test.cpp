// Places in texts, and how diagnostics look.
#include <catch2/catch.hpp>

#include "support/diagnostic.h"
#include "support/sql_words.h"
#include "support/utf8.h"

namespace lockstep::support {
namespace {

SourcePtr text(const std::string& content) {
  return std::make_shared<SourceText>("a.schema", content);
}

TEST_CASE("lines and columns count from 1, in characters") {
  const auto source = text("ab\n\xC3\xA9x\r\n\nend");
  CHECK(Span{source, 0, 0}.place() == "a.schema:1:1");
  CHECK(Span{source, 3, 3}.place() == "a.schema:2:1");
  CHECK(Span{source, 5, 5}.place() == "a.schema:2:2");
  CHECK(Span{source, 999, 999}.place() == "a.schema:4:4");
  CHECK(source->line(2) == "\xC3\xA9x");
  CHECK(source->line(3).empty());
  CHECK(source->line(9).empty());
  CHECK(Span{}.place().empty());
}

TEST_CASE("a diagnostic shows its line and a caret") {
  const auto source = text("table \xC3\xA9 {\n\ttotl int;\n}\n");
  Diagnostic item;
  item.code = "LS0107";
  item.message = "column \"totl\" does not exist";
  item.span = Span{source, 12, 16};
  item.hint = "did you mean \"total\"?";
  item.notes.push_back({"declared here", {source, 0, 5}});
  CHECK(render(item) ==
        "a.schema:2:2: error LS0107: column \"totl\" does not exist\n  \ttotl int;\n  \t^\na.schema:1:1: note: declared here\n"
        "  table \xC3\xA9 {\n  ^\n  hint: did you mean \"total\"?\n");
  CHECK(render({Severity::warning, "LS1", "nowhere", {}, {}, {}}) == "warning LS1: nowhere\n");
}

TEST_CASE("names and words in a text of SQL, folded") {
  CHECK(sql_words("SELECT Total, \"Order Line\".n$1 -- note\n") ==
        std::set<std::string>{"select", "total", "Order Line", "order", "line", "n$1", "note", ".n$1 -- note\n"});
  CHECK(sql_words("\"a\"\"b\"").contains("a\"b"));
  CHECK(sql_words("t <> '\"' AND late > 0").contains("late"));  // one quotation mark in a string hides nothing
  CHECK(sql_words("\xC3\x84 + 1").contains("\xC3\x84"));
  CHECK(sql_words("\"").contains(""));
}

TEST_CASE("long lines and control characters do not flood a terminal") {
  const auto source = text(std::string(100000, 'x') + "!\x1b[31m" + std::string(100000, 'y'));
  const std::string shown = render({Severity::error, "LS1", "m", {source, 100000, 100001}, {}, {}});
  CHECK(shown.size() < 400);
  CHECK(shown.find("!?[31m") != std::string::npos);
}

TEST_CASE("diagnostics come sorted, each once") {
  const auto source = text("abc");
  Diagnostics list;
  list.warning("LS2", "later", {source, 2, 3});
  list.error("LS1", "first", {source, 0, 1});
  list.error("LS1", "first", {source, 0, 1});
  REQUIRE(list.sorted().size() == 2);
  CHECK(list.sorted()[0].message == "first");
  CHECK(list.has_errors());
}

TEST_CASE("the nearest word is near") {
  const std::vector<std::string> words{"table", "index", "unique"};
  CHECK(nearest("tabel", words) == "table");
  CHECK(nearest("tabel", {"label", "table", "tabor"}) == "table");
  CHECK(nearest("uniqe", words) == "unique");
  CHECK(nearest("xyz", words).empty());
  CHECK(nearest("ta", words).empty());
}

TEST_CASE("UTF-8 is checked to the letter") {
  CHECK_FALSE(invalid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x98"));
  for (const std::string bad : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"})
    CHECK(invalid_utf8("ab" + bad) == 2u);
  CHECK(code_points("a\xC3\xA9\xF0\x9F\x90\x98") == 3);
}

}  // namespace
}  // namespace lockstep::support
