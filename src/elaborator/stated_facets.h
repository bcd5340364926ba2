// Facets are compared only where the author states them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "catalog/catalog.h"

namespace lockstep::elaborator {

// What scripts state where no declaration does: an owner other than the one everything is given.
struct ScriptedOwners {
  const catalog::Catalog& baseline;  // scratch before them
  std::string role;                  // that made everything; empty: there are no scripts
  const std::map<catalog::ObjectId, std::string>& stated;
  std::optional<std::string> of(const catalog::Object& object) const;
};

// A facet (owner, extension version …) is compared only where it was declared: elaboration gives every object one, so what
// the author didn't state is taken off again.
catalog::Catalog with_stated_facets(catalog::Catalog desired, const catalog::Catalog& declared,
                                    const std::map<catalog::ObjectId, catalog::ObjectId>& respelt,
                                    const ScriptedOwners& scripted);

}  // namespace lockstep::elaborator
