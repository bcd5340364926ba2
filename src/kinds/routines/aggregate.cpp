// Aggregates: plain, moving, ordered-set and hypothetical-set. The definition is one text with the options in the manual's
// order, so that equal aggregates have equal texts. Any change means drop and create.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/routines/routine.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace aggregate {
namespace {

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kArguments.name, .expression = true},
    {.name = keys::kDefinition.name, .expression = true},
    kOwnerAttribute,
};

// FINALFUNC_MODIFY is read_only by default, read_write for ordered-set aggregates.
std::string modify(std::string_view word, std::string_view column, std::string_view function) {
  const std::string c = "a." + std::string(column);
  return "CASE WHEN a." + std::string(function) + "::oid <> 0 AND " + c +
         " <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN '" + std::string(word) + " = ' || CASE " + c +
         " WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END END";
}

std::string function(std::string_view word, std::string_view column) {
  return "'" + std::string(word) + " = ' || nullif(a." + std::string(column) + "::oid, 0)::regproc::text";
}

std::string definition() {
  const std::vector<std::string> parts = {
      function("sfunc", "aggtransfn"),
      "'stype = ' || format_type(a.aggtranstype, NULL)",
      "'sspace = ' || nullif(a.aggtransspace, 0)",
      function("finalfunc", "aggfinalfn"),
      "CASE WHEN a.aggfinalextra THEN 'finalfunc_extra' END",
      modify("finalfunc_modify", "aggfinalmodify", "aggfinalfn"),
      function("combinefunc", "aggcombinefn"),
      function("serialfunc", "aggserialfn"),
      function("deserialfunc", "aggdeserialfn"),
      "'initcond = ' || quote_literal(a.agginitval)",
      function("msfunc", "aggmtransfn"),
      function("minvfunc", "aggminvtransfn"),
      "'mstype = ' || format_type(nullif(a.aggmtranstype, 0), NULL)",
      "'msspace = ' || nullif(a.aggmtransspace, 0)",
      function("mfinalfunc", "aggmfinalfn"),
      "CASE WHEN a.aggmfinalextra THEN 'mfinalfunc_extra' END",
      modify("mfinalfunc_modify", "aggmfinalmodify", "aggmfinalfn"),
      "'minitcond = ' || quote_literal(a.aggminitval)",
      "(SELECT 'sortop = OPERATOR(' || quote_ident(sn.nspname) || '.' || o.oprname || ')' FROM pg_operator o"
      " JOIN pg_namespace sn ON sn.oid = o.oprnamespace WHERE o.oid = a.aggsortop)",
      "CASE p.proparallel WHEN 's' THEN 'parallel = safe' WHEN 'r' THEN 'parallel = restricted' END",
      "CASE a.aggkind WHEN 'h' THEN 'hypothetical' END",
  };
  return "concat_ws(', ', " + support::join(parts, ", ") + ")";
}

std::string introspect(int) {
  return "SELECT 'pg_proc'::regclass::oid, p.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, p.proname::text,"
         " coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*'),"
         " coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*') AS arguments, " +
         definition() +
         " AS definition, pg_get_userbyid(p.proowner)::text AS owner"
         " FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid JOIN pg_namespace n ON n.oid = p.pronamespace WHERE "
         "p.prokind = 'a' AND " +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::qualified(id.path[0], id.path[1]) + "(" + id.path[2] + ")";
}

Steps create(const Object& object, const Context& context) {
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id),
                                {"CREATE AGGREGATE " + support::qualified(object.id.path[0], object.id.path[1]) + "(" +
                                 object.get(keys::kArguments) + ") (" + object.get(keys::kDefinition) + ")"});
  warn_of_namesakes(object, context, step);
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "aggregate " + support::quote_identifier(object.id.path[1]) + "(" + object.get(keys::kArguments) + ") (" +
         object.get(keys::kDefinition) + ")";
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kAggregate, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

}  // namespace
}  // namespace aggregate

constinit const KindSpec kAggregate{
    .tag = {"aggregate"},
    .keyword = "AGGREGATE",
    .introspect = aggregate::introspect,
    .attributes = aggregate::kAttributes,
    .create = aggregate::create,
    .address = aggregate::address,
    .declare = aggregate::declare,
    .rename = aggregate::rename,
    .grant_keyword = "FUNCTION",
    .joins_clauses = false,
    .displaces = displaced_by_routine,
};

}  // namespace lockstep::kinds
