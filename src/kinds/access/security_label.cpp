// Security labels, one rule for every kind that takes them: SECURITY LABEL FOR <provider> ON <the target's keyword and address>.
//
// A label is a text that PostgreSQL keeps for a loadable module, the provider, which may refuse it and decides what follows from
// it. PostgreSQL lets nobody set or remove one where that module isn't loaded. Labels of roles, databases and tablespaces are the
// cluster's and are not read.
#include "kinds/access/security_label.h"

#include <algorithm>

#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace security_label {
namespace {

constexpr Attr<std::string> kLabel{"label"};

const std::string& provider_of(const ObjectId& id) {
  return id.path.back();
}

std::string statement(const ObjectId& id, const std::string& label) {
  const ObjectId target = target_of(id);
  return "SECURITY LABEL FOR " + support::quote_identifier(provider_of(id)) + " ON " + std::string(of(target).keyword) + " " +
         of(target).address(target) + " IS " + label;
}

std::vector<std::string> superuser_statements(const Object& object) {
  return {statement(object.id, support::quote_literal(object.get(kLabel)))};
}

// A provider may refuse or change what sessions do with a labelled object (SELinux, masking): old statements can notice.
Step say(const ObjectId& id, const Context& context, const std::string& verb, const std::string& label) {
  const ObjectId target = target_of(id);
  Step step;
  step.title = verb + " the security label of provider " + provider_of(id) + " on " + catalog::to_string(target);
  step.sql = {statement(id, label)};
  if (context.is_new(target)) return step;
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::share_update_exclusive;
  step.breaking = "provider " + provider_of(id) + " may treat statements on " + catalog::to_string(target) + " otherwise";
  return step;
}

// On scratch the label is set by a statement of its own (superuser_statements): the provider is seldom loaded there.
Steps create(const Object& object, const Context& context) {
  Step step = say(object.id, context, "set", support::quote_literal(object.get(kLabel)));
  if (context.elaborating) step.sql.clear();
  step.produces = {object.id};
  return {std::move(step)};
}

Steps change(const Change&, const Object&, const Object& to, const Context& context) {
  return create(to, context);
}

Steps drop(const Object& object, const Context& context) {
  Step step = say(object.id, context, "drop", "NULL");
  step.destroys = {object.id};
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "label " + support::quote_identifier(provider_of(object.id)) + " " + support::quote_literal(object.get(kLabel));
}

constexpr AttrSpec kAttributes[] = {{.name = kLabel.name, .recipe = change}};

// PostgreSQL takes no label on a text search template or parser: what stands there is scratch's own (elaborator/disarm).
std::string introspect(int) {
  return "SELECT 0::oid, 0::oid, 0, l.classoid, l.objoid, l.objsubid, l.provider, NULL::text, l.label FROM pg_seclabel l"
         " WHERE l.classoid NOT IN ('pg_ts_template'::regclass, 'pg_ts_parser'::regclass)";
}

}  // namespace
}  // namespace security_label

bool takes_security_label(const KindSpec& kind) {
  static constexpr const KindSpec* kLabelled[] = {
      &kSchema,    &kTable,     &kColumn,    &kView,         &kViewColumn,  &kMaterializedView,
      &kSequence,  &kFunction,  &kProcedure, &kAggregate,    &kEnum,        &kDomain,
      &kComposite, &kAttribute, &kRange,     &kForeignTable, &kPublication, &kEventTrigger};
  return std::find(std::begin(kLabelled), std::end(kLabelled), &kind) != std::end(kLabelled);
}

bool is_security_label(const ObjectId& id) {
  return id.is(kSecurityLabel.tag);
}

constinit const KindSpec kSecurityLabel{
    .tag = {"security_label"},
    .keyword = "SECURITY LABEL",
    .introspect = security_label::introspect,
    .attributes = security_label::kAttributes,
    .create = security_label::create,
    .drop = security_label::drop,
    .declare = security_label::declare,
    .placement = Placement::target_by_name,
    .superuser_statements = security_label::superuser_statements,
};

}  // namespace lockstep::kinds
