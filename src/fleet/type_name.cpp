#include "fleet/type_name.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::fleet {

using nlohmann::json;
using parser::at;
using parser::strings_of;

TypeName type_name(const std::string& printed) {
  TypeName type{printed};
  const std::size_t open = printed.find('(');
  if (open == std::string::npos) return type;
  type.base = printed.substr(0, open);
  while (!type.base.empty() && type.base.back() == ' ') type.base.pop_back();
  if (printed.find(')') + 1 != printed.size()) type.base = printed;  // an array, or with a time zone behind it
  std::sscanf(printed.c_str() + open, "(%d,%d)", &type.first, &type.second);
  return type;
}

TypeName type_name(const json& node) {
  std::vector<std::string> names = strings_of(at(node, "names"));
  if (names.size() == 2 && names[0] == "pg_catalog") names.erase(names.begin());
  TypeName type{support::join(names, ".")};
  if (type.base == "varchar") type.base = "character varying";
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
  const bool texts = from.base == "character varying" || from.base == "text";
  if (texts && (to.base == "text" || to.base == "character varying")) return true;
  if (from.base != to.base) return false;
  if (to.first < 0) return true;  // no limit any more
  return to.base == "numeric" && from.first >= 0 && to.second >= from.second && to.first - to.second >= from.first - from.second;
}

}  // namespace lockstep::fleet
