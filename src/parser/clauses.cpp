#include "parser/clauses.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "parser/syntax_tree.h"
#include "support/error.h"

namespace lockstep::parser {
namespace {

constexpr Declaration kDeclarations[] = {
    {"manageAll", "manage"},
    {"defaultOwner", "default owner"},
    {"includeFile", "include"},
    {"schemaDecl", "schema"},
    {"extensionDecl", "extension"},
    {"dropDirective", "drop"},
    {"ignoreDirective", "ignore"},
    {"protectDirective", "protect"},
    {"commentItem", "comment"},
    {"indexCommentItem", "index_comment"},
    {"labelItem", "security_label"},
    {"grantItem", "grant"},
    {"revokeItem", "revoke"},
    {"privilege", "privilege", true},
    {"enumDecl", "enum"},
    {"domainDecl", "domain"},
    {"domainCheck", "domain_constraint", true},
    {"compositeDecl", "composite"},
    {"attributeDecl", "attribute", true},
    {"rangeDecl", "range"},
    {"sequenceDecl", "sequence"},
    {"functionDecl", "function"},
    {"procedureDecl", "procedure"},
    {"aggregateDecl", "aggregate"},
    {"tableDecl", "table"},
    {"externalTable", "external table"},
    {"columnItem", "column"},
    {"inheritedColumn", "override"},
    {"inlineDefault", "default", true},
    {"inlinePrimaryKey", "primary_key", true},
    {"inlineUnique", "unique", true},
    {"inlineCheck", "check", true},
    {"inlineReferences", "foreign_key", true},
    {"inlineComment", "comment", true},
    {"inlineLabel", "security_label", true},
    {"primaryKeyItem", "primary_key"},
    {"uniqueItem", "unique"},
    {"checkItem", "check"},
    {"foreignKeyItem", "foreign_key"},
    {"excludeItem", "exclude"},
    {"indexItem", "index"},
    {"rowSecurityItem", "setting"},
    {"replicaIdentityItem", "setting"},
    {"policyItem", "policy"},
    {"triggerItem", "trigger"},
    {"inheritedTrigger", "trigger_state"},
    {"ruleItem", "rule"},
    {"partitionItem", "partition"},
    {"partitionsUnmanaged", "partitions unmanaged"},
    {"onlinePolicy", "online or offline"},
    {"rowsDecl", "rows"},
    {"sqlDecl", "sql"},
    {"viewDecl", "view"},
    {"viewColumn", "view_column"},
    {"materializedViewDecl", "materialized_view"},
    {"statisticsDecl", "statistics"},
    {"definedObject", ""},
    {"plainObject", ""},
    {"property", "property", true},
};

constexpr Clause kClauses[] = {
    {"ownerClause", "owner", Shape::name},
    {"partialClause", "partial", Shape::truth},
    {"renamedClause", "renamed_from", Shape::names},
    {"extensionSchema", "schema", Shape::name},
    {"extensionVersion", "version", Shape::name},
    {"commentText", "text", Shape::text},
    {"labelProvider", "provider", Shape::name},
    {"labelText", "label", Shape::text},
    {"privilegeWord", "privilege", Shape::words},
    {"privilegeColumns", "columns", Shape::names},
    {"grantees", "grantees", Shape::names},
    {"grantOption", "grant_option", Shape::truth},
    {"objectKind", "kind", Shape::words},
    {"objectName", "object", Shape::names},
    {"dropAfter", "after", Shape::text},
    {"rawGlob", "glob", Shape::raw},
    {"tablespaceClause", "tablespace", Shape::name},
    {"withClause", "options", Shape::options},
    {"usingClause", "access_method", Shape::name},
    {"unloggedClause", "unlogged", Shape::truth},
    {"onlineClause", "online", Shape::truth},
    {"offlineClause", "offline", Shape::truth},
    {"enumValue", "values", Shape::texts},
    {"enumValueRenamed", "value_renamed", Shape::texts},
    {"enumMap", "map", Shape::texts},
    {"typeClause", "type", Shape::raw},
    {"collateClause", "collation", Shape::raw},
    {"domainDefault", "default", Shape::raw},
    {"notNull", "not_null", Shape::truth},
    {"checkExpression", "expression", Shape::inside},
    {"notValid", "valid", Shape::falsehood},
    {"notEnforced", "enforced", Shape::falsehood},
    {"noInherit", "no_inherit", Shape::truth},
    {"sequenceType", "type", Shape::raw},
    {"sequenceStart", "start", Shape::integer},
    {"sequenceIncrement", "increment", Shape::integer},
    {"sequenceMinimum", "minimum", Shape::integer},
    {"sequenceMaximum", "maximum", Shape::integer},
    {"sequenceCache", "cache", Shape::integer},
    {"cycleClause", "cycle", Shape::truth},
    {"ownedBy", "owned_by", Shape::names},
    {"argumentList", "arguments", Shape::inside},
    {"rawResult", "result", Shape::raw},
    {"languageClause", "language", Shape::name},
    {"volatility", "volatility", Shape::words},
    {"strictClause", "strict", Shape::truth},
    {"securityDefiner", "security_definer", Shape::truth},
    {"leakproof", "leakproof", Shape::truth},
    {"windowClause", "window", Shape::truth},
    {"parallelMode", "parallel", Shape::words},
    {"costClause", "cost", Shape::raw},
    {"rowsClause", "rows", Shape::raw},
    {"supportClause", "support", Shape::raw},
    {"rawSetting", "configuration", Shape::raw_item},
    {"rawTransform", "transform", Shape::raw},
    {"stringBody", "body", Shape::bodies},
    {"sqlBody", "sql_body", Shape::trimmed},
    {"aggregateDefinition", "definition", Shape::inside},
    {"partitionKey", "partition_by", Shape::laid_out},
    {"inheritedTable", "inherits", Shape::raw_item},
    {"ofType", "of_type", Shape::raw},
    {"storageMode", "storage", Shape::words},
    {"compressionMethod", "compression", Shape::words},
    {"columnStatistics", "statistics", Shape::integer},
    {"columnOptions", "options", Shape::options},
    {"identityMode", "identity", Shape::words},
    {"identityOptions", "identity_options", Shape::inside},
    {"generatedExpression", "generated", Shape::inside},
    {"virtualWord", "virtual", Shape::truth},
    {"rawDefault", "expression", Shape::raw},
    {"ownDefault", "default", Shape::raw},
    {"noDefault", "no_default", Shape::truth},
    {"backfillExpression", "backfill", Shape::inside},
    {"backfillQuery", "backfill_query", Shape::trimmed},
    {"withoutTriggers", "without_triggers", Shape::names},
    {"convertExpression", "convert", Shape::inside},
    {"convertBack", "convert_back", Shape::inside},
    {"columnList", "columns", Shape::columns},
    {"includeColumns", "include", Shape::names},
    {"nullsNotDistinct", "nulls_not_distinct", Shape::truth},
    {"deferrability", "deferrable", Shape::words},
    {"referencedTable", "references", Shape::names},
    {"referencedColumns", "referenced_columns", Shape::names},
    {"matchType", "match", Shape::words},
    {"onUpdate", "on_update", Shape::action},
    {"onDelete", "on_delete", Shape::action},
    {"rawExclusion", "definition", Shape::raw},
    {"uniqueIndex", "unique", Shape::truth},
    {"indexMethod", "method", Shape::name},
    {"indexColumns", "index_columns", Shape::raw},
    {"indexInclude", "index_include", Shape::raw},
    {"indexWith", "index_with", Shape::raw},
    {"indexWhere", "index_where", Shape::raw},
    {"clusteredWord", "clustered", Shape::truth},
    {"attachedIndex", "attached_to", Shape::name},
    {"invalidWord", "valid", Shape::falsehood},
    {"indexStatistics", "statistics", Shape::insides},
    {"rowSecurity", "row_security", Shape::truth},
    {"forceRowSecurity", "force_row_security", Shape::truth},
    {"replicaIdentity", "replica_identity", Shape::words},
    {"restrictiveWord", "restrictive", Shape::truth},
    {"commandWord", "command", Shape::words},
    {"policyRoles", "roles", Shape::names},
    {"policyUsing", "using", Shape::inside},
    {"policyCheck", "check", Shape::inside},
    {"constraintWord", "constraint", Shape::truth},
    {"triggerEvents", "events", Shape::laid_out},
    {"triggerFrom", "from", Shape::names},
    {"triggerAction", "action", Shape::laid_out},
    {"triggerState", "enabled", Shape::words},
    {"inheritedTriggerState", "enabled", Shape::words},
    {"rawRule", "definition", Shape::raw},
    {"partitionBound", "bound", Shape::laid_out},
    {"queryText", "query", Shape::trimmed},
    {"sqlText", "script", Shape::text},
    {"includePath", "path", Shape::text},
    {"checkOption", "check_option", Shape::words},
    {"unpopulated", "unpopulated", Shape::truth},
    {"rawStatistics", "definition", Shape::raw},
    {"statisticsTarget", "target", Shape::integer},
    {"definedKind", "kind", Shape::words},
    {"castWord", "kind", Shape::words},
    {"defaultPrivileges", "kind", Shape::words},
    {"extensionPrivileges", "kind", Shape::words},
    {"plainKind", "kind", Shape::words},
    {"operatorWord", "kind", Shape::words},
    {"userMapping", "kind", Shape::words},
    {"rawCast", "definition", Shape::raw},
    {"rawDefinition", "definition", Shape::raw},
    {"rawOperator", "operator", Shape::raw},
    {"mappedUser", "user", Shape::name},
    {"mappedServer", "server", Shape::name},
    {"propertyName", "name", Shape::name},
    {"propertyList", "list", Shape::options},
    {"rawValue", "value", Shape::raw},
    {"period", "period", Shape::truth},
    {"withoutOverlaps", "without_overlaps", Shape::truth},
};

constexpr std::string_view kParenthesised[] = {"parens", "statementParens", "argumentList"};
constexpr std::string_view kRaw[] = {"brackets", "caseExpression", "text", "signedNumber"};

template <class Rows>
bool listed(const Rows& rows, std::string_view rule) {
  return std::find(std::begin(rows), std::end(rows), rule) != std::end(rows);
}

template <class Rows>
auto row_of(const Rows& rows, std::string_view rule) {
  const auto found = std::find_if(std::begin(rows), std::end(rows), [&](const auto& row) { return row.rule == rule; });
  return found == std::end(rows) ? nullptr : &*found;
}

Meaning meaning_of(std::string_view rule) {
  Meaning result;
  result.declaration = row_of(kDeclarations, rule);
  result.clause = row_of(kClauses, rule);
  result.parenthesised = listed(kParenthesised, rule);
  result.raw = result.parenthesised || listed(kRaw, rule) || rule.substr(0, 3) == "raw";
  result.glued = rule == "argumentList";
  result.name = rule == "name";
  result.text = rule == "text";
  result.option = rule == "option";
  result.block = rule.size() > 5 && rule.substr(rule.size() - 5) == "Block";
  result.declared = rule == "declared";
  return result;
}

// A row for a rule that the grammar doesn't have would never apply.
void check_rows(const std::vector<std::string>& names) {
  const auto check = [&](std::string_view rule) {
    if (std::find(names.begin(), names.end(), rule) == names.end()) {
      throw support::InternalError("the grammar has no rule " + std::string(rule));
    }
  };
  for (const auto& row : kDeclarations) check(row.rule);
  for (const auto& row : kClauses) check(row.rule);
}

}  // namespace

const Meaning& meaning(std::uint16_t rule) {
  static const std::vector<Meaning> meanings = [] {
    check_rows(syntax::rule_names());
    std::vector<Meaning> list;
    for (const auto& name : syntax::rule_names()) list.push_back(meaning_of(name));
    return list;
  }();
  return meanings[rule];
}

}  // namespace lockstep::parser
