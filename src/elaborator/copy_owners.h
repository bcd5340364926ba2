// The owners of a scratch copy's objects that can't belong to their role on the scratch server. Private to the elaborator.
#pragma once

#include "catalog/catalog.h"

namespace lockstep::elaborator {

// `copy` with owners taken from `source`. If the scratch server can't give objects to other roles (`gives_owners` is false),
// every object's owner is replaced. Otherwise only those of objects that only a superuser may own, such as a publication FOR ALL
// TABLES, because they belong to the scratch server's superuser.
catalog::Catalog with_owners(catalog::Catalog copy, const catalog::Catalog& source, bool gives_owners);

}  // namespace lockstep::elaborator
