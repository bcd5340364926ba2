#include "kinds/recreation/built_beside.h"

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "recipes/relation.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using plan::LockMode;
using plan::Phase;

bool is_key(const ObjectId& id) {
  return id.is(kPrimaryKey.tag) || id.is(kUnique.tag);
}

Steps built_beside(const ObjectId& id, const ObjectId& successor, const Catalog& renamed, const Context& context) {
  const Object* object = renamed.find(successor);
  if (object == nullptr) throw support::InternalError("no copy of " + catalog::to_string(successor));
  const Context beside{.from = context.from,
                       .to = renamed,
                       .facts = context.facts,
                       .server_version = context.server_version,
                       .is_new = [&](const ObjectId& one) { return !context.from.contains(one); },
                       .online = [](const ObjectId&) { return true; },
                       .default_privileges = context.default_privileges};
  const std::string name = "the successor of " + catalog::to_string(id);
  Object copy = *object;
  copy.set(keys::kClustered.name, {});  // a table is clustered by one index: the first, until the other one takes its place
  Steps steps = of(successor).create(copy, beside);
  for (Step& step : steps) {
    const bool index = step.mode == plan::TransactionMode::outside;
    step.title = (index ? "build " : step.scans ? "validate " : "add ") + name + (index ? " without blocking writers" : "");
    step.phase = index || step.scans ? Phase::migrate : Phase::expand;
    step.produces.clear();
    step.consumes.clear();
    step.checks.clear();
    step.alters.clear();
    step.breaking.clear();
    if (index)  // it is transitional until its column takes the other one's place
      std::erase_if(step.helpers, [](const plan::Helper& helper) { return helper.change == plan::Helper::Change::taken; });
    if (!step.locks.empty() || step.lock == LockMode::none) continue;
    step.locks = {{recipes::relation_name(id), step.lock}};
    if (object->has(keys::kReferences)) step.locks.push_back({support::qualified(object->get(keys::kReferences)), step.lock});
  }
  return steps;
}

void warn_of_upserts(const ObjectId& id, Step& step, const Context& context) {
  const bool unique = is_key(id) || context.from.find(id)->get(keys::kUnique);
  if (!unique || step.mode != plan::TransactionMode::outside) return;
  step.consequences.push_back({"breaking", support::join(id.path, "."),
                               "while a second index enforces what " + catalog::to_string(id) +
                                   " says, INSERT … ON CONFLICT of one key by two sessions at once can fail with a duplicate key "
                                   "instead of waiting; such a statement succeeds when it is repeated"});
}

Steps index_beside(const ObjectId& id, const ObjectId& successor, const Catalog& renamed, const Context& context) {
  Steps steps = built_beside(id, successor, renamed, context);
  if (is_key(id)) steps.pop_back();
  return steps;
}

}  // namespace lockstep::kinds
