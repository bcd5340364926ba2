#include "parser/syntax_error.h"

#include <fmt/format.h>

#include <algorithm>

#include "parser/literals.h"
#include "support/utf8.h"

namespace lockstep::parser::syntax {
namespace {

constexpr std::size_t kMostChoices = 8;
constexpr std::size_t kLongestShown = 40;

support::Span span_of(const Tree& tree, std::size_t token) {
  const std::size_t size = tree.source->text().size();
  if (token >= tree.tokens.size()) return {tree.source, size, size};
  return {tree.source, tree.tokens[token].begin, tree.tokens[token].end};
}

std::string display(const Tree& tree, std::size_t token) {
  if (token >= tree.tokens.size()) return "the end of the file";
  std::string text(tree.text(tree.tokens[token]));
  text = text.substr(0, text.find_first_of("\r\n"));
  if (support::code_points(text) > kLongestShown) {
    text.resize(kLongestShown);
    while (support::invalid_utf8(text)) text.pop_back();
    text += "…";
  }
  return text[0] == '"' ? text : '"' + text + '"';
}

// `a name, "(" or "using"`. Empty if there are too many possibilities to be helpful.
std::string choices(const Expectation& expected) {
  if (expected.expression) return expected.takes(")") ? "\")\"" : expected.takes("]") ? "\"]\"" : "an expression";
  std::vector<std::string> list;
  if (expected.name || expected.type) list.emplace_back(expected.name ? "a name" : "a type");
  if (expected.text) list.emplace_back("a text in quotes");
  if (expected.number) list.emplace_back("a number");
  for (const auto& mark : expected.marks) {
    if (mark != ".") list.push_back('"' + mark + '"');
  }
  for (const auto& word : expected.words) {
    if (!expected.name && !expected.type) list.push_back('"' + word + '"');
  }
  if (list.size() > kMostChoices) return expected.takes(";") && expected.found > expected.item ? "\";\"" : "";
  std::string text;
  for (std::size_t i = 0; i < list.size(); ++i) text += (i == 0 ? "" : i + 1 == list.size() ? " or " : ", ") + list[i];
  return text;
}

std::string hint(const Tree& tree, const Expectation& expected, const std::vector<std::string>& words) {
  for (const std::size_t at : {expected.found, expected.item}) {
    if (at >= tree.tokens.size() || tree.tokens[at].kind != TokenKind::word) continue;
    const std::string word(tree.text(tree.tokens[at]));
    if (std::find(words.begin(), words.end(), word) != words.end()) continue;
    if (const std::string near = support::nearest(word, words); !near.empty()) return "did you mean \"" + near + "\"?";
  }
  if (expected.text && !expected.name) return "a body or query stands between dollar quotes: $$ … $$";
  const bool inside = expected.found > expected.item && expected.found < tree.tokens.size();
  if (expected.takes(";") && inside && first_on_its_line(tree, expected.found)) return "is a \";\" missing on the line before?";
  return {};
}

// Notes where the bracket was opened that is not closed before the token.
void note_opening(support::Diagnostic& result, const Tree& tree, std::size_t token, char open, char close) {
  std::size_t depth = 0;
  for (std::size_t i = std::min(token, tree.tokens.size()); i-- > 0;) {
    if (tree.tokens[i].kind != TokenKind::punctuation) continue;
    const char text = tree.text(tree.tokens[i])[0];
    if (text == close) ++depth;
    if (text != open) continue;
    if (depth == 0) return result.notes.push_back({fmt::format("\"{}\" was opened here", open), span_of(tree, i)});
    --depth;
  }
}

// `renamed from other.orders`: the dot is the unexpected token.
bool renamed_from_elsewhere(const Tree& tree, std::size_t token) {
  const auto is = [&](std::size_t at, std::string_view text) { return lower_case(tree.text(tree.tokens[at])) == text; };
  return token >= 3 && token < tree.tokens.size() && is(token, ".") && is(token - 2, "from") && is(token - 3, "renamed");
}

}  // namespace

bool Expectation::takes(std::string_view mark) const {
  return std::find(marks.begin(), marks.end(), mark) != marks.end();
}

bool first_on_its_line(const Tree& tree, std::size_t token) {
  const std::string_view before = tree.source->text().substr(0, span_of(tree, token).begin);
  const std::size_t last = before.find_last_not_of(" \t");
  return last == std::string_view::npos || before[last] == '\n' || before[last] == '\r';
}

support::Diagnostic syntax_error(const Tree& tree, const Expectation& expected, const std::vector<std::string>& words) {
  const std::string shown = display(tree, expected.found);
  support::Diagnostic result;
  result.span = span_of(tree, expected.found);
  if (const std::string_view text = result.span.text().substr(0, 3); text == "U&\"" || text == "u&\"") {
    result.code = "LS0106";
    result.message = "names in the U&\"…\" form are not supported";
    result.hint = "write the characters themselves, in plain double quotes";
    return result;
  }
  if (renamed_from_elsewhere(tree, expected.found)) {
    result.span.begin = span_of(tree, expected.found - 1).begin;
    result.code = "LS0190";
    result.message = "moving an object from another schema is not supported yet";
    result.hint = "move it by hand first (ALTER TABLE … SET SCHEMA …), then plan: it is found where the files say";
    return result;
  }
  const std::string wanted = choices(expected);
  result.code = "LS0100";
  result.message = wanted.empty() ? "unexpected " + shown : "expected " + wanted + " before " + shown;
  result.hint = hint(tree, expected, words);
  if (expected.takes(")")) note_opening(result, tree, expected.found, '(', ')');
  if (expected.found >= tree.tokens.size()) note_opening(result, tree, expected.found, '{', '}');
  return result;
}

}  // namespace lockstep::parser::syntax
