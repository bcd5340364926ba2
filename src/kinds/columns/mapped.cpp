#include "kinds/columns/mapped.h"

#include <algorithm>
#include <map>
#include <optional>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/carried.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/enum_rebuild.h"
#include "kinds/types/composite_parts.h"
#include "plan/became.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using catalog::MappedValue;
using support::quote_identifier;
using support::quote_literal;

bool has(const List& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

using Maps = std::map<ObjectId, std::vector<MappedValue>>;  // by enum

// Writes the expression for a value of a type that the plan recreates.
class Writer {
 public:
  Writer(const std::set<ObjectId>& types, const Catalog& from, const Catalog& to, const Maps& maps)
      : types_(types), from_(from), to_(to), maps_(maps) {}

  // nullopt: a map doesn't reach all of it. `holder`: the column, domain or attribute that has this type; the type of the result
  // is text, or text[], where it is the enum itself or an array of it.
  std::optional<std::string> of(const Object& holder, std::string_view attribute, const std::string& value) const {
    const auto* printed = std::get_if<std::string>(&holder.value(attribute));
    const auto* after = to_.find(holder.id);
    if (printed == nullptr || after == nullptr || after->value(attribute) != holder.value(attribute)) return std::nullopt;
    std::vector<Inward> way;
    const Object* type = type_of(holder, *printed, way);
    if (type == nullptr) return value;
    if (way.size() == 1 && way.front().into == Inward::Into::element) return elements(*type, *printed, value);
    if (!way.empty()) return std::nullopt;
    if (type->id.is(kEnum.tag)) return label(*type, value + "::text");
    if (type->id.is(kDomain.tag)) {
      const auto inside = of(*type, keys::kType.name, value);
      return inside ? std::optional("(" + *inside + ")::" + type->get(keys::kType) + "::" + *printed) : std::nullopt;
    }
    return type->id.is(kComposite.tag) ? row(*type, *printed, value) : std::nullopt;
  }

 private:
  std::vector<MappedValue> maps_of(const ObjectId& type) const {
    const auto found = maps_.find(type);
    return found == maps_.end() ? std::vector<MappedValue>() : found->second;
  }

  // The recreated type that this one is or has elements of.
  const Object* type_of(const Object& holder, const std::string& printed, std::vector<Inward>& way) const {
    for (const auto& edge : from_.edges_from(*from_.index_of(holder.id))) {
      const Object& type = from_.at(edge.referenced);
      if (!types_.contains(type.id)) continue;
      if (auto into = inward(printed, type)) {
        way = std::move(*into);
        return &type;
      }
    }
    return nullptr;
  }

  std::string label(const Object& type, const std::string& text) const {
    std::string cases;
    for (const MappedValue& map : maps_of(type.id))
      cases += " WHEN " + quote_literal(map.from) + " THEN " + quote_literal(map.to);
    return cases.empty() ? text : "CASE " + text + cases + " ELSE " + text + " END";
  }

  // What a value's text inside an array's text is: only of an enum, or of domains over one.
  std::optional<std::string> elements(const Object& type, const std::string& printed, const std::string& value) const {
    const Object* base = &type;
    while (base != nullptr && base->id.is(kDomain.tag)) {
      std::vector<Inward> way;
      base = type_of(*base, base->get(keys::kType), way);
      if (!way.empty()) return std::nullopt;
    }
    if (base == nullptr || !base->id.is(kEnum.tag)) return std::nullopt;
    std::string text = value + "::text[]";
    for (const MappedValue& map : maps_of(base->id))
      text = "pg_catalog.array_replace(" + text + ", " + quote_literal(map.from) + ", " + quote_literal(map.to) + ")";
    return type.id.is(kEnum.tag) ? text : text + "::" + printed;
  }

  std::optional<std::string> row(const Object& type, const std::string& printed, const std::string& value) const {
    if (type.value(keys::kAttributeOrder.name) != to_.find(type.id)->value(keys::kAttributeOrder.name)) return std::nullopt;
    std::vector<std::string> fields;
    for (const Object* attribute : attributes_of(type.id, from_)) {
      const auto field = of(*attribute, keys::kType.name, "(" + value + ")." + quote_identifier(attribute->id.path[2]));
      if (!field) return std::nullopt;
      fields.push_back("(" + *field + ")::" + attribute->get(keys::kType));
    }
    return "CASE WHEN " + value + " IS DISTINCT FROM NULL THEN ROW(" + support::join(fields, ", ") + ")::" + printed + " END";
  }

  const std::set<ObjectId>& types_;
  const Catalog& from_;
  const Catalog& to_;
  const Maps& maps_;
};

bool is_set_otherwise(const ObjectId& column, const std::vector<Change>& changed) {
  return std::any_of(changed.begin(), changed.end(), [&](const Change& change) {
    return change.id == column && change.what == Change::What::set &&
           (changes(change, keys::kType.name) || changes(change, keys::kGenerated.name));
  });
}

using Places = std::map<ObjectId, std::vector<StoredIn>>;  // by enum

// Counts the rows with each value, over all ways in which the enum is in the column.
std::string count_of(const Object& column, const Places& places, const std::vector<std::pair<ObjectId, MappedValue>>& maps) {
  std::vector<std::string> counts;
  for (const auto& [type, map] : maps) {
    std::vector<std::string> either;
    for (const StoredIn& place : places.at(type)) {
      if (place.column->id != column.id) continue;
      either.push_back("EXISTS (SELECT FROM (" + values_of(place) +
                       ") AS lockstep_values WHERE lockstep_value::text = " + quote_literal(map.from) + ")");
    }
    counts.push_back("pg_catalog.count(*) FILTER (WHERE " + support::join(either, " OR ") + ")");
  }
  return "SELECT " + support::join(counts, ", ") + " FROM " + support::qualified(column.parent->path) + " AS " +
         quote_identifier(column.parent->path[1]);
}

}  // namespace

std::vector<MappedValue> acting_maps(const ObjectId& type, const Catalog& from, const Catalog& to,
                                     const catalog::Intents& intents) {
  std::vector<MappedValue> maps;
  const Object *before = from.find(type), *after = to.find(type);
  const auto intent = intents.find(type);
  if (before == nullptr || after == nullptr || intent == intents.end()) return maps;
  for (const MappedValue& map : intent->second.map) {
    if (has(before->get(keys::kValues), map.from) && !has(after->get(keys::kValues), map.from)) maps.push_back(map);
  }
  return maps;
}

std::vector<MappedColumn> mapped_columns(const std::vector<Change>& changed, const Catalog& from, const Catalog& to,
                                         const catalog::Intents& intents) {
  const Carried carried = carried_over(changed, from, to);
  const bool through_text =
      std::any_of(carried.types.begin(), carried.types.end(), [](const ObjectId& id) { return id.is(kRange.tag); });
  Places places;
  std::map<ObjectId, std::vector<std::pair<ObjectId, MappedValue>>> columns;
  for (const ObjectId& type : carried.types) {
    const auto maps = acting_maps(type, from, to, intents);
    if (maps.empty() || through_text) continue;
    places[type] = stored_in(type, from);
    std::set<ObjectId> seen;
    for (const StoredIn& place : places[type]) {
      if (!carried.columns.contains(place.column->id) || !seen.insert(place.column->id).second) continue;
      for (const MappedValue& map : maps) columns[place.column->id].emplace_back(type, map);
    }
  }
  std::vector<MappedColumn> result;
  Maps by_type;
  for (const auto& [type, places_of_it] : places) by_type[type] = acting_maps(type, from, to, intents);
  const Writer writer(carried.types, from, to, by_type);
  for (const auto& [id, maps] : columns) {
    const Object& column = *from.find(id);
    const auto own = intents.find(id);
    if (own != intents.end() && own->second.convert) continue;
    if (column.has(keys::kGenerated) || is_set_otherwise(id, changed)) continue;
    const auto text = writer.of(column, keys::kType.name, quote_identifier(id.path[2]));
    if (!text) continue;
    MappedColumn mapped{.column = id, .convert = *text, .before = {}, .maps = {}, .count = count_of(column, places, maps)};
    bool stands = true;  // whether the old types have all values of the new ones, in their order
    for (const auto& [type, map] : maps) {
      mapped.maps.push_back(map);
      stands = stands && only_adds(*to.find(type), *from.find(type));
    }
    if (stands) mapped.before = "(" + *text + ")::" + column.get(keys::kType);
    result.push_back(std::move(mapped));
  }
  return result;
}

bool is_mapped(const ObjectId& column, const Context& context) {
  const auto found = context.intents.find(column);
  return found != context.intents.end() && found->second.mapped;
}

std::vector<MappedValue> maps_back(const ObjectId& type, const Catalog& from, const Catalog& to,
                                   const catalog::Intents& intents) {
  std::vector<MappedValue> back;
  if (!from.contains(type)) return back;
  const List values = from.find(type)->get(keys::kValues);
  for (const MappedValue& map : acting_maps(type, from, to, intents)) {
    const bool known = std::any_of(back.begin(), back.end(), [&](const MappedValue& other) { return other.from == map.to; });
    if (!known && !has(values, map.to)) back.push_back({map.to, map.from});
  }
  return back;
}

void convert_by_map(catalog::Intents& intents, MappedColumn column, const std::vector<std::string>& rows) {
  std::string told;
  for (std::size_t i = 0; i < column.maps.size(); ++i) {
    told += (i == 0 ? "" : ", ") + quote_literal(column.maps[i].from) + " becomes " + quote_literal(column.maps[i].to);
    if (i < rows.size()) told += " (" + rows[i] + ")";
  }
  catalog::Intent& intent = intents[column.column];
  intent.convert = std::move(column.convert);
  intent.convert_before = std::move(column.before);
  intent.mapped = std::move(told);
}

std::string mapped_saving(const Object& column, const Context& context) {
  return mapped_saving(column, quote_identifier(column.id.path[2]), context);
}

std::string mapped_saving(const Object& column, const std::string& value, const Context& context) {
  const std::string name = quote_identifier(column.id.path[2]),
                    saved = recipes::saved_columns(context, *column.parent, column.id.path[2]);
  std::set<ObjectId> types;
  Maps maps;
  for (const auto& [type, intent] : context.intents) {
    const auto acting = acting_maps(type, context.from, context.to, context.intents);
    const auto back = maps_back(type, context.from, context.to, context.intents);
    for (const MappedValue& map : acting) {
      const auto first = std::find_if(back.begin(), back.end(), [&](const MappedValue& other) { return other.from == map.to; });
      const std::string& end = first == back.end() ? map.to : first->to;
      if (end != map.from) maps[type].push_back({map.from, end});
    }
    if (acting.empty()) continue;
    types.insert(type);
    for (ObjectId& over : types_over(type, context.from)) types.insert(std::move(over));
  }
  const auto became = Writer(types, context.from, context.to, maps).of(column, keys::kType.name, value);
  const std::string saved_value = value == name ? name : value + " AS " + name,
                    keys = saved.substr(0, saved.size() - name.size());
  if (!became) return keys + saved_value;
  return keys + "pg_catalog.textin(pg_catalog.record_out(ROW((" + *became + ")))) AS " + plan::kBecame + ", " + saved_value;
}

std::string mapped_text(const Object& column, const ObjectId& type, const std::string& value, const Context& context) {
  const Maps maps{{type, acting_maps(type, context.from, context.to, context.intents)}};
  return Writer({type}, context.from, context.to, maps).of(column, keys::kType.name, value).value();
}

std::string mapped_back_text(const Object& column, const ObjectId& type, const std::string& value, const Context& context) {
  const Maps maps{{type, maps_back(type, context.from, context.to, context.intents)}};
  return Writer({type}, context.to, context.from, maps).of(column, keys::kType.name, value).value();
}

}  // namespace lockstep::kinds
