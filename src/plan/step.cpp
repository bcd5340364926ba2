#include "plan/step.h"

#include <algorithm>
#include <utility>

#include "plan/phase_name.h"

namespace lockstep::plan {

bool names(const std::vector<catalog::ObjectId>& ids, const catalog::ObjectId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool breaks(const Step& step) {
  const auto& more = step.consequences;
  return !step.breaking.empty() ||
         std::any_of(more.begin(), more.end(), [](const Consequence& one) { return one.hazard == "breaking"; });
}

void join_breaking(Step& head, const std::string& object_of_head, const Step& part, const std::string& object_of_part) {
  const auto add = [&](const std::string& object, const std::string& message) {
    const Consequence one{"breaking", object, message};
    if (!message.empty() && std::find(head.consequences.begin(), head.consequences.end(), one) == head.consequences.end())
      head.consequences.push_back(one);
  };
  if (part.losses.empty()) {
    add(object_of_part, part.breaking);
    return;
  }
  if (head.losses.empty()) add(object_of_head, std::exchange(head.breaking, {}));
  if (!part.breaking.empty()) head.breaking += (head.breaking.empty() ? "" : "; ") + part.breaking;
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
