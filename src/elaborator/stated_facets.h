// Facets, which are compared only if the author states them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "catalog/catalog.h"

namespace lockstep::elaborator {

// Owners that scripts set on objects without a declaration, if they differ from the role that creates everything.
struct ScriptedOwners {
  const catalog::Catalog& baseline;  // scratch before the scripts ran
  std::string role;                  // the role that created everything; empty: there are no scripts
  const std::map<catalog::ObjectId, std::string>& stated;
  std::optional<std::string> of(const catalog::Object& object) const;
};

// `desired` without the facets (owner, extension version …) that nobody stated: elaboration gives every object one, and a facet
// is compared only if it was declared.
catalog::Catalog with_stated_facets(catalog::Catalog desired, const catalog::Catalog& declared,
                                    const std::map<catalog::ObjectId, catalog::ObjectId>& respelt,
                                    const ScriptedOwners& scripted);

}  // namespace lockstep::elaborator
