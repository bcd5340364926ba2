#include <catch2/catch.hpp>

#include "cli/text.h"

using namespace lockstep::cli;

TEST_CASE("widths count code points", "[cli]") {
  CHECK(width("größe") == 5);
  CHECK(pad("ä", 3) == "ä  ");
  CHECK(cut("größenordnung", 6) == "größe…");
  CHECK(cut("größe", 5) == "größe");
  CHECK(cut("", 5).empty());
}

TEST_CASE("lines are broken at spaces", "[cli]") {
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("incomprehensible word", 4) == std::vector<std::string>{"incomprehensible", "word"});
  CHECK(wrap("", 4).empty());
  CHECK(lines_of("a\nb\n") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an expression of several lines stands in a sentence", "[cli]") {
  CHECK(one_line("CASE\n    WHEN a  THEN b\n  ELSE c\nEND\n") == "CASE WHEN a  THEN b ELSE c END");
  CHECK(one_line("'one\n  two' ||\n  \"three\n\"") == "'one\n  two' || \"three\n\"");
  CHECK(one_line("\n x") == "x");
  CHECK(one_line("").empty());
}

TEST_CASE("amounts for people", "[cli]") {
  CHECK(amount(0) == "0");
  CHECK(amount(999) == "999");
  CHECK(amount(1000) == "1,000");
  CHECK(amount(-1234567) == "-1,234,567");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1536) == "1.5 kB");
  CHECK(bytes_text(300LL * 1024 * 1024) == "300 MB");
  CHECK(duration_text(std::chrono::milliseconds(340)) == "0.34 s");
  CHECK(duration_text(std::chrono::seconds(125)) == "2:05 min");
  CHECK(duration_text(std::chrono::seconds(3723)) == "1:02:03 h");
  CHECK(plural(1, "step") == "1 step");
  CHECK(plural(2, "step") == "2 steps");
}
