#include "kinds/columns/column_text.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using support::quote_identifier;

bool is_inherited(const Object& column) {
  return column.get(keys::kInherited);
}

bool is_said_elsewhere(const Change& change) {
  return change.id.is(kColumn.tag) && change.what == Change::What::set &&
         std::any_of(change.attributes.begin(), change.attributes.end(), [](const auto& item) {
           return item.attribute == keys::kType.name && catalog::is_absent(item.from) != catalog::is_absent(item.to);
         });
}

std::string said_where(const Change& change) {
  const bool own = std::any_of(change.attributes.begin(), change.attributes.end(), [](const auto& item) {
    return item.attribute == keys::kType.name && catalog::is_absent(item.from);
  });
  return own ? "its table's own from now on" : "inherited from now on";
}

std::int64_t position(const Object& column) {
  return column.get(keys::kPosition);
}

std::string column_definition(const Object& column) {
  std::string sql = quote_identifier(column.id.path[2]) + " " + column.get(keys::kType);
  if (const auto compression = column.get(keys::kCompression); !compression.empty()) sql += " COMPRESSION " + compression;
  if (const auto collation = column.get(keys::kCollation); !collation.empty()) sql += " COLLATE " + collation;
  if (const auto generated = column.get(keys::kGenerated); !generated.empty()) {
    sql += " GENERATED ALWAYS AS (" + generated + ")" + (column.get(keys::kVirtual) ? " VIRTUAL" : " STORED");
  }
  if (const auto identity = column.get(keys::kIdentity); !identity.empty()) {
    sql += std::string(" GENERATED ") + (identity == "always" ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY";
    if (const auto options = column.get(keys::kIdentityOptions); !options.empty()) sql += " (" + options + ")";
  }
  if (column.get(keys::kNotNull)) sql += " NOT NULL";
  return sql;
}

std::vector<std::string> column_settings(const Object& column) {
  const std::string alter = "ALTER COLUMN " + quote_identifier(column.id.path[2]) + " ";
  std::vector<std::string> settings;
  const auto storage = column.get(keys::kStorage);
  if (!storage.empty()) settings.push_back(alter + "SET STORAGE " + storage);
  if (column.has(keys::kStatistics))
    settings.push_back(alter + "SET STATISTICS " + std::to_string(column.get(keys::kStatistics)));
  const auto options = column.get(keys::kOptions);
  if (!options.empty()) settings.push_back(alter + "SET (" + support::join(options, ", ") + ")");
  return settings;
}

std::string declared_settings(const Object& column) {
  std::string out;
  if (const auto storage = column.get(keys::kStorage); !storage.empty()) out += " storage " + storage;
  if (const auto compression = column.get(keys::kCompression); !compression.empty()) out += " compression " + compression;
  if (column.has(keys::kStatistics)) out += " statistics " + std::to_string(column.get(keys::kStatistics));
  if (const auto options = column.get(keys::kOptions); !options.empty()) out += " options (" + support::join(options, ", ") + ")";
  return out;
}

}  // namespace lockstep::kinds
