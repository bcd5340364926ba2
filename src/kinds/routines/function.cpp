// Functions, including window functions. A change that CREATE OR REPLACE can make keeps the function and its dependents; other
// arguments or another result mean drop and create.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/routines/routine.h"

namespace lockstep::kinds {
namespace function {
namespace {

using namespace routine;

std::string breaks_strict(const Object& from, const Object& to) {
  return "calls of " + catalog::to_string(from.id) + " with a NULL argument " +
         (to.get(kStrict) ? "return NULL without running it" : "run it, where they returned NULL");
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kArguments.name, .expression = true},
    {.name = keys::kResult.name, .expression = true},
    {.name = keys::kLanguage.name},
    {.name = kVolatility.name},
    {.name = kStrict.name, .type = ValueType::boolean, .breaking = breaks_strict},
    {.name = kSecurityDefiner.name, .type = ValueType::boolean, .breaking = breaks_security},
    {.name = kLeakproof.name, .type = ValueType::boolean},
    {.name = kWindow.name, .type = ValueType::boolean},
    {.name = kParallel.name},
    {.name = kCost.name},
    {.name = kRows.name},
    {.name = kSupport.name},
    {.name = kConfiguration.name, .type = ValueType::list},
    {.name = kTransform.name},
    {.name = keys::kBody.name},
    {.name = kObjectFile.name},
    {.name = kSqlBody.name, .expression = true},
    kOwnerAttribute,
};

std::string introspect(int) {
  return routine_introspection("'f', 'w'",
                               ", pg_get_function_result(p.oid) AS result,"
                               " CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END AS volatility,"
                               " nullif(p.proisstrict, false) AS strict, nullif(p.proleakproof, false) AS leakproof,"
                               " nullif(p.prokind = 'w', false) AS \"window\","
                               " CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END AS parallel,"
                               " nullif(p.procost, CASE WHEN l.lanname IN ('internal', 'c') THEN 1 ELSE 100 END)::text AS cost,"
                               " nullif(p.prorows, CASE WHEN p.proretset THEN 1000 ELSE 0 END)::text AS rows,"
                               " nullif(p.prosupport::oid, 0)::regproc::text AS support");
}

Steps create(const Object& object, const Context& context) {
  return create_routine(kFunction, object, context);
}
std::string declare(const Object& object, const Catalog&) {
  return declare_routine("function", object);
}
Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_routine(kFunction, from, to);
}

}  // namespace
}  // namespace function

constinit const KindSpec kFunction{
    .tag = {"function"},
    .keyword = "FUNCTION",
    .introspect = function::introspect,
    .attributes = function::kAttributes,
    .create = function::create,
    .address = routine_address,
    .declare = function::declare,
    .rename = function::rename,
    .replaceable = replaceable_routine,
    .uses = language_of,
    .grant_keyword = "FUNCTION",
    .joins_clauses = false,
    .superuser_statements = leakproof_statement,
    .displaces = displaced_by_routine,
};

}  // namespace lockstep::kinds
