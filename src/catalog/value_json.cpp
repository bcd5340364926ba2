#include "catalog/value_json.h"

#include <type_traits>
#include <variant>

namespace lockstep::catalog {

nlohmann::ordered_json value_json(const Value& value) {
  return std::visit(
      [](const auto& held) -> nlohmann::ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

nlohmann::ordered_json id_json(const ObjectId& id) {
  return {{"kind", id.kind->name}, {"path", id.path}};
}

}  // namespace lockstep::catalog
