#include "elaborator/fill_probe.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "catalog/keys.h"
#include "elaborator/conversion_probe.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {
namespace {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using nlohmann::json;
using support::quote_identifier;

// Functions and operators of PostgreSQL that give NULL for arguments that are not.
constexpr std::array<std::string_view, 20> kMayFindNothing{"->",
                                                           "->>",
                                                           "#>",
                                                           "#>>",
                                                           "substring",
                                                           "regexp_match",
                                                           "regexp_substr",
                                                           "array_position",
                                                           "array_length",
                                                           "array_lower",
                                                           "array_upper",
                                                           "array_dims",
                                                           "current_setting",
                                                           "to_regclass",
                                                           "to_regtype",
                                                           "to_regproc",
                                                           "json_extract_path",
                                                           "json_extract_path_text",
                                                           "jsonb_extract_path",
                                                           "jsonb_extract_path_text"};

// Aggregates of PostgreSQL that give NULL over no row. A query with one of them, or with count(), and without GROUP BY has one
// row.
constexpr std::array<std::string_view, 10> kAggregates{"sum",        "min",      "max",       "avg",      "array_agg",
                                                       "string_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or"};

// Functions of PostgreSQL that give a value whatever their arguments are.
constexpr std::array<std::string_view, 8> kNeverNull{
    "concat",           "num_nulls",          "num_nonnulls",      "quote_nullable",
    "json_build_array", "jsonb_build_object", "jsonb_build_array", "json_build_object"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string called(const json& call) {
  const auto names = parser::strings_of(parser::at(call, "funcname"));
  return names.empty() ? std::string() : names.back();
}

// A function or operator that isn't PostgreSQL's own has its schema before its name.
bool is_foreign(const std::vector<std::string>& names) {
  return names.size() > 1 && names.front() != "pg_catalog";
}

// Whether it calls an aggregate, not counting those of subqueries.
bool aggregates(const json& node) {
  if (!node.is_structured() || node.contains("SubLink")) return false;
  if (node.contains("FuncCall")) {
    const json& call = parser::at(node, "FuncCall");
    const std::string name = called(call);
    if (parser::at(call, "over").is_null() && (name == "count" || is_one_of(kAggregates, name))) return true;
  }
  return std::any_of(node.begin(), node.end(), [](const json& below) { return aggregates(below); });
}

enum class Null { never, perhaps, likely };

// What the parse tree says of an expression. `perhaps`: PostgreSQL can be asked with NULL in columns that may have it.
class Reader {
 public:
  explicit Reader(const std::map<std::string, bool>& nullable) : nullable_(nullable) {}

  Null read(const json& node) {
    if (!node.is_object() || node.empty()) return Null::never;
    const std::string& name = node.begin().key();
    const json& inner = node.begin().value();
    if (name == "A_Const") return parser::true_at(inner, "isnull") ? Null::perhaps : Null::never;
    if (name == "ColumnRef") return column(inner);
    if (name == "TypeCast" || name == "CollateClause") return read(parser::at(inner, "arg"));
    if (name == "CoalesceExpr" || name == "MinMaxExpr") return least(parser::at(inner, "args"));
    if (name == "CaseExpr") return of_case(inner);
    if (name == "NullTest" || name == "BooleanTest" || name == "SQLValueFunction" || name == "A_ArrayExpr" || name == "RowExpr")
      return Null::never;
    if (name == "SubLink") return of_subquery(inner);
    if (name == "A_Indirection") return Null::likely;
    return of_call(name, inner);
  }

  const std::set<std::string>& columns() const { return columns_; }  // that may have NULL

 private:
  Null column(const json& reference) {
    const auto names = parser::strings_of(parser::at(reference, "fields"));
    const auto found = names.empty() ? nullable_.end() : nullable_.find(names.back());
    if (found == nullable_.end()) return Null::likely;
    if (found->second) columns_.insert(found->first);
    return found->second ? Null::perhaps : Null::never;
  }

  // One that has a value is enough.
  Null least(const json& arguments) {
    Null result = Null::never;
    for (const json& one : arguments) {
      const Null here = read(one);
      if (here == Null::never) return here;
      result = std::max(result, here);
    }
    return result;
  }

  // IN, = ANY, <> ALL: which element is met depends on the row, and the elements of a stored array may be NULL.
  Null of_elements(const json& list) {
    if (!list.is_object() || list.empty()) return Null::likely;
    const std::string& name = list.begin().key();
    const json& inner = list.begin().value();
    if (name == "TypeCast") return of_elements(parser::at(inner, "arg"));
    if (name != "List" && name != "A_ArrayExpr") return Null::likely;
    const json& items = parser::at(inner, name == "List" ? "items" : "elements");
    const bool never = std::all_of(items.begin(), items.end(), [&](const json& item) { return read(item) == Null::never; });
    return never ? Null::never : Null::likely;
  }

  // Which branch it is depends on the row.
  Null of_case(const json& inner) {
    const auto branch = [&](const json& node) { return read(node) == Null::never ? Null::never : Null::likely; };
    Null result = parser::at(inner, "defresult").is_null() ? Null::likely : branch(parser::at(inner, "defresult"));
    for (const json& when : parser::at(inner, "args"))
      result = std::max(result, branch(parser::at(parser::at(when, "CaseWhen"), "result")));
    return result;
  }

  // It has no row, and so no value, where it filters or reads a table and doesn't aggregate.
  Null of_subquery(const json& inner) {
    const std::string kind = parser::text_at(inner, "subLinkType");
    if (kind == "EXISTS_SUBLINK" || kind == "ARRAY_SUBLINK") return Null::never;
    const json& select = parser::at(parser::at(inner, "subselect"), "SelectStmt");
    const json& targets = parser::at(select, "targetList");
    const auto none = [&](auto... keys) { return (parser::at(select, keys).is_null() && ...); };
    if (kind != "EXPR_SUBLINK" || targets.size() != 1 || !none("groupClause", "havingClause", "limitCount", "limitOffset"))
      return Null::likely;
    const json& value = parser::at(parser::at(targets.front(), "ResTarget"), "val");
    return none("fromClause", "whereClause") || aggregates(value) ? read(value) : Null::likely;
  }

  Null of_call(const std::string& kind, const json& inner) {
    const bool call = kind == "FuncCall";
    const auto names = parser::strings_of(parser::at(inner, call ? "funcname" : "name"));
    const std::string name = names.empty() ? std::string() : names.back();
    const std::string how = parser::text_at(inner, "kind");
    if (how == "AEXPR_DISTINCT" || how == "AEXPR_NOT_DISTINCT") return Null::never;
    if (how == "AEXPR_NULLIF" || is_foreign(names)) return Null::likely;
    if (call && (name == "count" || (is_one_of(kNeverNull, name) && !parser::true_at(inner, "func_variadic"))))
      return Null::never;
    if (is_one_of(kMayFindNothing, name) || (call && is_one_of(kAggregates, name))) return Null::likely;
    if (how == "AEXPR_IN" || how == "AEXPR_OP_ANY" || how == "AEXPR_OP_ALL")
      return std::max(read(parser::at(inner, "lexpr")), of_elements(parser::at(inner, "rexpr")));
    return read_all(inner);
  }

  Null read_all(const json& inner) {
    Null worst = Null::never;
    const auto look = [&](const json& part, const auto& self) -> void {
      if (part.is_object() && part.size() == 1 && std::isupper(static_cast<unsigned char>(part.begin().key().front())) != 0 &&
          part.begin().key() != "List") {
        worst = std::max(worst, read(part));
        return;
      }
      if (part.is_structured())
        for (const json& below : part) self(below, self);
    };
    for (const char* key : {"args", "lexpr", "rexpr", "arg", "named_args", "xpr"}) look(parser::at(inner, key), look);
    return worst;
  }

  const std::map<std::string, bool>& nullable_;
  std::set<std::string> columns_;
};

class FillReader {
 public:
  FillReader(Copy& copy, const ObjectId& column, const std::string& expression, const std::vector<std::string>& path,
             const Catalog& live, const Catalog& desired)
      : session_(copy.scratch->session()),
        column_(column),
        table_(recipes::relation_of(column)),
        type_(desired.find(column)->get(keys::kType)),
        value_("((" + expression + ")::" + type_ + ")"),
        expression_(expression),
        path_(path),
        live_(live) {
    for (const Catalog* side : {&desired, &live}) {  // what is there already counts as it is
      const auto index = side->index_of(table_);
      if (!index) continue;
      for (const auto child : side->children(*index)) {
        const Object& part = side->at(child);
        if (!part.id.is(*recipes::kColumn) || part.id == column) continue;
        const bool fresh = !live.contains(part.id);
        // Before a row is stored a generated column has no value, and one that the old version doesn't know may have none.
        nullable_[part.id.path[2]] = fresh || part.has(keys::kGenerated) || !part.get(keys::kNotNull);
        types_[part.id.path[2]] = part.get(keys::kType);
      }
    }
    if (const Object* own = live.find(column)) {  // a row that has a value keeps it
      nullable_[column.path[2]] = true;
      types_[column.path[2]] = own->get(keys::kType);
    }
  }

  FillProbe run() {
    FillProbe result;
    std::optional<parser::SqlError> error;
    const auto pieces = parser::split_sql("SELECT " + expression_, error);
    if (error || pieces.size() != 1 || pieces.front().tree.is_null()) return {.can_be_null = true};
    const json& targets = parser::at(parser::at(pieces.front().tree, "SelectStmt"), "targetList");
    if (!targets.is_array() || targets.empty()) return {.can_be_null = true};
    Reader reader(nullable_);
    const Null says = reader.read(parser::at(parser::at(targets.front(), "ResTarget"), "val"));
    if (says == Null::likely) result = {.can_be_null = true, .columns = {reader.columns().begin(), reader.columns().end()}};
    if (says == Null::perhaps) evaluate(reader.columns(), result);
    result.can_be_asked = can_be_asked();
    return result;
  }

 private:
  // Absent: PostgreSQL refuses to evaluate it over such a row.
  std::optional<bool> is_null(const std::set<std::string>& without) {
    std::vector<std::string> columns;
    for (const auto& [name, type] : types_) {
      const auto sample = without.contains(name) ? std::optional<std::string>("NULL") : sample_of(type);
      columns.push_back(sample.value_or("NULL") + "::" + type + " AS " + quote_identifier(name));
    }
    return truth("SELECT " + recipes::is_null(value_, type_) + " FROM (SELECT " + support::join(columns, ", ") + ") AS " +
                 quote_identifier(table_.path[1]));
  }

  void evaluate(const std::set<std::string>& used, FillProbe& result) {
    const auto whole = is_null({});
    for (const std::string& one : used) {
      const auto null = is_null({one});
      if (null && !*null) continue;
      result.can_be_null = true;
      result.columns.push_back(one);
    }
    if (!result.columns.empty()) return;
    const auto none = used.size() > 1 ? is_null(used) : whole;
    result.can_be_null = whole.value_or(true) || none.value_or(true);
    if (result.can_be_null) result.columns.assign(used.begin(), used.end());
  }

  // Some value of the type, as text; absent: none was found.
  std::optional<std::string> sample_of(const std::string& type) {
    const auto known = samples_.find(type);
    if (known != samples_.end()) return known->second;
    constexpr std::array<std::string_view, 14> kTexts{"1",
                                                      "a",
                                                      "t",
                                                      "2020-01-01",
                                                      "08:00",
                                                      "1 day",
                                                      "{}",
                                                      "[]",
                                                      "[1,2)",
                                                      "127.0.0.1",
                                                      "00000000-0000-0000-0000-000000000001",
                                                      "(1,1)",
                                                      "(1)",
                                                      "<a/>"};
    auto& found = samples_[type];
    for (const std::string_view text : kTexts) {
      const std::string literal = support::quote_literal(std::string(text));
      if (!truth("SELECT (" + literal + "::" + type + ") IS DISTINCT FROM NULL")) continue;
      found = literal;
      return found;
    }
    if (truth("SELECT pg_catalog.enum_first(NULL::" + type + ") IS DISTINCT FROM NULL"))
      found = "pg_catalog.enum_first(NULL::" + type + ")";
    return found;
  }

  std::optional<bool> truth(const std::string& query) {
    try {
      const postgres::Transaction undone(session_);
      return session_.declared_single(support::DeclaredSql(query, path_)).boolean(0, 0);
    } catch (const support::DatabaseError& refused) {
      if (refused.facts().connection_lost) throw;
      return std::nullopt;
    }
  }

  bool can_be_asked() {
    const std::string rows = " FROM " + support::qualified(table_.path);
    if (!live_.contains(table_) || !truth("SELECT count(" + value_ + ") = 0" + rows)) return false;
    return !computes_what_is_volatile(session_, value_, rows, path_);
  }

  postgres::Session& session_;
  const ObjectId& column_;
  const ObjectId table_;
  const std::string type_, value_;
  const std::string& expression_;
  const std::vector<std::string>& path_;
  const Catalog& live_;
  std::map<std::string, bool> nullable_;
  std::map<std::string, std::string> types_;
  std::map<std::string, std::optional<std::string>> samples_;
};

}  // namespace

FillProbe probe_fill(Copy& copy, const ObjectId& column, const std::string& expression, const std::vector<std::string>& path,
                     const Catalog& live, const Catalog& desired) {
  return FillReader(copy, column, expression, path, live, desired).run();
}

}  // namespace lockstep::elaborator
