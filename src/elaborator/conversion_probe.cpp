#include "elaborator/conversion_probe.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/registry.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "session/text_settings.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {
namespace {

using catalog::Object;
using nlohmann::json;
using recipes::Succession;
using support::quote_identifier;

// Stable functions that don't give the same in the next transaction, or in another session.
constexpr std::array<std::string_view, 13> kOfTheMoment = {"now",
                                                           "transaction_timestamp",
                                                           "statement_timestamp",
                                                           "age",
                                                           "current_setting",
                                                           "current_schema",
                                                           "current_schemas",
                                                           "txid_current",
                                                           "pg_current_xact_id",
                                                           "pg_backend_pid",
                                                           "current_query",
                                                           "getpgusername",
                                                           "pg_trigger_depth"};

bool is_of_the_moment(const json& node) {
  if (!node.is_structured()) return false;
  if (!parser::at(node, "SQLValueFunction").is_null()) return true;  // CURRENT_DATE, CURRENT_USER …
  if (const json& call = parser::at(node, "FuncCall"); !call.is_null()) {
    const auto name = parser::strings_of(parser::at(call, "funcname"));
    const bool listed = !name.empty() && std::find(kOfTheMoment.begin(), kOfTheMoment.end(), name.back()) != kOfTheMoment.end();
    if (listed && (name.back() != "age" || parser::at(call, "args").size() == 1)) return true;
  }
  return std::any_of(node.begin(), node.end(), is_of_the_moment);
}

// The row has more columns once the successors are added. PostgreSQL prints it as t.*, however it was written.
bool reads_whole_row(const json& node) {
  if (!node.is_structured()) return false;
  return !parser::at(node, "A_Star").is_null() || std::any_of(node.begin(), node.end(), reads_whole_row);
}

class Probe {
 public:
  Probe(Copy& copy, const Succession::Column& column, const std::vector<std::string>& path, const kinds::Context& context)
      : session_(copy.scratch->session()),
        column_(column),
        path_(path),
        context_(context),
        to_(*context.to.find(column.id)),
        value_(recipes::conversion_of(to_, context).value) {}

  std::string obstacle() {
    std::optional<parser::SqlError> error;
    const auto pieces = parser::split_sql("SELECT " + value_, error);
    const std::string what = "the conversion of " + catalog::to_string(column_.id);
    if (error || pieces.size() != 1 || pieces.front().tree.is_null()) return what + " can't be read";
    if (reads_whole_row(pieces.front().tree)) return what + " reads the whole row";
    if (is_of_the_moment(pieces.front().tree)) return what + " gives something else in another session or later";
    try {
      const postgres::Transaction undone(session_);
      make_types();
      if (is_volatile()) return what + " is volatile";
    } catch (const support::DatabaseError& refused) {
      if (refused.facts().connection_lost) throw;
      return what + " can't be computed from a row alone (" + refused.facts().message + ")";
    }
    return {};
  }

  // A stored generated column may only be computed by what is immutable.
  bool is_immutable() {
    try {
      const postgres::Transaction undone(session_);
      make_types();
      run("ALTER TABLE " + recipes::relation_name(column_.id) + " ADD COLUMN lockstep_value " + to_.get(keys::kType) +
          " GENERATED ALWAYS AS (" + value_ + ") STORED");
      return true;
    } catch (const support::DatabaseError& refused) {
      if (refused.facts().connection_lost) throw;
      return false;
    }
  }

 private:
  postgres::Result run(const std::string& statement) { return session_.declared_single(support::DeclaredSql(statement, path_)); }

  // Those of the column that the plan creates.
  void make_types() {
    for (const auto& edge : context_.to.edges_from(*context_.to.index_of(column_.id))) {
      const Object& used = context_.to.at(edge.referenced);
      if (!context_.is_new(used.id)) continue;
      for (const auto& step : kinds::of(used.id).create(used, context_)) {
        for (const auto& statement : step.sql) run(statement);
      }
    }
  }

  // The values as the trigger sees them: generated columns aren't computed yet.
  bool is_volatile() {
    const catalog::Catalog& live = context_.from;
    const auto table = recipes::relation_of(column_.id);
    std::vector<std::string> columns;
    for (const auto child : live.children(*live.index_of(table))) {
      const Object& part = live.at(child);
      if (part.id.is(*column_.id.kind) && !part.has(keys::kGenerated)) columns.push_back(quote_identifier(part.id.path[2]));
    }
    return computes_what_is_volatile(session_, value_,
                                     " FROM (SELECT " + support::join(columns, ", ") + " FROM " + support::qualified(table.path) +
                                         ") AS " + quote_identifier(table.path[1]),
                                     path_);
  }

  postgres::Session& session_;
  const Succession::Column& column_;
  const std::vector<std::string>& path_;
  const kinds::Context& context_;
  const Object& to_;
  const std::string value_;
};

}  // namespace

// PostgreSQL keeps such a subquery apart only if it computes something volatile, whose results would be two.
bool computes_what_is_volatile(postgres::Session& session, const std::string& value, const std::string& rows,
                               const std::vector<std::string>& path) {
  const auto plan = session.declared_single(
      support::DeclaredSql("EXPLAIN (COSTS OFF) SELECT lockstep_row.v, lockstep_row.v AS again FROM (SELECT " + value + " AS v" +
                               rows + ") AS lockstep_row",
                           path));
  for (std::size_t row = 0; row < plan.size(); ++row) {
    if (plan.text(row, 0).find("Subquery Scan on lockstep_row") != std::string::npos) return true;
  }
  return false;
}

std::string probe_conversion(Copy& copy, Succession::Column& column, const std::vector<std::string>& path,
                             const kinds::Context& context) {
  Probe probe(copy, column, path, context);
  std::string why = probe.obstacle();
  if (!why.empty() || probe.is_immutable()) return why;
  for (const auto& [name, value] : postgres::own_text_settings(copy.scratch->session())) {
    // Setting it makes PostgreSQL read a file, for each row that is written. Where it matters the comparison before the swap
    // stops.
    if (name != "timezone_abbreviations") column.settings.push_back(name);
  }
  return {};
}

}  // namespace lockstep::elaborator
