#include <catch2/catch.hpp>

#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

using lockstep::support::visible;
using lockstep::support::visible_lines;

TEST_CASE("what a terminal would obey, or a reader not see, is written out", "[support]") {
  CHECK(visible("shop.orders ü € 😀 日本") == "shop.orders ü € 😀 日本");
  CHECK(visible("a\x1b[31mb") == "a\\x1B[31mb");
  CHECK(visible("a\r\n\tb\x08\x7f") == "a\\r\\n\\tb\\x08\\x7F");
  CHECK(visible("a\u202eb\u200bc\u2066\ufeff\u0085") == "a\\u202Eb\\u200Bc\\u2066\\uFEFF\\u0085");
  CHECK(visible("\U000e0041") == "\\uDB40\\uDC41");
  CHECK(visible(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(visible("a\xff\xc3") == "a\\xFF\\xC3");
  CHECK(visible("\xed\xa0\x80") == "\\xED\\xA0\\x80");
  CHECK(visible("").empty());
  CHECK(visible(visible("a\nb\u202e")) == visible("a\nb\u202e"));
}

TEST_CASE("lines stay lines, and are no commands to a build server", "[support]") {
  CHECK(visible_lines("a\n\tb\r\nc\rd") == "a\n\tb\r\nc\\rd");
  CHECK(visible_lines("::error title=x::y") == "\\u003A:error title=x::y");
  CHECK(visible_lines("a\n  ::set-output name=a::b") == "a\n  \\u003A:set-output name=a::b");
  CHECK(visible_lines("x ::error::y") == "x ::error::y");  // not where a line begins
  CHECK(visible_lines("  ::text") == "  ::text");          // a cast
  CHECK(visible_lines("a ##vso[x]y ##[error]") == "a \\u0023#vso[x]y \\u0023#[error]");
  CHECK(visible_lines("### title") == "### title");
  CHECK(visible_lines("\x1b[31mred\x1b[0m\x1b[2J", true) == "\x1b[31mred\x1b[0m\\x1B[2J");
  CHECK(visible_lines("\x1b[31mred") == "\\x1B[31mred");
}

TEST_CASE("no line of somebody else's text begins where one of a message would") {
  using namespace lockstep;
  using support::continued;
  CHECK(continued("") == "");
  CHECK(continued("a") == "a");
  CHECK(continued("a\nb\r\nc\rd\n") == "a\n    b\n    c\n    d\n    ");
  CHECK(continued(continued("a\n b")) == continued("a\n b"));
  CHECK(support::listed({"a\nb", "c"}) == "\n  a\\nb\n  c");
  const support::DatabaseError error({"P0001", "m\n::error", "d\n::error", "h\r::error", "c\n::error", "SELECT\n1", 0, false});
  CHECK(std::string(error.what()).find("\n:") == std::string::npos);
  CHECK(std::string(error.what()).find('\r') == std::string::npos);
  CHECK(error.facts().message == "m\n    ::error");
}
