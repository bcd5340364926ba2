#include "kinds/access/owners.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"

namespace lockstep::kinds {

bool belong_to(const catalog::Catalog& catalog, const std::string& role) {
  constexpr std::string_view kOfTheDatabase = "pg_database_owner";
  return std::all_of(catalog.objects().begin(), catalog.objects().end(), [&](const Object& object) {
    return !object.has(kOwner) || object.get(kOwner) == role || object.get(kOwner) == kOfTheDatabase;
  });
}

void leave_owner_to_table(Object& object, const Catalog& declared) {
  const catalog::List column = object.get(keys::kOwnedBy);
  if (!object.id.is(kSequence.tag) || column.size() != 3 || !object.has(kOwner)) return;
  const Object* table = declared.find({&kTable.tag, {column[0], column[1]}});
  if (table == nullptr || !table->has(kOwner) || table->get(kOwner) == object.get(kOwner)) object.set(kOwner.name, {});
}

}  // namespace lockstep::kinds
