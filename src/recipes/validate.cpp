#include "recipes/validate.h"

#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using support::quote_identifier;

namespace {

std::string title_of(const Object& constraint) {
  return catalog::to_string(constraint.id);
}

// The rows of the old relation are to satisfy what the new one has beyond it. What only the new one can be asked is found as they
// are copied.
void ask_remade(Step& step, const Object& constraint, const NewConstraint& what, const Context& context) {
  const Object* before = context.from.find(constraint.id);
  if (!what.enforced || (before != nullptr && before->attributes == constraint.attributes)) return;
  step.phase = Phase::contract;
  step.breaking = "INSERTs and UPDATEs that break " + title_of(constraint) + " fail";
  if (!what.validated || !what.check.upfront || context.bytes(relation_of(constraint.id)) == 0) return;
  step.checks = {what.check};
  step.checks.front().alone = true;  // the rows are asked where they are now
}

}  // namespace

plan::Step validate_constraint(const Object& constraint, const Context& context) {
  Step step = step_for(constraint, "validate " + title_of(constraint), {});
  step.sql = {"ALTER TABLE " + relation_name(constraint.id) + " VALIDATE CONSTRAINT " +
              quote_identifier(constraint.id.path.back())};
  step.phase = Phase::migrate;
  step.lock = LockMode::share_update_exclusive;
  step.scans = true;
  step.bytes = context.bytes(relation_of(constraint.id));
  return step;
}

plan::Steps add_constraint(const Object& constraint, const NewConstraint& what, bool online, const Context& context) {
  const std::string named = what.name.empty() ? "" : "CONSTRAINT " + quote_identifier(what.name) + " ";
  const std::string add = "ALTER TABLE " + relation_name(constraint.id) + " ADD " + named + what.definition;
  const ObjectId relation = relation_of(constraint.id);
  Step step = step_for(constraint, "add " + title_of(constraint),
                       {add + (!what.enforced || (what.validated && !online) ? "" : " NOT VALID")});
  step.lock = what.lock;
  if (is_remade(context, relation)) ask_remade(step, constraint, what, context);
  if (context.is_new(relation) || !what.enforced) return {step};
  if (!all_new(context, relation, what.columns)) {
    step.phase = Phase::contract;
    step.breaking = "INSERTs and UPDATEs that break " + title_of(constraint) + " fail";
  }
  if (!online || !what.validated) return {step};
  Step validate = validate_constraint(constraint, context);
  validate.checks = {what.check};
  return {step, validate};
}

}  // namespace lockstep::recipes
