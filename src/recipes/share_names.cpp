#include "recipes/share_names.h"

#include <optional>
#include <string_view>

#include "support/sql_text.h"

namespace lockstep::recipes {

namespace {

constexpr std::string_view kBegin = R"(
DECLARE
  share record;
  name pg_catalog.text;
  number pg_catalog.int4;
BEGIN
  FOR share IN VALUES )";

// Operators are qualified, since the block may run under a declared search_path.
constexpr std::string_view kEnd = R"( LOOP
    name := share.column3;
    number := 0;
    WHILE pg_catalog.to_regclass(pg_catalog.format('%I.%I', share.column1, name)) IS NOT NULL AND number OPERATOR(pg_catalog.<) 100 LOOP
      number := number OPERATOR(pg_catalog.+) 1;
      name := pg_catalog.concat(pg_catalog.left(share.column3, 60), number);
    END LOOP;
    EXECUTE pg_catalog.format('ALTER INDEX %I.%I RENAME TO %I', share.column1, share.column2, name);
  END LOOP;
END
)";

std::string row(const ShareName& share) {
  return "(" + support::quote_literal(share.schema) + ", " + support::quote_literal(share.built) + ", " +
         support::quote_literal(share.wanted) + ")";
}

// The next literal of `text` from `at` on, which moves behind it; nullopt: there is none.
std::optional<std::string> next_literal(std::string_view text, std::size_t& at) {
  const std::size_t begin = text.find('\'', at);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string value;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] != '\'') {
      value += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\'') {
      value += text[i++];
    } else {
      at = i + 1;
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> name_shares(const std::vector<ShareName>& shares) {
  if (shares.empty()) return {};
  std::vector<std::string> rows;
  for (const ShareName& share : shares) rows.push_back(row(share));
  return {"DO " + support::dollar_quote(std::string(kBegin) + support::join(rows, ", ") + std::string(kEnd))};
}

bool names_shares(const std::string& statement) {
  const std::size_t begin = statement.find(kBegin), end = statement.rfind(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return false;
  const std::string_view rows = std::string_view(statement).substr(begin + kBegin.size(), end - begin - kBegin.size());
  std::vector<ShareName> shares;
  for (std::size_t at = 0; auto schema = next_literal(rows, at);) {
    auto built = next_literal(rows, at), wanted = next_literal(rows, at);
    if (!built || !wanted) return false;
    shares.push_back({*schema, *built, *wanted});
  }
  return name_shares(shares) == std::vector{statement};  // read back and written again, it is the same
}

}  // namespace lockstep::recipes
