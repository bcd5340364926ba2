#include "fleet/plan_types.h"

#include "catalog/keys.h"
#include "support/sql_text.h"

namespace lockstep::fleet {

TypeName PlanTypes::without_domains(TypeName type) const {
  constexpr int kDeepest = 32;
  bool found = true;
  for (int depth = 0; found && depth < kDeepest; ++depth) {
    found = false;
    if (const auto made = domains_.find(type.base); made != domains_.end()) {
      type = made->second;
      found = true;
      continue;
    }
    for (const auto& object : live_.catalog.objects()) {
      if (object.id.path.size() != 2 || !object.has(keys::kType) || support::qualified(object.id.path) != type.base) continue;
      type = type_name(object.get(keys::kType));
      found = true;
      break;
    }
  }
  return type;
}

std::string PlanTypes::live(const catalog::Path& column) const {
  for (const auto& object : live_.catalog.objects())
    if (object.id.path == column && object.has(keys::kType)) return object.get(keys::kType);
  for (const auto& [address, object] : live_.transitional)
    if (object.id.path == column && object.has(keys::kType)) return object.get(keys::kType);
  return {};
}

bool PlanTypes::keeps(const catalog::Path& column, const TypeName& type) const {
  const std::string now = live(column);
  return !now.empty() && keeps_values(without_domains(type_name(now)), type);
}

}  // namespace lockstep::fleet
