// Finds what one statement's parse tree refers to. Scopes are those of SELECT, INSERT, UPDATE, DELETE and MERGE.
#include "parser/sql_references.h"

#include <algorithm>

#include "parser/literals.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"

namespace lockstep::parser {
namespace {

using nlohmann::json;

struct Source {
  std::string alias;
  Name relation;            // empty: a subquery, a function, a WITH query
  std::vector<Name> stars;  // for a subquery or WITH query: the relations whose columns it all returns
};
using Scope = std::vector<Source>;

constexpr int kDeepest = 2000;  // levels of nested nodes; deeper ones are ignored

class Walker {
 public:
  Walker(std::string_view text, int line, const std::set<std::string>& variables)
      : text_(text), line_(line), variables_(variables) {}

  std::vector<Reference> run(const json& tree) {
    visit({}, tree);
    return std::move(found_);
  }

 private:
  static bool is_query(std::string_view key, const json& node) {
    return key == "SelectStmt" || key == "InsertStmt" || key == "UpdateStmt" || key == "DeleteStmt" || key == "MergeStmt" ||
           ((key == "larg" || key == "rarg") &&
            (node.contains("targetList") || node.contains("larg") || node.contains("valuesLists")));
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded
  void visit(std::string_view key, const json& node) {
    if (depth_ > kDeepest) return;
    ++depth_;
    if (node.is_array()) {
      for (const json& item : node) visit({}, item);
    } else if (node.is_object()) {
      if (is_query(key, node)) {
        query(key, node);
      } else {
        single(key, node);
      }
    }
    --depth_;
  }

  void children(const json& node) {
    for (const auto& item : node.items()) visit(item.key(), item.value());
  }

  void single(std::string_view key, const json& node) {
    if (node.contains("relname")) return relation(node);
    if (key == "ColumnRef") return column(node);
    if (key == "FuncCall" || key == "funccall") routine(node);
    if (key == "typeName" || key == "TypeName" || key == "returnType") type(node);
    if (key == "A_Const" && node.contains("sval")) return literal(node);
    if (key == "A_Indirection") field_of_expression(node);
    children(node);
  }

  int line_at(const json& node) const {
    const json& location = at(node, "location");
    const auto offset = location.is_number_integer() ? std::min(text_.size(), static_cast<std::size_t>(location.get<int>())) : 0;
    return line_ + static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
  }

  static Name name_of(const json& range) {
    Name name;
    if (const std::string schema = text_at(range, "schemaname"); !schema.empty()) name.push_back(schema);
    name.push_back(text_at(range, "relname"));
    return name;
  }

  Reference& add(Reference::What what, Name name, const json& node) {
    Reference reference;
    reference.what = what;
    reference.name = std::move(name);
    reference.line = line_at(node);
    found_.push_back(std::move(reference));
    return found_.back();
  }

  bool is_with(const Name& name) const { return name.size() == 1 && with_.contains(name[0]); }

  void relation(const json& range) {
    const Name name = name_of(range);
    if (!is_with(name)) add(Reference::What::relation, name, range);
  }

  // The items of FROM, with their aliases.
  void sources(const json& node, Scope& scope) {
    if (node.is_array()) {
      for (const json& item : node) sources(item, scope);
      return;
    }
    if (!node.is_object()) return;
    if (node.contains("relname")) return source(node, scope);
    if (const json& range = at(node, "RangeVar"); range.is_object()) return source(range, scope);
    if (const json& join = at(node, "JoinExpr"); join.is_object()) {
      if (const std::string alias = text_at(at(join, "alias"), "aliasname"); !alias.empty()) scope.push_back({alias, {}, {}});
      sources(at(join, "larg"), scope);
      sources(at(join, "rarg"), scope);
      return;
    }
    if (const json& query = at(node, "RangeSubselect"); query.is_object()) {
      scope.push_back({text_at(at(query, "alias"), "aliasname"), {}, stars_of(at(query, "subquery"), 0)});
      return;
    }
    for (const char* other : {"RangeFunction", "RangeTableFunc", "RangeTableSample"}) {
      const json& inner = at(node, other);
      if (!inner.is_object()) continue;
      if (std::string_view(other) == "RangeTableSample") return sources(at(inner, "relation"), scope);
      scope.push_back({text_at(at(inner, "alias"), "aliasname"), {}, {}});
    }
  }

  void source(const json& range, Scope& scope) {
    Name name = name_of(range);
    std::string alias = text_at(at(range, "alias"), "aliasname");
    if (alias.empty()) alias = name.back();
    std::vector<Name> stars;
    if (is_with(name)) {
      stars = with_.at(name[0]);
      name.clear();
    }
    scope.push_back({alias, std::move(name), std::move(stars)});
  }

  // The relations whose columns a query returns by `*`, directly or through another query. NOLINTNEXTLINE(misc-no-recursion):
  // bounded
  std::vector<Name> stars_of(const json& node, int depth) {
    const json& inner = at(node, "SelectStmt");
    const json& select = inner.is_object() ? inner : node;
    std::vector<Name> found;
    if (!select.is_object() || depth > kDeepest) return found;
    for (const char* side : {"larg", "rarg"}) {
      for (Name& name : stars_of(at(select, side), depth + 1)) found.push_back(std::move(name));
    }
    Scope scope;
    sources(at(select, "fromClause"), scope);
    for (const json& item : at(select, "targetList")) {
      Name names;
      bool star = false;
      for (const json& field : at(at(at(at(item, "ResTarget"), "val"), "ColumnRef"), "fields")) {
        if (field.contains("A_Star")) star = true;
        if (const std::string name = string_of(field); !name.empty()) names.push_back(name);
      }
      if (!star) continue;
      for (const Source& source : scope) {
        if (!names.empty() && source.alias != names.back()) continue;
        if (!source.relation.empty()) found.push_back(source.relation);
        found.insert(found.end(), source.stars.begin(), source.stars.end());
      }
    }
    return found;
  }

  void query(std::string_view key, const json& node) {
    const auto outer_with = with_;
    for (const json& item : at(at(node, "withClause"), "ctes")) {
      const json& query = at(item, "CommonTableExpr");
      with_[text_at(query, "ctename")] = stars_of(at(query, "ctequery"), 0);
    }
    Scope scope;
    const json& target = at(node, "relation");
    if (target.is_object()) source(target, scope);
    for (const char* more : {"fromClause", "usingClause", "sourceRelation"}) sources(at(node, more), scope);
    if (key == "InsertStmt" && !scope.empty()) {
      insert(node, scope.front());
      if (node.contains("onConflictClause")) scope.push_back({"excluded", scope.front().relation, {}});
    }
    if (key == "UpdateStmt" && !scope.empty()) targets(at(node, "targetList"), scope.front());
    for (const json& when : at(node, "mergeWhenClauses")) {
      if (!scope.empty()) targets(at(at(when, "MergeWhenClause"), "targetList"), scope.front());
    }
    scopes_.push_back(std::move(scope));
    children(node);
    scopes_.pop_back();
    with_ = outer_with;
  }

  void targets(const json& list, const Source& target) {
    for (const json& item : list) {
      const json& result = at(item, "ResTarget");
      if (const std::string name = text_at(result, "name"); !name.empty() && !target.relation.empty())
        add(Reference::What::column, {name}, result).of = {target.relation};
    }
  }

  void insert(const json& node, const Source& target) {
    if (target.relation.empty()) return;
    targets(at(node, "cols"), target);
    const json& conflict = at(node, "onConflictClause");
    targets(at(conflict, "targetList"), target);
    for (const json& item : at(at(conflict, "infer"), "indexElems")) {
      if (const std::string name = text_at(at(item, "IndexElem"), "name"); !name.empty())
        add(Reference::What::column, {name}, at(conflict, "infer")).of = {target.relation};
    }
    if (!node.contains("cols") && node.contains("selectStmt"))
      add(Reference::What::positions, {}, at(node, "relation")).of = {target.relation};
  }

  void column(const json& node) {
    Name names;
    bool star = false;
    for (const json& field : at(node, "fields")) {
      if (field.contains("A_Star")) star = true;
      if (const std::string name = string_of(field); !name.empty()) names.push_back(name);
    }
    if (star) return stars(names, node);
    if (names.size() == 1) return unqualified(names[0], node);
    if (names.size() == 2) return qualified(names[0], names[1], node);
    if (names.size() == 3) {  // schema.table.column, or a field of a variable's field
      Reference& reference = add(Reference::What::column, {names[2]}, node);
      reference.of = {{names[0], names[1]}};
      if (variables_.contains(names[0])) reference.certain = false;
    }
  }

  void unqualified(const std::string& name, const json& node) {
    Reference reference;
    bool relations = false;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      for (const Source& source : *scope) {
        if (!source.relation.empty()) {
          reference.of.push_back(source.relation);
        } else if (!source.stars.empty()) {
          reference.of.insert(reference.of.end(), source.stars.begin(), source.stars.end());
          reference.certain = false;
        } else if (!relations) {  // an outer query's relation counts only if no inner relation has such a column
          reference.certain = false;
        }
      }
      relations = relations || !reference.of.empty();
    }
    if (!relations) return;
    if (variables_.contains(name)) reference.certain = false;
    Reference& added = add(Reference::What::column, {name}, node);
    added.of = std::move(reference.of);
    added.certain = reference.certain;
  }

  void qualified(const std::string& alias, const std::string& name, const json& node) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      for (const Source& source : *scope) {
        if (source.alias != alias) continue;
        if (!source.relation.empty()) {
          add(Reference::What::column, {name}, node).of = {source.relation};
        } else if (!source.stars.empty()) {
          Reference& reference = add(Reference::What::column, {name}, node);
          reference.of = source.stars;
          reference.certain = false;
        }
        return;
      }
    }
    add(Reference::What::column, {name}, node).through = alias;
  }

  void stars(const Name& names, const json& node) {
    if (scopes_.empty()) return;
    Reference& reference = add(Reference::What::star, {}, node);
    for (const Source& source : scopes_.back()) {
      if (!source.relation.empty() && (names.empty() || source.alias == names.back())) reference.of.push_back(source.relation);
    }
  }

  // (f(x)).total: the type is unknown.
  void field_of_expression(const json& node) {
    for (const json& item : at(node, "indirection")) {
      const std::string name = string_of(item);
      if (!name.empty()) add(Reference::What::column, {name}, node).certain = false;
    }
  }

  void routine(const json& node) {
    Name name = strings_of(at(node, "funcname"));
    if (name.empty()) return;
    const json& arguments = at(node, "args");
    add(Reference::What::routine, std::move(name), node).arguments = static_cast<int>(arguments.size());
  }

  void type(const json& node) {
    Name name = strings_of(at(node, "names"));
    if (name.empty() || name.front() == "pg_catalog") return;
    if (true_at(node, "pct_type") && name.size() > 1) {
      const std::string field = name.back();
      name.pop_back();
      add(Reference::What::column, {field}, node).of = {name};
      return;
    }
    add(Reference::What::type, std::move(name), node);
  }

  void literal(const json& node) {
    const json& value = at(node, "sval");
    const std::string text = value.is_object() ? text_at(value, "sval") : "";
    if (!text.empty()) add(Reference::What::literal, {text}, node);
  }

  std::string_view text_;
  int line_;
  const std::set<std::string>& variables_;
  std::vector<Scope> scopes_;
  std::map<std::string, std::vector<Name>> with_;  // WITH queries by name, with the relations of Source::stars
  std::vector<Reference> found_;
  int depth_ = 0;
};

}  // namespace

std::optional<std::vector<Reference>> references_of_sql(std::string_view text, int line, const std::set<std::string>& variables) {
  std::optional<SqlError> error;
  std::vector<Reference> found;
  const auto pieces = split_sql(text, error);
  if (error || (pieces.empty() && skip_blank(text, 0) < text.size())) return std::nullopt;
  for (const SqlPiece& piece : pieces) {
    if (piece.tree.is_null()) return std::nullopt;
    const int begins =
        line + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(piece.begin), '\n'));
    auto more = Walker(text.substr(piece.begin, piece.end - piece.begin), begins, variables).run(piece.tree);
    std::move(more.begin(), more.end(), std::back_inserter(found));
  }
  return found;
}

std::vector<int> lines_with_word(std::string_view text, std::string_view word) {
  const auto part = [](char c) {
    return (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '_' || c == '$' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  const std::string lower = lower_case(text), wanted = lower_case(word);
  std::vector<int> lines;
  if (wanted.empty()) return lines;
  int line = 1;
  std::size_t counted = 0;
  for (auto at = lower.find(wanted); at != std::string::npos; at = lower.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if ((at > 0 && part(lower[at - 1])) || (end < lower.size() && part(lower[end]))) continue;
    line += static_cast<int>(
        std::count(lower.begin() + static_cast<std::ptrdiff_t>(counted), lower.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted = at;
    if (lines.empty() || lines.back() != line) lines.push_back(line);
  }
  return lines;
}

}  // namespace lockstep::parser
