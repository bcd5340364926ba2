// Comments, one rule for every kind: COMMENT ON <the target's keyword and address>.
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

constexpr Attr<std::string> kText{"text"};

Step say(const ObjectId& id, const Context& context, const std::string& verb, const std::string& text) {
  const ObjectId target = target_of(id);
  const KindSpec& kind = of(target);
  Step step;
  step.title = verb + " the comment of " + catalog::to_string(target);
  step.sql = {"COMMENT ON " + std::string(kind.keyword) + " " + kind.address(target) + " IS " + text};
  if (!context.is_new(target)) step.lock = plan::LockMode::share_update_exclusive;
  return step;
}

Steps create(const Object& object, const Context& context) {
  Step step = say(object.id, context, "set", support::quote_literal(object.get(kText)));
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

constexpr AttrSpec kAttributes[] = {{.name = kText.name, .recipe = change}};

// Comments that nobody wrote count as absent: initdb's own (below 16384, schema public's apart) and those an extension's
// control file brings.
std::string introspect(int) {
  return "SELECT 0::oid, 0::oid, 0, d.classoid, d.objoid, d.objsubid, NULL::text, NULL::text, d.description AS text FROM "
         "pg_description d"
         " WHERE d.classoid <> 'pg_largeobject'::regclass AND (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass"
         "  AND d.objoid = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = 'public') AND d.description <> 'standard public "
         "schema')"
         " AND NOT (d.classoid = 'pg_extension'::regclass AND EXISTS (SELECT FROM pg_extension e JOIN pg_available_extensions a "
         "ON a.name = e.extname"
         "  WHERE e.oid = d.objoid AND a.comment = d.description))";
}

}  // namespace

constinit const KindSpec kComment{
    .tag = {"comment"},
    .keyword = "COMMENT",
    .introspect = introspect,
    .attributes = kAttributes,
    .create = create,
    .drop = drop,
    .satellite = true,
};

}  // namespace lockstep::kinds
