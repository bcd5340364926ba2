#include "kinds/access/owners.h"

#include <algorithm>

#include "kinds/kind.h"

namespace lockstep::kinds {

bool belong_to(const catalog::Catalog& catalog, const std::string& role) {
  constexpr std::string_view kOfTheDatabase = "pg_database_owner";
  return std::all_of(catalog.objects().begin(), catalog.objects().end(), [&](const Object& object) {
    return !object.has(kOwner) || object.get(kOwner) == role || object.get(kOwner) == kOfTheDatabase;
  });
}

}  // namespace lockstep::kinds
