#include "importer/script.h"

#include <algorithm>
#include <array>

#include "parser/sql_mask.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::importer {

using support::Span;

namespace {

// The first word of a psql command that changes nothing of what is made. \connect: of `pg_dump -C`, whose database is the scratch
// database here.
bool is_harmless(std::string_view command) {
  static constexpr std::array<std::string_view, 8> kHarmless = {"\\echo", "\\qecho",    "\\warn",    "\\timing",
                                                                "\\pset", "\\encoding", "\\connect", "\\c"};
  static constexpr std::array<std::string_view, 6> kSettings = {"ON_ERROR_STOP", "ON_ERROR_ROLLBACK", "QUIET", "VERBOSITY",
                                                                "ECHO",          "AUTOCOMMIT"};
  const std::string_view word = command.substr(0, command.find_first_of(" \t"));
  if (word == "\\set" || word == "\\unset") {
    std::string_view rest = command.substr(word.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    rest = rest.substr(0, rest.find_first_of(" \t"));
    return std::find(kSettings.begin(), kSettings.end(), rest) != kSettings.end();
  }
  return std::find(kHarmless.begin(), kHarmless.end(), word) != kHarmless.end();
}

bool reads_rows(const Piece& piece) {
  const auto& copy = parser::at(piece.tree, "CopyStmt");
  return parser::true_at(copy, "is_from") && parser::text_at(copy, "filename").empty();
}

// The lines after the statement, up to one with \. only, as psql reads them.
Span rows_after(const Span& statement) {
  const std::string_view text = statement.source->text();
  const std::size_t semicolon = std::min(text.find(';', statement.end), text.size());
  const std::size_t begin = std::min(text.find('\n', semicolon), text.size() - 1) + 1;
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line == "\\.") return {statement.source, begin, at};
    at = end + 1;
  }
  return {statement.source, std::min(begin, text.size()), text.size()};
}

}  // namespace

const nlohmann::json& Piece::fields() const {
  static const nlohmann::json kNothing;
  return tree.is_null() || tree.empty() ? kNothing : tree.begin().value();
}

std::string Piece::title() const {
  std::vector<std::string> words = parser::leading_words(span.text(), 3);
  const bool two = !words.empty() && (words[0] == "CREATE" || words[0] == "ALTER" || words[0] == "DROP" || words[0] == "SET");
  const bool three = words.size() == 3 && (words[1] == "OR" || words[1] == "UNIQUE" || words[1] == "DEFAULT");
  if (!three) words.resize(std::min<std::size_t>(words.size(), two ? 2 : 1));
  return support::join(words, " ");
}

Span Piece::head() const {
  Span first = span;
  first.end = first.begin + std::min(span.text().find('\n'), span.text().size());
  return first;
}

Script read_script(const support::SourcePtr& source, support::Diagnostics& diagnostics) {
  Script script{source, {}};
  const parser::Masked masked = parser::mask_psql(source->text());
  std::size_t connects = 0;
  for (const parser::PsqlCommand& command : masked.commands) {
    const Span place{source, command.begin, command.end};
    const std::string_view word = place.text().substr(0, place.text().find_first_of(" \t"));
    const bool again = (word == "\\connect" || word == "\\c") && ++connects > 1;
    if (again) {
      diagnostics.error("LS0502", "a second " + std::string(word) + ": this file is of several databases", place,
                        "import one database; pg_dump -s writes one");
    } else if (!is_harmless(place.text())) {
      diagnostics.error("LS0502", std::string(word) + " is a command of psql, which an import doesn't run", place,
                        "leave it out; write the files that \\i reads into the folder instead");
    }
  }
  std::optional<parser::SqlError> broken;
  for (auto& piece : parser::split_sql(masked.text, broken)) {
    Piece one{{source, piece.begin, piece.end}, std::move(piece.tree), {}};
    if (reads_rows(one)) one.rows = rows_after(one.span);
    script.pieces.push_back(std::move(one));
  }
  if (broken)
    diagnostics.error("LS0502", broken->message, {source, broken->offset, std::min(broken->offset + 1, source->text().size())});
  return script;
}

}  // namespace lockstep::importer
