// Values and ids as JSON. inspect, compare, verify and the journal all use this form.
#pragma once

#include <nlohmann/json.hpp>

#include "catalog/object.h"

namespace lockstep::catalog {

nlohmann::ordered_json value_json(const Value& value);  // null if absent
nlohmann::ordered_json id_json(const ObjectId& id);     // {"kind": …, "path": […]}

}  // namespace lockstep::catalog
