// `map 'old' to 'new'` of an enum: what is wrong with it whatever the database has.
#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "parser/lowering.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

using catalog::MappedValue;
using support::quote_literal;

constexpr std::string_view kWrong = "LS0216";

bool has(const List& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Where the maps lead from this value, one after the other; empty: round in a circle, or nowhere.
std::string end_of(const std::vector<MappedValue>& maps, const List& values, std::string value) {
  std::set<std::string> seen;
  while (!has(values, value)) {
    const auto next = std::find_if(maps.begin(), maps.end(), [&](const MappedValue& map) { return map.from == value; });
    if (next == maps.end() || !seen.insert(value).second) return {};
    value = next->to;
  }
  return value;
}

}  // namespace

std::vector<MappedValue> Lowering::map(const ast::Node& node, const ObjectId& id) {
  const auto* stated = node.find("map");
  const Object* object = by_id_.contains(id) ? by_id_.at(id) : nullptr;
  if (stated == nullptr || object == nullptr) return {};
  const List texts = std::get<List>(substitute(*stated)), values = object->get(keys::kValues);
  std::vector<MappedValue> maps;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) maps.push_back({texts[i], texts[i + 1]});
  const auto wrong = [&](const std::string& message, const std::string& hint) {
    diagnostics_.error(std::string(kWrong), catalog::to_string(id) + ": " + message, stated->span, hint);
  };
  std::set<std::string> seen;
  for (const MappedValue& map : maps) {
    const std::string from = quote_literal(map.from), to = quote_literal(map.to);
    if (!seen.insert(map.from).second) {
      wrong(from + " is mapped twice", "a value becomes one other");
    } else if (has(values, map.from)) {
      wrong(from + " is mapped to " + to + ", and the enum still has " + from, "take it out of the values, or leave out the map");
    } else if (!has(values, map.to) && std::any_of(maps.begin(), maps.end(), [&](const auto& o) { return o.from == map.to; })) {
      const std::string end = end_of(maps, values, map.to);
      wrong(from + " is mapped to " + to + ", which is mapped itself: maps aren't followed one after the other",
            end.empty() ? "map each of them to a value that the enum has" : "write map " + from + " to " + quote_literal(end));
    } else if (!has(values, map.to)) {
      const std::string near = support::nearest(map.to, values);
      wrong(from + " is mapped to " + to + ", which the enum doesn't have",
            near.empty() ? "add it to the values" : "did you mean " + quote_literal(near) + "?");
    }
  }
  return maps;
}

}  // namespace lockstep::parser
