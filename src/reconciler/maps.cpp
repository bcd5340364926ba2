#include "reconciler/maps.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/mapped.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

using catalog::MappedValue;
using support::quote_literal;

bool has(const catalog::List& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::string in_words(std::int64_t rows) {
  return rows == 0 ? "no row" : rows == 1 ? "1 row" : std::to_string(rows) + " rows";
}

// One text a value: "12 rows".
std::vector<std::string> counted_rows(postgres::Session& target, const std::string& query, std::size_t values) {
  std::vector<std::string> counts;
  try {
    postgres::Transaction transaction(target, support::Sql("BEGIN READ ONLY"));
    target.execute("SET LOCAL statement_timeout = 0");
    const auto row = target.declared_single(support::DeclaredSql(query));
    for (std::size_t i = 0; i < values; ++i) counts.push_back(in_words(row.integer(0, i)));
    transaction.commit();
  } catch (const support::DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    counts.assign(values, "rows not counted: " + error.facts().message);
  }
  return counts;
}

}  // namespace

void require_known_maps(const parser::Declared& declared, const catalog::Catalog& live,
                        const std::vector<planner::Rename>& renames, support::Diagnostics& diagnostics) {
  for (const auto& [id, intent] : declared.intents) {
    const catalog::Object* enum_type = intent.map.empty() ? nullptr : live.find(planner::name_before(id, renames));
    if (enum_type == nullptr) continue;
    const catalog::List values = enum_type->get(keys::kValues);
    for (const MappedValue& map : intent.map) {
      if (has(values, map.from) || has(values, map.to)) continue;
      const std::string near = support::nearest(map.from, values);
      diagnostics.error("LS0308",
                        catalog::to_string(id) + ": " + quote_literal(map.from) + " is mapped to " + quote_literal(map.to) +
                            ", and the enum of the database has neither",
                        intent.span, near.empty() ? "take the map out" : "did you mean map " + quote_literal(near) + "?");
    }
  }
}

void add_mapped(catalog::Intents& intents, const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                const catalog::Catalog& desired, postgres::Session& target, CountedRows& counted) {
  for (kinds::MappedColumn& column : kinds::mapped_columns(changes, live, desired, intents)) {
    auto found = counted.find(column.count);
    if (found == counted.end())
      found = counted.emplace(column.count, counted_rows(target, column.count, column.maps.size())).first;
    kinds::convert_by_map(intents, std::move(column), found->second);
  }
}

}  // namespace lockstep::reconciler
