// Procedures: functions without a result and without the properties that matter to PostgreSQL's query planner.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/routines/routine.h"

namespace lockstep::kinds {
namespace procedure {
namespace {

using namespace routine;

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kArguments.name, .expression = true},
    {.name = keys::kLanguage.name},
    {.name = kSecurityDefiner.name, .type = ValueType::boolean, .breaking = breaks_security},
    {.name = kConfiguration.name, .type = ValueType::list},
    {.name = kTransform.name},
    {.name = keys::kBody.name},
    {.name = kObjectFile.name},
    {.name = kSqlBody.name, .expression = true},
    kOwnerAttribute,
};

std::string introspect(int) {
  return routine_introspection("'p'", "");
}
Steps create(const Object& object, const Context& context) {
  return create_routine(kProcedure, object, context);
}
std::string declare(const Object& object, const Catalog&) {
  return declare_routine("procedure", object);
}
Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_routine(kProcedure, from, to);
}

}  // namespace
}  // namespace procedure

constinit const KindSpec kProcedure{
    .tag = {"procedure"},
    .keyword = "PROCEDURE",
    .introspect = procedure::introspect,
    .attributes = procedure::kAttributes,
    .create = procedure::create,
    .address = routine_address,
    .declare = procedure::declare,
    .rename = procedure::rename,
    .replaceable = replaceable_routine,
    .uses = language_of,
    .grant_keyword = "PROCEDURE",
    .joins_clauses = false,
    .displaces = displaced_by_routine,
};

}  // namespace lockstep::kinds
