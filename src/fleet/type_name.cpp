#include "fleet/type_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/sql_tree.h"
#include "recipes/widens.h"
#include "support/sql_text.h"

namespace lockstep::fleet {

using nlohmann::json;
using parser::at;
using parser::strings_of;

namespace {

// What format_type() prints for the types of pg_catalog that have another name there.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kPrinted = {
    {{"int2", "smallint"},
     {"int4", "integer"},
     {"int8", "bigint"},
     {"float4", "real"},
     {"float8", "double precision"},
     {"bool", "boolean"},
     {"varchar", "character varying"},
     {"bpchar", "character"},
     {"varbit", "bit varying"},
     {"time", "time without time zone"},
     {"timetz", "time with time zone"},
     {"timestamp", "timestamp without time zone"},
     {"timestamptz", "timestamp with time zone"}}};

// From pg_cast: binary coercible, so nothing is computed. For types without a length; widens() knows the others.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSameBits = {
    {{"xml", "text"}, {"bit", "bit varying"}, {"integer", "oid"}, {"oid", "integer"}}};

// As format_type() prints it: the array brackets are last.
std::string printed(const TypeName& type) {
  if (type.first < 0) return type.base;
  const bool array = type.base.ends_with("[]");
  const std::string base = array ? type.base.substr(0, type.base.size() - 2) : type.base;
  return (base == "numeric" ? fmt::format("numeric({},{})", type.first, type.second) : fmt::format("{}({})", base, type.first)) +
         (array ? "[]" : "");
}

}  // namespace

TypeName type_name(const std::string& printed) {
  TypeName type{printed};
  const std::size_t open = printed.find('('), close = printed.find(')');
  if (printed.find('"') != std::string::npos || open == std::string::npos || close == std::string::npos) return type;
  const std::string modifiers = printed.substr(open, close - open + 1);
  if (std::sscanf(modifiers.c_str(), "(%d,%d)", &type.first, &type.second) < 1) return type;
  type.base = printed.substr(0, open) + printed.substr(close + 1);  // timestamp(3) with time zone, numeric(4,2)[]
  return type;
}

TypeName type_name(const json& node) {
  std::vector<std::string> names = strings_of(at(node, "names"));
  TypeName type;
  if (names.size() == 2 && names[0] == "pg_catalog") {
    const auto* found = std::find_if(kPrinted.begin(), kPrinted.end(), [&](const auto& name) { return name.first == names[1]; });
    type.base = found == kPrinted.end() ? names[1] : found->second;
  } else {
    type.base = names.size() == 2 ? support::qualified(names[0], names[1]) : support::join(names, ".");
  }
  if (!at(node, "arrayBounds").empty()) type.base += "[]";
  const json& modifiers = at(node, "typmods");
  const auto number = [&](std::size_t i) {
    const auto text = i < modifiers.size() ? parser::constant_of(modifiers[i]) : std::nullopt;
    return text ? std::atoi(text->c_str()) : i == 0 ? -1 : 0;
  };
  type.first = number(0);
  type.second = number(1);
  return type;
}

bool keeps_values(const TypeName& from, const TypeName& to) {
  const bool same = from.base == to.base && (to.first < 0 || (from.first == to.first && from.second == to.second));
  const std::pair<std::string_view, std::string_view> bases(from.base, to.base);
  const bool bits = to.first < 0 && std::find(kSameBits.begin(), kSameBits.end(), bases) != kSameBits.end();
  return same || bits || recipes::widens(printed(from), printed(to));
}

}  // namespace lockstep::fleet
