#include "parser/sql_names.h"

#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::parser {

using nlohmann::json;

namespace {

struct Names {
  const std::string& first_schema;

  catalog::Path qualified(std::string schema, std::string name) const {
    if (schema.empty()) schema = first_schema;
    return {std::move(schema), std::move(name)};
  }
  catalog::Path relation(const json& range) const { return qualified(text_at(range, "schemaname"), text_at(range, "relname")); }
  catalog::Path named(const json& list) const {
    std::vector<std::string> parts = strings_of(list);
    if (parts.empty()) return {};
    return qualified(parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back());
  }
  catalog::Path part(const json& range, const std::string& name) const {
    if (name.empty()) return {};
    catalog::Path path = relation(range);
    path.push_back(name);
    return path;
  }
};

// The argument types of a routine, spelled the same however they were written.
std::string arguments_of(const json& fields) {
  std::vector<std::string> types;
  for (const json& item : at(fields, "parameters")) {
    const json& parameter = at(item, "FunctionParameter");
    const std::string mode = text_at(parameter, "mode");
    if (mode == "FUNC_PARAM_OUT" || mode == "FUNC_PARAM_TABLE") continue;
    std::vector<std::string> names = strings_of(at(at(parameter, "argType"), "names"));
    if (names.size() == 2 && names[0] == "pg_catalog") names.erase(names.begin());
    types.push_back(support::join(names, ".") + (at(at(parameter, "argType"), "arrayBounds").empty() ? "" : "[]"));
  }
  return support::join(types, ", ");
}

}  // namespace

catalog::Path qualified_name(const json& list, const std::string& first_schema) {
  return Names{first_schema}.named(list);
}

void name_statement(const std::string& node, const json& fields, const std::string& first_schema, Statement& made) {
  const Names names{first_schema};
  if (node == "CreateStmt") made.makes = names.relation(at(fields, "relation"));
  if (node == "CreateForeignTableStmt") made.makes = names.relation(at(at(fields, "base"), "relation"));
  if (node == "ViewStmt") made.makes = names.relation(at(fields, "view"));
  if (node == "CreateTableAsStmt") made.makes = names.relation(at(at(fields, "into"), "rel"));
  if (node == "CreateSeqStmt") made.makes = names.relation(at(fields, "sequence"));
  if (node == "CompositeTypeStmt") made.makes = names.relation(at(fields, "typevar"));
  if (node == "CreateEnumStmt" || node == "CreateRangeStmt") made.makes = names.named(at(fields, "typeName"));
  if (node == "CreateDomainStmt") made.makes = names.named(at(fields, "domainname"));
  if (node == "IndexStmt") made.makes = names.part(at(fields, "relation"), text_at(fields, "idxname"));
  if (node == "CreateTrigStmt") made.makes = names.part(at(fields, "relation"), text_at(fields, "trigname"));
  if (node == "RuleStmt") made.makes = names.part(at(fields, "relation"), text_at(fields, "rulename"));
  if (node == "CreatePolicyStmt") made.makes = names.part(at(fields, "table"), text_at(fields, "policy_name"));
  if (node == "CreateSchemaStmt" && !text_at(fields, "schemaname").empty()) {
    made.makes = {text_at(fields, "schemaname")};
    made.opens_schema = at(fields, "schemaElts").empty() && at(fields, "authrole").is_null();
  }
  if (node == "CreateFunctionStmt" || (node == "DefineStmt" && text_at(fields, "kind") == "OBJECT_AGGREGATE")) {
    made.makes = names.named(at(fields, node == "DefineStmt" ? "defnames" : "funcname"));
    made.routine = true;
    if (node == "CreateFunctionStmt") made.makes.push_back(arguments_of(fields));
  }
  // ALTER TABLE … ADD CONSTRAINT name: the constraint's name is in the command.
  if (node == "AlterTableStmt" && at(fields, "cmds").size() == 1) {
    const json& command = at(at(fields, "cmds")[0], "AlterTableCmd");
    if (text_at(command, "subtype") == "AT_AddConstraint")
      made.makes = names.part(at(fields, "relation"), text_at(at(at(command, "def"), "Constraint"), "conname"));
  }
}

}  // namespace lockstep::parser
