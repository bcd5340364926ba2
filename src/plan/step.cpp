#include "plan/step.h"

#include <algorithm>

#include "plan/phase_name.h"

namespace lockstep::plan {

bool names(const std::vector<catalog::ObjectId>& ids, const catalog::ObjectId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void add_lock(std::vector<RelationLock>& locks, const RelationLock& lock) {
  const auto found =
      std::find_if(locks.begin(), locks.end(), [&](const RelationLock& other) { return other.relation == lock.relation; });
  if (found == locks.end()) {
    locks.push_back(lock);
  } else {
    found->mode = std::max(found->mode, lock.mode);
  }
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::expand:
      return "expand";
    case Phase::migrate:
      return "migrate";
    case Phase::contract:
      return "contract";
    case Phase::purge:
      return "purge";
  }
  return "";
}

std::optional<Phase> phase_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kPhases), std::end(kPhases), [&](Phase phase) { return to_string(phase) == name; });
  return found == std::end(kPhases) ? std::nullopt : std::optional(*found);
}

std::string_view to_string(TransactionMode mode) {
  switch (mode) {
    case TransactionMode::inside:
      return "inside";
    case TransactionMode::outside:
      return "outside";
    case TransactionMode::batches:
      return "batches";
  }
  return "";
}

}  // namespace lockstep::plan
