#include "kinds/recreation/recreated.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/enum_rebuild.h"
#include "kinds/registry.h"
#include "recipes/descendants.h"
#include "recipes/widens.h"

namespace lockstep::kinds {

std::vector<ObjectId> recreated_columns(const Change& change, const Catalog& from, const Catalog& to, int server_version) {
  constexpr int kSetExpression = 170000;
  if (!change.id.is(kColumn.tag) || change.what != Change::What::set) return {};
  const Object &before = *from.find(change.id), &after = *to.find(change.id);
  if (is_inherited(before) || is_inherited(after) || !after.has(keys::kGenerated)) return {};
  const auto changes = [&](std::string_view name) {
    return std::any_of(change.attributes.begin(), change.attributes.end(),
                       [&](const auto& item) { return item.attribute == name; });
  };
  if (!changes(keys::kGenerated.name) && !changes(keys::kVirtual.name)) return {};
  if (before.has(keys::kGenerated) && server_version >= kSetExpression && !changes(keys::kVirtual.name)) return {};
  return with_descendants(change.id, from, to);
}

bool is_computed_from(const Object& object, const ObjectId& column) {
  return object.id.is(kColumn.tag) && column.is(kColumn.tag) && object.id != column && object.has(keys::kGenerated);
}

std::vector<ObjectId> with_descendants(const ObjectId& column, const Catalog& from, const Catalog& to) {
  std::vector<ObjectId> columns{column};
  for (const ObjectId& descendant : recipes::descendants(from, column)) {
    if (is_inherited(*from.find(descendant)) && to.contains(descendant)) columns.push_back(descendant);
  }
  return columns;
}

std::vector<ObjectId> retyped_along(const ObjectId& altered, const Catalog& from) {
  std::vector<ObjectId> columns{altered};
  if (!altered.is(kColumn.tag)) return columns;
  for (ObjectId& descendant : recipes::descendants(from, altered)) columns.push_back(std::move(descendant));
  return columns;
}

std::vector<ObjectId> computed_again(const ObjectId& column, const Catalog& from, const Catalog& to) {
  const Object *before = from.find(column), *after = to.find(column);
  if (before == nullptr || after == nullptr || !before->has(keys::kGenerated) || !after->has(keys::kGenerated)) return {};
  return with_descendants(column, from, to);
}

bool is_printed(const Object& object) {
  return std::any_of(object.attributes.begin(), object.attributes.end(), [&](const auto& item) {
    const auto* specified = attribute(of(object.id), item.first);
    return specified != nullptr && specified->expression;
  });
}

bool joins_retyped(const Object& object, const Catalog& from, const Catalog& to) {
  if (!object.id.is(kForeignKey.tag)) return false;
  const auto types = [&](const ObjectId& column) {
    const Object *before = from.find(column), *after = to.find(column);
    return before == nullptr || after == nullptr ? std::pair<std::string, std::string>()
                                                 : std::pair(before->get(keys::kType), after->get(keys::kType));
  };
  const auto columns = object.get(keys::kColumns), others = object.get(keys::kReferencedColumns);
  const auto table = object.get(keys::kReferences);
  for (std::size_t i = 0; i < columns.size() && i < others.size(); ++i) {
    const auto own = types({&kColumn.tag, {object.id.path[0], object.id.path[1], columns[i]}});
    const auto other = types({&kColumn.tag, {table[0], table[1], others[i]}});
    const bool both = own.first != own.second && other.first != other.second;
    if (both && !recipes::widens(own.first, own.second) && !recipes::widens(own.second, own.first)) return true;
  }
  return false;
}

bool is_index_of_columns(const Object& object) {
  return object.id.is(kIndex.tag) && !object.get(keys::kExpressions) &&
         object.get(keys::kDefinition).find(" WHERE ") == std::string::npos;
}

bool lets_null_in(const Change& change) {
  return change.id.is(kColumn.tag) && change.attributes.size() == 1 &&
         change.attributes.front().attribute == keys::kNotNull.name && change.attributes.front().to != catalog::Value(true);
}

bool may_name_objects(const AttrSpec& attribute) {
  constexpr std::string_view kWords[] = {"deferrable", "enabled", "storage", "compression"};
  return !attribute.facet && attribute.type != ValueType::boolean && attribute.type != ValueType::integer &&
         std::find(std::begin(kWords), std::end(kWords), attribute.name) == std::end(kWords);
}

MadeAlong made_along(const Change& change, const Catalog& from, const Catalog& to) {
  if (!change.id.is(kEnum.tag) || only_adds(*from.find(change.id), *to.find(change.id))) return {};
  MadeAlong along{.retyped = columns_of_enum(change.id, from), .again = {}};
  for (ObjectId& id : not_carried_along(change.id, from)) {
    const Object* wanted = to.find(id);
    if (wanted != nullptr && !of(id).made_with_parent && is_printed(*wanted)) along.again.push_back(std::move(id));
  }
  return along;
}

}  // namespace lockstep::kinds
