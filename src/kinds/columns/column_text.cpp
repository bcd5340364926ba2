#include "kinds/columns/column_text.h"

#include "support/sql_text.h"

namespace lockstep::kinds {

using support::quote_identifier;

bool is_inherited(const Object& column) {
  return column.get(Attr<bool>{"inherited"});
}

std::int64_t position(const Object& column) {
  return column.get(Attr<std::int64_t>{"position"});
}

std::string column_definition(const Object& column) {
  const auto text = [&](std::string_view name) { return column.get(Attr<std::string>{name}); };
  std::string sql = quote_identifier(column.id.path[2]) + " " + text("type");
  if (const auto compression = text("compression"); !compression.empty()) sql += " COMPRESSION " + compression;
  if (const auto collation = text("collation"); !collation.empty()) sql += " COLLATE " + collation;
  if (const auto generated = text("generated"); !generated.empty()) {
    sql += " GENERATED ALWAYS AS (" + generated + ")" + (column.get(Attr<bool>{"virtual"}) ? " VIRTUAL" : " STORED");
  }
  if (const auto identity = text("identity"); !identity.empty()) {
    sql += std::string(" GENERATED ") + (identity == "always" ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY";
    if (const auto options = text("identity_options"); !options.empty()) sql += " (" + options + ")";
  }
  if (column.get(Attr<bool>{"not_null"})) sql += " NOT NULL";
  return sql;
}

std::vector<std::string> column_settings(const Object& column) {
  const std::string alter = "ALTER COLUMN " + quote_identifier(column.id.path[2]) + " ";
  std::vector<std::string> settings;
  const auto storage = column.get(Attr<std::string>{"storage"});
  if (!storage.empty()) settings.push_back(alter + "SET STORAGE " + storage);
  constexpr Attr<std::int64_t> kStatistics{"statistics"};
  if (column.has(kStatistics)) settings.push_back(alter + "SET STATISTICS " + std::to_string(column.get(kStatistics)));
  const auto options = column.get(Attr<List>{"options"});
  if (!options.empty()) settings.push_back(alter + "SET (" + support::join(options, ", ") + ")");
  return settings;
}

std::string declared_settings(const Object& column) {
  const auto text = [&](std::string_view name) { return column.get(Attr<std::string>{name}); };
  constexpr Attr<std::int64_t> kStatistics{"statistics"};
  std::string out;
  if (const auto storage = text("storage"); !storage.empty()) out += " storage " + storage;
  if (const auto compression = text("compression"); !compression.empty()) out += " compression " + compression;
  if (column.has(kStatistics)) out += " statistics " + std::to_string(column.get(kStatistics));
  if (const auto options = column.get(Attr<List>{"options"}); !options.empty())
    out += " options (" + support::join(options, ", ") + ")";
  return out;
}

}  // namespace lockstep::kinds
