// Operator. Its identity includes the argument types: {"s", "+++", "integer, integer"}, with NONE on the left of a prefix
// operator.
//
// PostgreSQL links commutators and negators both ways: naming one that doesn't exist yet creates a shell operator, which its
// own CREATE completes. Shell operators are not read.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace operators {
namespace {

constexpr Attr<std::string> kCommutator{"commutator"};
constexpr Attr<std::string> kNegator{"negator"};
constexpr Attr<std::string> kRestrict{"restrict"};
constexpr Attr<std::string> kJoin{"join"};
constexpr Attr<bool> kHashes{"hashes"};
constexpr Attr<bool> kMerges{"merges"};

std::string introspect(int) {
  const auto other = [](const std::string& column) {
    return "(SELECT 'OPERATOR(' || quote_ident(m.nspname) || '.' || x.oprname || ')' FROM pg_operator x JOIN pg_namespace m ON "
           "m.oid = "
           "x.oprnamespace WHERE x.oid = o." +
           column + ")";
  };
  return R"(SELECT 'pg_operator'::regclass::oid, o.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, o.oprname,
  CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', ' || format_type(o.oprright, NULL),
  o.oprcode::regproc::text AS "function",
  )" + other("oprcom") +
         " AS commutator,\n  " + other("oprnegate") + R"( AS negator,
  CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END AS "restrict",
  CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END AS "join",
  CASE WHEN o.oprcanhash THEN true END AS hashes,
  CASE WHEN o.oprcanmerge THEN true END AS merges,
  pg_get_userbyid(o.oprowner)::text AS owner
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND )" +
         user_schema("n");
}

std::string address(const ObjectId& id) {
  return support::quote_identifier(id.path[0]) + "." + id.path[1] + " (" + id.path[2] + ")";
}

// Splits "left, right" at the comma outside of quotes and parentheses.
std::pair<std::string, std::string> arguments(const ObjectId& id) {
  const std::string& text = id.path[2];
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c != ',' || depth != 0) continue;
    const std::size_t right = text.find_first_not_of(" \t\r\n", i + 1);
    return {text.substr(0, i), right == std::string::npos ? "" : text.substr(right)};
  }
  throw support::RefusedError("operator " + support::join(id.path, " ") +
                              " needs two argument types, as in (integer, integer) or (NONE, integer)");
}

bool is_none(const std::string& type) {
  return type == "NONE" || type == "none";
}

Steps create(const Object& object, const Context& context) {
  const auto [left, right] = arguments(object.id);
  std::vector<std::string> parts{"FUNCTION = " + object.get(keys::kFunction)};
  if (!is_none(left)) parts.push_back("LEFTARG = " + left);
  parts.push_back("RIGHTARG = " + right);
  if (object.has(kCommutator)) parts.push_back("COMMUTATOR = " + object.get(kCommutator));
  if (object.has(kNegator)) parts.push_back("NEGATOR = " + object.get(kNegator));
  if (object.has(kRestrict)) parts.push_back("RESTRICT = " + object.get(kRestrict));
  if (object.has(kJoin)) parts.push_back("JOIN = " + object.get(kJoin));
  if (object.get(kHashes)) parts.push_back("HASHES");
  if (object.get(kMerges)) parts.push_back("MERGES");
  return {create_step(kOperator, object, context,
                      "CREATE OPERATOR " + support::quote_identifier(object.id.path[0]) + "." + object.id.path[1] + " (" +
                          support::join(parts, ", ") + ")")};
}

Steps drop(const Object& object, const Context& context) {
  return {
      drop_step(kOperator, object, context, plan::LockMode::none, "statements that use it fail: the operator does not exist")};
}

std::string declare(const Object& object, const Catalog&) {
  return "operator " + object.id.path[1] + " (" + object.id.path[2] + ")" + properties_text(kOperator, object);
}

std::string restrict_clause(const Object& to) {
  return "SET (RESTRICT = " + (to.has(kRestrict) ? to.get(kRestrict) : "NONE") + ")";
}
std::string join_clause(const Object& to) {
  return "SET (JOIN = " + (to.has(kJoin) ? to.get(kJoin) : "NONE") + ")";
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kFunction.name, .expression = true},
    {.name = kCommutator.name, .expression = true},
    {.name = kNegator.name, .expression = true},
    {.name = kRestrict.name, .expression = true, .clause = restrict_clause},
    {.name = kJoin.name, .expression = true, .clause = join_clause},
    {.name = kHashes.name, .type = ValueType::boolean},
    {.name = kMerges.name, .type = ValueType::boolean},
    kOwnerAttribute,
};

}  // namespace
}  // namespace operators

constinit const KindSpec kOperator{
    .tag = {"operator"},
    .keyword = "OPERATOR",
    .introspect = operators::introspect,
    .attributes = operators::kAttributes,
    .create = operators::create,
    .drop = operators::drop,
    .address = operators::address,
    .declare = operators::declare,
    .joins_clauses = false,
    .used_without_privilege = true,
    .reaches_unnamed = true,
};

}  // namespace lockstep::kinds
