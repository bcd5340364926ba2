// Values and identities as JSON, one form for every document that shows a catalog: inspect, compare, verify, the journal.
#pragma once

#include <nlohmann/json.hpp>

#include "catalog/object.h"

namespace lockstep::catalog {

nlohmann::ordered_json value_json(const Value& value);  // null where it is absent
nlohmann::ordered_json id_json(const ObjectId& id);     // {"kind": …, "path": […]}

}  // namespace lockstep::catalog
