// Finds what the body of a routine refers to. libpg_query's plpgsql parser has no catalog, so it refuses assignments to fields
// of records. Such fields are noted and removed from a copy of the text until it parses.
#include <algorithm>
#include <cctype>

#include "parser/literals.h"
#include "parser/sql_parse.h"
#include "parser/sql_references.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using nlohmann::json;

constexpr std::size_t kLongest = 200000;      // bytes of a body that is parsed
constexpr std::size_t kMostOperators = 5000;  // libpg_query recurses: thousands of 1+1+1… would exhaust the stack
constexpr int kMostFields = 300;

// The trees of longer chains or deeper parentheses would exhaust the stack.
bool too_large(std::string_view text) {
  if (text.size() > kLongest) return true;
  const auto operators = std::count_if(
      text.begin(), text.end(), [](char c) { return std::string_view("+-*/|<>=(%&~^[").find(c) != std::string_view::npos; });
  return static_cast<std::size_t>(operators) > kMostOperators;
}

int lines_before(std::string_view text, std::size_t offset) {
  return static_cast<int>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size())), '\n'));
}

bool part_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Parses `"a.b" is not a known variable` → a, b.
std::optional<std::pair<std::string, std::string>> unknown_field(const std::string& message) {
  const std::size_t end = message.find("\" is not a known variable");
  if (end == std::string::npos || message.empty() || message[0] != '"') return std::nullopt;
  const std::string name = message.substr(1, end - 1);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  return std::pair(name.substr(0, dot), name.substr(dot + 1));
}

class PlpgsqlBody {
 public:
  PlpgsqlBody(const Body& body, BodyReferences& out) : body_(body), out_(out), text_(body.text) {}

  void run() {
    std::optional<json> tree;
    for (int fields = 0; !(tree = parse()).has_value(); ++fields) {
      const auto field = unknown_field(error_);
      if (!field || fields > kMostFields || !take_off(field->first, field->second)) return;
    }
    out_.parsed = true;
    for (const json& item : *tree) {
      const json& function = at(item, "PLpgSQL_function");
      variables(at(function, "datums"));
      visit({}, {}, at(function, "action"), 1);
      for (const json& datum : at(function, "datums")) cursor(at(datum, "PLpgSQL_var"));
    }
    for (Reference& reference : of_fields_) out_.references.push_back(std::move(reference));
  }

 private:
  std::optional<json> parse() {
    std::string text = (body_.result.empty() ? "CREATE PROCEDURE f(" : "CREATE FUNCTION f(") + body_.arguments + ")";
    if (!body_.result.empty()) text += " RETURNS " + body_.result;
    text += " LANGUAGE plpgsql AS " + support::dollar_quote(text_);
    return parse_plpgsql(text, error_);
  }

  // Removes the field from every a.b, in whatever case and with whatever space, and keeps the length, so that positions stay
  // valid.
  bool take_off(const std::string& variable, const std::string& field) {
    const std::string lower = lower_case(text_);
    bool any = false;
    for (auto at = lower.find(variable); at != std::string::npos; at = lower.find(variable, at + 1)) {
      if (at > 0 && (part_of_name(lower[at - 1]) || lower[at - 1] == '.')) continue;
      std::size_t dot = at + variable.size();
      if (dot < lower.size() && lower[dot] == '"') ++dot;
      while (dot < lower.size() && std::isspace(static_cast<unsigned char>(lower[dot])) != 0) ++dot;
      if (dot >= lower.size() || lower[dot] != '.') continue;
      std::size_t begin = dot + 1;
      while (begin < lower.size() && (std::isspace(static_cast<unsigned char>(lower[begin])) != 0 || lower[begin] == '"'))
        ++begin;
      if (lower.compare(begin, field.size(), lower_case(field)) != 0) continue;
      std::size_t end = begin + field.size();
      if (end < lower.size() && lower[end] == '"') ++end;
      if (end < lower.size() && part_of_name(lower[end])) continue;
      Reference reference;
      reference.what = Reference::What::column;
      reference.name = {field};
      reference.through = variable;
      reference.line = 1 + lines_before(text_, at);
      of_fields_.push_back(std::move(reference));
      for (std::size_t i = dot; i < end; ++i) {
        if (text_[i] != '\n') text_[i] = ' ';
      }
      any = true;
    }
    return any;
  }

  void variables(const json& datums) {
    for (const json& datum : datums) {
      for (const char* kind : {"PLpgSQL_var", "PLpgSQL_rec"}) {
        const json& variable = at(datum, kind);
        const std::string name = text_at(variable, "refname");
        if (name.empty()) continue;
        out_.variables.insert(name);
        const json& line = at(variable, "lineno");
        declared(name, text_at(at(at(variable, "datatype"), "PLpgSQL_type"), "typname"),
                 line.is_number_integer() ? line.get<int>() : 1);
      }
    }
  }

  static std::optional<Name> parsed_name(std::string text) {
    Name name;
    std::string part;
    bool quoted = false;
    text += '.';
    for (const char c : text) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '.' && !quoted) {
        if (part.empty()) return std::nullopt;
        name.push_back(std::exchange(part, {}));
      } else if (std::isspace(static_cast<unsigned char>(c)) == 0 || quoted) {
        part += quoted ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    return name;
  }

  void declared(const std::string& variable, const std::string& type, int line) {
    const std::string lower = lower_case(type);
    if (type.empty() || lower == "unknown" || lower == "record") return;
    Reference reference;
    reference.line = line;
    if (const auto row = lower.find("%rowtype"); row != std::string::npos) {
      const auto name = parsed_name(type.substr(0, row));
      if (!name) return;
      reference.what = Reference::What::relation;
      reference.name = *name;
      out_.rows[variable] = *name;
    } else if (const auto of_column = lower.find("%type"); of_column != std::string::npos) {
      auto name = parsed_name(type.substr(0, of_column));
      if (!name || name->size() < 2) return;
      reference.what = Reference::What::column;
      reference.name = {name->back()};
      name->pop_back();
      reference.of = {*name};
    } else {
      const auto name = parsed_name(type.substr(0, type.find_first_of("([")));
      if (!name) return;
      reference.what = Reference::What::type;
      reference.name = *name;
      out_.rows[variable] = *name;
    }
    out_.references.push_back(std::move(reference));
  }

  void cursor(const json& variable) {
    const std::string query = text_at(at(at(variable, "cursor_explicit_expr"), "PLpgSQL_expr"), "query");
    const json& line = at(variable, "lineno");
    if (!query.empty()) fill(text_at(variable, "refname"), text(query, line.is_number_integer() ? line.get<int>() : 1));
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the blocks of the body
  void visit(std::string_view statement, std::string_view key, const json& node, int line) {
    if (node.is_array()) {
      for (const json& item : node) visit(statement, key, item, line);
      return;
    }
    if (!node.is_object()) return;
    if (const json& expression = at(node, "PLpgSQL_expr"); expression.is_object()) {
      const bool runs = statement == "PLpgSQL_stmt_dynexecute" || statement == "PLpgSQL_stmt_dynfors" || key == "dynquery";
      const bool its_text = key == "query" || key == "dynquery";
      if (runs && its_text) return dynamic(text_at(expression, "query"), line);
      last_ = text(text_at(expression, "query"), line);
      return;
    }
    if (const json& own = at(node, "lineno"); own.is_number_integer()) line = own.get<int>();
    last_.clear();
    for (const auto& item : node.items()) {
      const bool nested = item.key().starts_with("PLpgSQL_");
      visit(nested ? std::string_view(item.key()) : statement, item.key(), item.value(), line);
      if (item.key() == "query" || item.key() == "sqlstmt") filled_by(node);
    }
  }

  // A record has the fields of the rows that a SELECT * assigned to it.
  void filled_by(const json& statement) {
    for (const char* key : {"target", "var"}) {
      for (const json& field : at(at(at(statement, key), "PLpgSQL_row"), "fields")) fill(text_at(field, "name"), last_);
      if (const std::string record = text_at(at(at(statement, key), "PLpgSQL_rec"), "refname"); !record.empty())
        fill(record, last_);
    }
  }

  void fill(const std::string& record, const std::vector<Name>& relations) {
    auto& all = out_.filled[record];
    all.insert(all.end(), relations.begin(), relations.end());
  }

  // A statement, an expression or an assignment. Returns the relations whose whole rows it produces.
  std::vector<Name> text(const std::string& query, int line) {
    std::vector<Name> whole;
    auto found = references_of_sql(query, line, out_.variables);
    if (!found) found = expression(query, line);
    if (!found) {
      assignment(query, line);
      return whole;
    }
    for (Reference& reference : *found) {
      if (reference.what == Reference::What::star) whole.insert(whole.end(), reference.of.begin(), reference.of.end());
      out_.references.push_back(std::move(reference));
    }
    return whole;
  }

  std::optional<std::vector<Reference>> expression(const std::string& query, int line) const {
    return references_of_sql("SELECT " + query, line, out_.variables);
  }

  void assignment(const std::string& query, int line) {
    std::size_t sign = query.find(":="), length = 2;
    if (sign == std::string::npos) sign = query.find('='), length = 1;
    if (sign == std::string::npos) return words(query, line);
    for (const std::string& side : {query.substr(0, sign), query.substr(sign + length)}) {
      auto found = expression(side, line);
      if (!found) {
        words(side, line);
        continue;
      }
      std::move(found->begin(), found->end(), std::back_inserter(out_.references));
    }
  }

  // PostgreSQL 15's grammar can't parse it; a newer one may.
  void words(const std::string& query, int line) {
    Reference reference;
    reference.what = Reference::What::dynamic;
    reference.name = {query};
    reference.certain = false;
    reference.line = line;
    out_.references.push_back(std::move(reference));
  }

  // What EXECUTE runs is known as far as it is in quotes here.
  void dynamic(const std::string& query, int line) {
    auto found = expression(query, line);
    if (!found) return words(query, line);
    for (Reference& reference : *found) {
      if (reference.what == Reference::What::literal) {
        reference.what = Reference::What::dynamic;
        reference.certain = false;
      }
      out_.references.push_back(std::move(reference));
    }
  }

  const Body& body_;
  BodyReferences& out_;
  std::string text_, error_;
  std::vector<Reference> of_fields_;
  std::vector<Name> last_;
};

}  // namespace

BodyReferences references_of(const Body& body) {
  BodyReferences out;
  if (too_large(body.text) || too_large(body.arguments)) return out;
  if (body.language == "plpgsql") {
    PlpgsqlBody(body, out).run();
  } else if (body.language == "sql") {
    if (auto found = references_of_sql(body.text, 1, {})) {
      out.parsed = true;
      out.references = std::move(*found);
    }
  }
  if (!out.parsed) out = {};
  return out;
}

}  // namespace lockstep::parser
