#include <random>

#include "any_sql.h"
#include "postgres_server.h"
#include "support/sql_text.h"

using namespace lockstep;
using support::quote_identifier;
using support::quote_literal;

namespace {

// Names of up to 63 bytes, with everything a name may hold.
std::string random_name(std::mt19937& random) {
  static const std::vector<std::string> pieces = {"a",  "Z", "_", "0",  "9",    " ",      "\"", "'", "$",  "$$",
                                                  "\\", ".", ";", "--", "/*",   "\n",     "\t", "é", "日", "🐘",
                                                  "ß",  "%", "{", "}",  "user", "select", ",",  "E'"};
  std::string name;
  const std::size_t length = 1 + random() % 63;
  while (name.size() < length) {
    const std::string& piece = pieces[random() % pieces.size()];
    if (name.size() + piece.size() > 63) break;
    name += piece;
  }
  return name;
}

}  // namespace

TEST_CASE("identifiers and literals survive a real server", "[postgres][quoting]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  auto& session = database->session();
  std::mt19937 random(20240229);
  for (int i = 0; i < 500; ++i) {
    const std::string name = random_name(random);
    INFO(name);
    CHECK(testing::any_sql(session, "SELECT " + quote_literal(name) + " AS " + quote_identifier(name)).column_name(0) == name);
    CHECK(testing::any_sql(session, "SELECT " + quote_literal(name)).text(0, 0) == name);
    CHECK(testing::any_sql(session, "SELECT " + support::dollar_quote(name)).text(0, 0) == name);
    CHECK(session.query("SELECT quote_ident($1)", {name}).text(0, 0) == quote_identifier(name));
  }
  testing::any_sql(session, "CREATE TABLE public." + quote_identifier("a\"b.c") + " (" + quote_identifier("Sélect") + " int)");
  CHECK(session
            .query("SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0",
                   {support::qualified("public", "a\"b.c")})
            .text(0, 0) == "Sélect");
}

TEST_CASE("keywords are quoted as the server quotes them", "[postgres][quoting]") {
  LOCKSTEP_NEEDS_POSTGRES();
  const auto database = testing::scratch();
  const auto words = database->session().execute("SELECT word, quote_ident(word) FROM pg_get_keywords()");
  REQUIRE(words.size() > 400);
  for (std::size_t row = 0; row < words.size(); ++row) {
    const std::string word = words.text(row, 0), mine = quote_identifier(word);
    // Quoted where any of the supported versions needs it, so never less than this server.
    if (words.text(row, 1) != word) CHECK(mine == words.text(row, 1));
    CHECK((mine == word || mine == '"' + word + '"'));
  }
}

TEST_CASE("dollar quotes never end early", "[support][quoting]") {
  CHECK(support::dollar_quote("x") == "$$x$$");
  CHECK(support::dollar_quote("$$") == "$a$$$$a$");
  CHECK(support::dollar_quote("cost $") == "$a$cost $$a$");
  CHECK(support::dollar_quote("$$ $a") == "$b$$$ $a$b$");
  CHECK(support::dollar_quote("") == "$$$$");
  CHECK(support::identifier_list({"id", "Order", "select", "name"}) == "id, \"Order\", \"select\", name");
}
