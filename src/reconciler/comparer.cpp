#include "reconciler/comparer.h"

#include <algorithm>

#include "kinds/foreign/foreign_options.h"
#include "kinds/registry.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;

std::set<ObjectId> ids_of(const std::vector<Change>& changes) {
  std::set<ObjectId> ids;
  for (const Change& change : changes) ids.insert(change.id);
  return ids;
}

bool Comparer::same(const Object& from, const Object& to, std::string_view name) const {
  const auto* attribute = kinds::attribute(kinds::of(from.id), name);
  if (attribute == nullptr || attribute->derived) return true;
  if (attribute->facet && catalog::is_absent(to.value(name))) return true;
  const catalog::Value& wanted = to.value(name);
  if (from.value(name) == wanted || kinds::alike_but_unvalued(from.id, name, from.value(name), wanted)) return true;
  if (!attribute->expression) return false;
  const Object* live = live_again_ ? live_again_->find(from.id) : nullptr;
  const Object* desired = desired_again_ ? desired_again_->find(to.id) : nullptr;
  if (live != nullptr && live->value(name) == wanted) return true;
  if (desired == nullptr) return false;
  return desired->value(name) == from.value(name) || (live != nullptr && live->value(name) == desired->value(name));
}

bool Comparer::managed(const Catalog& side, const Change& change) const {
  if (scope_->everything && scope_->external.empty()) return true;
  const auto index = side.index_of(change.id);
  const ObjectId& root = side.at(side.root(*index)).id;
  if (scope_->external.contains(root)) return false;
  if (scope_->everything) return true;
  if (!scope_->covers(root, *desired_)) return false;
  if (change.what != Change::What::removed || !kinds::of(change.id).is_satellite()) return true;
  // Grants and comments are managed where the declaration says any of them.
  const auto target = desired_->index_of(kinds::target_of(change.id));
  if (!target) return true;
  const auto& children = desired_->children(*target);
  return std::any_of(children.begin(), children.end(),
                     [&](const auto child) { return desired_->at(child).id.is(*change.id.kind); });
}

std::vector<Change> Comparer::changes(const Catalog& live) const {
  auto found = catalog::diff(
      live, *desired_, [this](const Object& from, const Object& to, std::string_view name) { return same(from, to, name); });
  std::erase_if(found,
                [&](const Change& change) { return !managed(change.what == Change::What::added ? *desired_ : live, change); });
  return found;
}

std::set<ObjectId> Comparer::with_expressions(const std::vector<Change>& changes) {
  std::set<ObjectId> ids;
  for (const Change& change : changes) {
    const bool any = std::any_of(change.attributes.begin(), change.attributes.end(), [&](const auto& item) {
      return kinds::attribute(kinds::of(change.id), item.attribute)->expression;
    });
    if (any) ids.insert(change.id);
  }
  return ids;
}

}  // namespace lockstep::reconciler
