#include "parser/property_value.h"

#include <charconv>
#include <functional>

#include "parser/head.h"
#include "parser/literals.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using catalog::List;
using catalog::Value;
using support::Diagnostics;
using syntax::Branch;
using syntax::TokenKind;
using syntax::Tree;

// Visits branches depth first, in order; the children of a wanted branch are not visited.
void each(const Branch& branch, const std::function<bool(const Branch&)>& wanted,
          const std::function<void(const Branch&)>& found) {
  if (wanted(branch)) return found(branch);
  for (const auto& child : branch.children) each(child, wanted, found);
}

const Branch* first(const Branch& branch, const std::function<bool(const Branch&)>& wanted) {
  if (wanted(branch)) return &branch;
  for (const auto& child : branch.children) {
    if (const Branch* result = first(child, wanted)) return result;
  }
  return nullptr;
}

bool is_raw(const Branch& branch) {
  return meaning(branch.rule).raw;
}
bool is_parens(const Branch& branch) {
  return meaning(branch.rule).parenthesised;
}
bool is_name(const Branch& branch) {
  return meaning(branch.rule).name;
}
bool is_text(const Branch& branch) {
  return meaning(branch.rule).text;
}
bool is_option(const Branch& branch) {
  return meaning(branch.rule).option;
}

class Reading {
 public:
  Reading(const Tree& tree, Diagnostics& diagnostics) : tree_(tree), diagnostics_(diagnostics) {}

  Value value(const Branch& branch, Shape shape) {
    switch (shape) {
      case Shape::truth:
        return true;
      case Shape::falsehood:
        return false;
      case Shape::words:
        return words(branch);
      case Shape::name:
        return name(branch);
      case Shape::names:
      case Shape::columns:
        return names(branch);
      case Shape::laid_out:
        return laid_out(tree_, branch);
      case Shape::raw:
        return raw(branch);
      case Shape::raw_item:
        return List{raw(branch)};
      case Shape::inside:
        return inner(branch);
      case Shape::insides:
        return List{inner(branch)};
      case Shape::integer:
        return integer(branch);
      case Shape::text:
        return text(*first(branch, is_text));
      case Shape::texts:
      case Shape::bodies:
        return texts(branch);
      case Shape::trimmed:
        return trimmed(branch);
      case Shape::options:
        return options(branch);
      case Shape::action:
        return action(branch);
    }
    return {};
  }

 private:
  std::string raw(const Branch& branch) const {
    const Branch* part = first(branch, is_raw);
    return std::string(slice(tree_, part == nullptr ? branch : *part));
  }

  std::string inner(const Branch& branch) const {
    const Branch* part = first(branch, is_parens);
    return part == nullptr ? std::string{} : std::string(inside(tree_, *part));
  }

  std::string name(const Branch& branch) {
    if (const Branch* part = first(branch, is_name)) return fold_name(slice(tree_, *part));
    const Branch* part = first(branch, is_text);
    return part == nullptr ? std::string{} : text(*part);
  }

  List names(const Branch& branch) const {
    List list;
    each(branch, is_name, [&](const Branch& part) { list.push_back(fold_name(slice(tree_, part))); });
    return list;
  }

  std::string words(const Branch& branch) const {
    std::string result;
    for (std::size_t i = branch.first; i < branch.last; ++i) {
      if (tree_.tokens[i].kind == TokenKind::comment) continue;
      result += (result.empty() ? "" : " ") + fold_name(tree_.text(tree_.tokens[i]));
    }
    return result;
  }

  std::string text(const Branch& branch) {
    if (auto decoded = decode_text(slice(tree_, branch))) return *std::move(decoded);
    diagnostics_.error("LS0107", "this form of text can't stand here", span_of(tree_, branch.first, branch.last),
                       "write it as '…', E'…' or $$…$$");
    return {};
  }

  List texts(const Branch& branch) {
    List list;
    each(branch, is_text, [&](const Branch& part) { list.push_back(text(part)); });
    return list;
  }

  // For a query or body: surrounding white space is layout, and a final semicolon is dropped.
  std::string trimmed(const Branch& branch) {
    std::string result = trim(text(*first(branch, is_text)));
    while (!result.empty() && result.back() == ';') result = trim(std::string_view(result).substr(0, result.size() - 1));
    return result;
  }

  Value integer(const Branch& branch) {
    const Branch* part = first(branch, is_raw);
    std::string digits(slice(tree_, *part));
    if (digits.front() == '+') digits.erase(0, 1);
    if (digits.front() == '-') digits = "-" + trim(std::string_view(digits).substr(1));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
      diagnostics_.error("LS0108", "\"" + digits + "\" is not a whole number of 64 bits",
                         span_of(tree_, part->first, part->last));
    }
    return number;
  }

  List options(const Branch& branch) {
    List list;
    each(branch, is_option, [&](const Branch& part) {
      // A name may contain spaces, so the text is not split at spaces.
      std::string option = support::join(names(part.children.front()), ".");
      if (part.children.size() > 1) {
        const Branch& value = part.children[1];
        const Branch* quoted = first(value, is_text);
        option += "=" + (quoted != nullptr ? text(*quoted) : fold_name(slice(tree_, value)));
      }
      list.push_back(std::move(option));
    });
    return list;
  }

  // "cascade", "set null (a, b)"
  std::string action(const Branch& branch) const {
    const List columns = names(branch);
    std::string result;
    for (std::size_t i = branch.first; i < branch.last; ++i) {
      const auto& token = tree_.tokens[i];
      if (tree_.text(token) == "(") break;
      if (token.kind == TokenKind::word) result += (result.empty() ? "" : " ") + lower_case(tree_.text(token));
    }
    // Removes "on update" or "on delete"; the action follows.
    result.erase(0, result.find(' ', result.find(' ') + 1) + 1);
    return columns.empty() ? result : result + " (" + support::identifier_list(columns) + ")";
  }

  const Tree& tree_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool takes_variables(Shape shape) {
  return shape == Shape::name || shape == Shape::names || shape == Shape::columns || shape == Shape::text ||
         shape == Shape::texts;
}

support::Span span_of(const Tree& tree, std::size_t first_token, std::size_t last_token) {
  const std::size_t size = tree.source->text().size();
  const std::size_t begin = first_token < tree.tokens.size() ? tree.tokens[first_token].begin : size;
  return {tree.source, begin, last_token > first_token ? tree.tokens[last_token - 1].end : begin};
}

PropertyValue property_value(const Tree& tree, const Branch& branch, Shape shape, Diagnostics& diagnostics) {
  PropertyValue result;
  result.value = Reading(tree, diagnostics).value(branch, shape);
  const Branch* part = shape == Shape::raw || shape == Shape::raw_item     ? first(branch, is_raw)
                       : shape == Shape::inside || shape == Shape::insides ? first(branch, is_parens)
                                                                           : nullptr;
  if (part == nullptr) part = &branch;
  result.span = span_of(tree, part->first, part->last);
  if (shape == Shape::inside && part->last > part->first + 1) {
    const std::string_view text = inside(tree, *part);
    if (!text.empty()) result.span.begin = static_cast<std::size_t>(text.data() - tree.source->text().data());
    if (!text.empty()) result.span.end = result.span.begin + text.size();
  }
  if (shape == Shape::trimmed) {
    // After the opening quote, since PostgreSQL's error positions count from the query's first character.
    const std::string& query = std::get<std::string>(result.value);
    const std::size_t at = result.span.text().find(query);
    if (!query.empty() && at != std::string_view::npos)
      result.span = {tree.source, result.span.begin + at, result.span.begin + at + query.size()};
  }
  result.replaceable = takes_variables(shape);
  return result;
}

}  // namespace lockstep::parser
