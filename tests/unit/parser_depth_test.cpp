#include <catch2/catch.hpp>
#include <string>

#include "parser/sql_depth.h"
#include "parser/sql_parse.h"

using namespace lockstep::parser;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("how deep a statement's tree can get is told from its tokens", "[parser]") {
  CHECK_FALSE(too_deep("select 1", 10));
  CHECK_FALSE(too_deep("select " + repeated("1, ", 1000) + "1", 10));
  CHECK_FALSE(too_deep(repeated("select 1;", 1000), 10));
  CHECK_FALSE(too_deep("select 'a+b+c+d+e+f+g+h+i', $$+ + + + + + + +$$, $x$ ( ( ( ( $x$ -- + + + + +\n", 10));
  CHECK(too_deep("select 1" + repeated("+1", 10), 10) == std::optional<std::size_t>(16));
  for (const char* link : {"+1", "::int", "[1]", " union select 1", " union select 1, 2", " cross join t", " is null", "(",
                           " not", "/**/+1", " 'x'", " a.b"}) {
    CAPTURE(link);
    CHECK(too_deep("select 1" + repeated(link, 200), 100));
    CHECK_FALSE(too_deep("select 1" + repeated(link, 10), 100));
  }
}

TEST_CASE("a text is split without losing a byte", "[parser]") {
  const auto pieces_of = [](const std::string& text) {
    std::optional<SqlError> error;
    const auto pieces = split_sql(text, error);
    CHECK_FALSE(error);
    return pieces;
  };
  CHECK(pieces_of("create table a (x int); create table b (y int)").size() == 2);
  CHECK(pieces_of(";;; -- nothing\n /* here */ ;").empty());
  for (const char* rest :
       {"create table b (x int; create table c (x int);", "create table b (x int));", "garbage", ")", "create table b (x"}) {
    CAPTURE(rest);
    const auto pieces = pieces_of(std::string("create table a (x int);\n") + rest);
    REQUIRE(pieces.size() == 2);
    CHECK(pieces[1].wrong);
    CHECK(pieces[1].error.offset >= 24);
  }
  const auto body = pieces_of("create function f() returns int begin atomic select 1; select 2; end; create table a (x int);");
  REQUIRE(body.size() == 2);
  CHECK(body[0].tree.contains("CreateFunctionStmt"));
  const auto cut = pieces_of("create function f() returns int begin atomic select 1; select 2;");
  REQUIRE_FALSE(cut.empty());
  CHECK(cut[0].wrong);
}
