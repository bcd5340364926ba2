#include "kinds/kind.h"

#include <algorithm>

#include "kinds/registry.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

std::string schema_of(const ObjectId& id) {
  const KindSpec& kind = of(id);
  if (kind.is_satellite()) return schema_of(target_of(id));
  return kind.placement != Placement::database && !id.path.empty() ? id.path.front() : std::string();
}

std::string alter(const KindSpec& kind, const ObjectId& id) {
  return "ALTER " + std::string(kind.keyword) + " " + kind.address(id);
}

bool is_placeholder(std::string_view name) {
  return name.size() > 1 && name.front() == '?' &&
         std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string owner_clause(const Object& to) {
  return "OWNER TO " + support::quote_identifier(to.get(kOwner));
}

std::optional<Step> owner_step(const Object& object) {
  if (!object.has(kOwner)) return std::nullopt;
  return recipes::step_for(object, "set the owner of " + catalog::to_string(object.id),
                           {alter(of(object.id), object.id) + " " + owner_clause(object)});
}

Steps rename_steps(const ObjectId& from, const ObjectId& to, std::string sql) {
  Step step;
  step.phase = plan::Phase::contract;
  step.title = "rename " + catalog::to_string(from) + " to " + to.path.back();
  step.sql = {std::move(sql)};
  step.lock = plan::LockMode::access_exclusive;
  step.produces = {to};
  step.destroys = {from};
  step.breaking = "statements that name " + catalog::to_string(from) + " fail";
  return {std::move(step)};
}

ObjectId target_of(const ObjectId& satellite) {
  const KindSpec* kind = satellite.path.empty() ? nullptr : find(satellite.path.front());
  if (kind == nullptr) throw support::InternalError(catalog::to_string(satellite) + " says nothing of what it belongs to");
  // A grant's own name (the grantee) stands last; a comment has none.
  const bool named = of(satellite).is_named_satellite();
  return ObjectId{&kind->tag, catalog::Path(satellite.path.begin() + 1, satellite.path.end() - (named ? 1 : 0))};
}

}  // namespace lockstep::kinds
