// Which objects security labels are set on.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

// Whether PostgreSQL takes SECURITY LABEL for objects of this kind (and the kind is not one of the cluster's).
bool takes_security_label(const KindSpec& kind);
// Whether the object is a label. The last part of its path is its provider.
bool is_security_label(const ObjectId& id);

}  // namespace lockstep::kinds
