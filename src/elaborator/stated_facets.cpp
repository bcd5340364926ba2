#include "elaborator/stated_facets.h"

#include "kinds/access/owners.h"
#include "kinds/foreign/foreign_options.h"
#include "kinds/registry.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;

std::optional<std::string> ScriptedOwners::of(const Object& object) const {
  if (const auto found = stated.find(object.id); found != stated.end()) return found->second;
  if (role.empty() || !object.has(kinds::kOwner)) return std::nullopt;
  std::string owner = object.get(kinds::kOwner);
  const Object* before = baseline.find(object.id);
  const bool untouched = owner == role || (before != nullptr && before->get(kinds::kOwner) == owner);
  return untouched ? std::nullopt : std::optional(std::move(owner));
}

Catalog with_stated_facets(Catalog desired, const Catalog& declared, const std::map<ObjectId, ObjectId>& respelt,
                           const ScriptedOwners& scripted) {
  std::map<ObjectId, ObjectId> back;
  for (const auto& [from, to] : respelt) back[to] = from;
  std::vector<Object> objects = desired.objects();
  for (Object& object : objects) {
    const auto other = back.find(object.id);
    const Object* stated = declared.find(other == back.end() ? object.id : other->second);
    if (stated != nullptr) kinds::keep_unvalued(object, *stated);
    for (const auto& attribute : kinds::of(object.id).attributes) {
      if (!attribute.facet) continue;
      const bool absent = stated == nullptr || catalog::is_absent(stated->value(attribute.name));
      const auto owner = absent && attribute.name == kinds::kOwner.name ? scripted.of(object) : std::nullopt;
      if (owner) {
        object.set(attribute.name, *owner);
      } else if (absent) {
        object.set(attribute.name, {});
      } else if (attribute.name == kinds::kOwner.name) {
        // A role's name needs no elaboration, and scratch can't give every kind of object to every role.
        object.set(attribute.name, stated->value(attribute.name));
      }
    }
    kinds::leave_owner_to_table(object, declared);
  }
  return Catalog(std::move(objects), desired.edges());
}

}  // namespace lockstep::elaborator
