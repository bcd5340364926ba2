#include "recipes/identity.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

namespace {

struct Option {
  std::string_view words;  // as PostgreSQL and the introspection query write it
  std::string_view unset;  // the clause that restores the default
};
constexpr std::array<Option, 5> kOptionWords = {{{"START WITH", "SET START WITH 1"},
                                                 {"INCREMENT BY", "SET INCREMENT BY 1"},
                                                 {"MINVALUE", "SET NO MINVALUE"},
                                                 {"MAXVALUE", "SET NO MAXVALUE"},
                                                 {"CACHE", "SET CACHE 1"}}};
constexpr std::string_view kCycle = "CYCLE";

using Options = std::map<std::string_view, std::string>;

// {"START WITH 5", "CYCLE"} → {START WITH: 5}.
Options options_of(const Object& column) {
  Options found;
  for (const std::string& item : column.get(kIdentityNumbering)) {
    for (const auto& option : kOptionWords) {
      if (item.starts_with(std::string(option.words) + " ")) found[option.words] = item.substr(option.words.size() + 1);
    }
  }
  return found;
}

bool cycles(const Object& column) {
  const catalog::List items = column.get(kIdentityNumbering);
  return std::find(items.begin(), items.end(), kCycle) != items.end();
}

catalog::Path chosen_name(const Object& column) {
  return {column.id.path[0], column.id.path[1] + "_" + column.id.path[2] + "_seq"};
}

catalog::Path sequence_of(const Object& column) {
  return column.has(kIdentitySequence) ? catalog::Path(column.get(kIdentitySequence)) : chosen_name(column);
}

bool ascends(const Options& options) {
  const auto increment = options.find("INCREMENT BY");
  return increment == options.end() || increment->second.front() != '-';
}

struct Bounds {
  std::int64_t least, greatest;
};

Bounds of_type(const Object& column) {
  const std::string type = column.get(keys::kType);
  const auto limits = []<class Integer>(Integer) {
    return Bounds{std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max()};
  };
  if (type == "smallint") return limits(std::int16_t{});
  return type == "integer" ? limits(std::int32_t{}) : limits(std::int64_t{});
}

Bounds bounds_of(const Object& column, const Options& options) {
  const auto stated = [&](std::string_view word, std::int64_t otherwise) {
    const auto found = options.find(word);
    return found == options.end() ? otherwise : std::stoll(found->second);
  };
  const Bounds type = of_type(column);
  return ascends(options) ? Bounds{stated("MINVALUE", 1), stated("MAXVALUE", type.greatest)}
                          : Bounds{stated("MINVALUE", type.least), stated("MAXVALUE", -1)};
}

}  // namespace

std::vector<std::string> move_into_bounds(const Object& from, const Object& to, const std::string& alter_column) {
  if (!from.has(keys::kIdentity) || !to.has(keys::kIdentity)) return {};
  const Options old = options_of(from), wanted = options_of(to);
  const Bounds before = bounds_of(from, old), after = bounds_of(to, wanted), type = of_type(to);
  if (after.least <= before.least && after.greatest >= before.greatest) return {};
  // setval() checks the present bounds, so the union of old and new bounds is set for that moment. A change of the type was
  // made before.
  const Bounds both{std::max(type.least, std::min(before.least, after.least)),
                    std::min(type.greatest, std::max(before.greatest, after.greatest))};
  std::vector<std::string> statements;
  if (after.least < before.least || after.greatest > before.greatest) {
    statements.push_back(alter_column + "SET MINVALUE " + std::to_string(both.least) + " SET MAXVALUE " +
                         std::to_string(both.greatest));
  }
  const auto between = [](const std::string& what, std::int64_t least, std::int64_t greatest) {
    return what + " BETWEEN " + std::to_string(least) + " AND " + std::to_string(greatest);
  };
  const Numbers numbers = identity_numbers(to);
  const std::string sequence = support::qualified(sequence_of(from)), column = support::quote_identifier(to.id.path[2]);
  const std::string taken =
      " FROM " + relation_name(to.id) + " WHERE " +
      (numbers.ascends ? between(column, numbers.start, after.greatest) : between(column, after.least, numbers.start));
  statements.push_back("SELECT pg_catalog.setval(" + support::quote_literal(sequence) + ", coalesce((SELECT " +
                       (numbers.ascends ? "max(" : "min(") + column + ")::bigint" + taken + "), " +
                       std::to_string(numbers.start) + "), EXISTS (SELECT" + taken + ")) FROM " + sequence + " WHERE NOT (" +
                       between("last_value", after.least, after.greatest) + ")");
  return statements;
}

std::vector<std::string> identity_statements(const Object& from, const Object& to, const std::string& alter_column) {
  if (!to.has(keys::kIdentity)) return {alter_column + "DROP IDENTITY"};
  const std::string how = to.get(keys::kIdentity) == "always" ? "ALWAYS" : "BY DEFAULT";
  if (!from.has(keys::kIdentity)) {
    return {alter_column + "ADD GENERATED " + how + " AS IDENTITY" +
            (to.has(keys::kIdentityOptions) ? " (" + to.get(keys::kIdentityOptions) + ")" : "")};
  }
  std::vector<std::string> statements;
  if (from.get(keys::kIdentity) != to.get(keys::kIdentity)) statements.push_back(alter_column + "SET GENERATED " + how);
  const Options old = options_of(from), wanted = options_of(to);
  std::string sets;
  for (const auto& option : kOptionWords) {
    const auto a = old.find(option.words), b = wanted.find(option.words);
    if (b != wanted.end() && (a == old.end() || a->second != b->second)) {
      sets += " SET " + std::string(option.words) + " " + b->second;
    } else if (b == wanted.end() && a != old.end()) {
      sets += " " + std::string(option.unset);
    }
  }
  // PostgreSQL keeps the old start, which the new bounds may exclude: an unstated start is set to the bound.
  if (!wanted.contains("START WITH") && !sets.empty()) {
    const bool ascends = !wanted.contains("INCREMENT BY") || wanted.at("INCREMENT BY").front() != '-';
    const auto bound = wanted.find(ascends ? "MINVALUE" : "MAXVALUE");
    const auto stated = sets.find("SET START WITH 1");
    if (stated != std::string::npos) sets.erase(stated - 1, std::string_view(" SET START WITH 1").size());
    sets += " SET START WITH " + (bound != wanted.end() ? bound->second : std::string(ascends ? "1" : "-1"));
  }
  if (cycles(from) != cycles(to)) sets += cycles(to) ? " SET CYCLE" : " SET NO CYCLE";
  if (!sets.empty()) statements.push_back(alter_column + sets.substr(1));
  const catalog::Path name = sequence_of(from), new_name = sequence_of(to);
  if (name != new_name)
    statements.push_back("ALTER SEQUENCE " + support::qualified(name) + " RENAME TO " +
                         support::quote_identifier(new_name.back()));
  return statements;
}

Numbers identity_numbers(const Object& column) {
  const Options options = options_of(column);
  const auto increment = options.find("INCREMENT BY");
  const bool ascends = increment == options.end() || increment->second.front() != '-';
  const auto start = options.find("START WITH"), bound = options.find(ascends ? "MINVALUE" : "MAXVALUE");
  const auto& first = start != options.end() ? start : bound;
  return {support::qualified(sequence_of(column)), first != options.end() ? std::stoll(first->second) : (ascends ? 1 : -1),
          ascends};
}

bool loses_identity(const catalog::Change& change) {
  if (change.what == catalog::Change::What::removed) return true;
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [](const auto& item) { return item.attribute == keys::kIdentity.name && catalog::is_absent(item.to); });
}

bool identifies_alike(const Object& from, const Object& to) {
  return from.get(keys::kIdentity) == to.get(keys::kIdentity) && from.get(kIdentityNumbering) == to.get(kIdentityNumbering);
}

ObjectId identity_sequence(const Object& column) {
  return {kSequence, sequence_of(column)};
}

}  // namespace lockstep::recipes
