#include "parser/sql_rules.h"

#include <algorithm>

#include "parser/sql_parse.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

constexpr std::string_view kRows = "a desired state has no rows of its own";
constexpr std::string_view kDrops =
    "what shall not be there is left out; to drop something, leave it out of a schema that is declared";
constexpr std::string_view kCluster = "it is the cluster's, not this database's; roles are only referred to";
constexpr std::string_view kRuns = "it runs code; a desired state only defines";
constexpr std::string_view kSession = "it is about a session, not about what the database shall be";
constexpr std::string_view kNoKind = "no kind of object expresses it, so it would be left out in silence";
constexpr std::string_view kConnects = "it opens a connection to another server";
constexpr std::string_view kInSchemaFile = "only a superuser may make it; declare it in a .schema file";

constexpr SqlRule kRules[] = {
    {"CreateStmt", SqlUse::make},
    {"CreateForeignTableStmt", SqlUse::make},
    {"ViewStmt", SqlUse::make},
    {"CreateTableAsStmt", SqlUse::make},  // for a materialized view; its reader refuses it for a table
    {"IndexStmt", SqlUse::make},
    {"CreateSeqStmt", SqlUse::make},
    {"AlterSeqStmt", SqlUse::make},
    {"AlterTableStmt", SqlUse::make},
    {"CreateSchemaStmt", SqlUse::make},
    {"CreateDomainStmt", SqlUse::make},
    {"AlterDomainStmt", SqlUse::make},
    {"CompositeTypeStmt", SqlUse::make},
    {"CreateEnumStmt", SqlUse::make},
    {"CreateRangeStmt", SqlUse::make},
    {"AlterEnumStmt", SqlUse::make},
    {"AlterTypeStmt", SqlUse::make},
    {"DefineStmt", SqlUse::make},
    {"CreateCastStmt", SqlUse::make},
    {"CreateConversionStmt", SqlUse::make},
    {"CreateFunctionStmt", SqlUse::make},
    {"AlterFunctionStmt", SqlUse::make},
    {"AlterOperatorStmt", SqlUse::make},
    {"CreateTrigStmt", SqlUse::make},
    {"RuleStmt", SqlUse::make},
    {"CreatePolicyStmt", SqlUse::make},
    {"AlterPolicyStmt", SqlUse::make},
    {"CreateStatsStmt", SqlUse::make},
    {"AlterStatsStmt", SqlUse::make},
    {"CommentStmt", SqlUse::make},
    {"RenameStmt", SqlUse::make},
    {"AlterObjectSchemaStmt", SqlUse::make},
    {"CreateForeignServerStmt", SqlUse::make},
    {"AlterForeignServerStmt", SqlUse::make},
    {"CreateUserMappingStmt", SqlUse::make},
    {"AlterUserMappingStmt", SqlUse::make},
    {"AlterTSDictionaryStmt", SqlUse::make},
    {"AlterTSConfigurationStmt", SqlUse::make},
    {"CreatePublicationStmt", SqlUse::make},
    {"AlterPublicationStmt", SqlUse::make},
    {"GrantStmt", SqlUse::grant},
    {"AlterDefaultPrivilegesStmt", SqlUse::grant},
    {"SecLabelStmt", SqlUse::label},
    {"AlterOwnerStmt", SqlUse::own},
    {"VariableSetStmt", SqlUse::setting},
    {"CreateExtensionStmt", SqlUse::declare},
    {"CreateEventTrigStmt", SqlUse::declare},
    {"CreateFdwStmt", SqlUse::declare},
    {"AlterEventTrigStmt", SqlUse::declare},
    {"CreatePLangStmt", SqlUse::declare},  // for plpgsql, which every database has; its reader refuses any other
    {"TransactionStmt", SqlUse::skip},     // BEGIN and COMMIT; their reader refuses the others

    {"InsertStmt", SqlUse::refuse, kRows},
    {"UpdateStmt", SqlUse::refuse, kRows},
    {"DeleteStmt", SqlUse::refuse, kRows},
    {"MergeStmt", SqlUse::refuse, kRows},
    {"TruncateStmt", SqlUse::refuse, kRows},
    {"CopyStmt", SqlUse::refuse, kRows},
    {"RefreshMatViewStmt", SqlUse::refuse, kRows},
    {"SelectStmt", SqlUse::refuse, kRuns},  // except set_config('search_path', …), which its reader handles
    {"DoStmt", SqlUse::refuse, kRuns},
    {"CallStmt", SqlUse::refuse, kRuns},
    {"ExecuteStmt", SqlUse::refuse, kRuns},
    {"PrepareStmt", SqlUse::refuse, kRuns},
    {"LoadStmt", SqlUse::refuse, kRuns},
    {"ExplainStmt", SqlUse::refuse, kRuns},
    {"DropStmt", SqlUse::refuse, kDrops},
    {"DropUserMappingStmt", SqlUse::refuse, kDrops},
    {"DropSubscriptionStmt", SqlUse::refuse, kDrops},
    {"DropOwnedStmt", SqlUse::refuse, kDrops},
    {"ReassignOwnedStmt", SqlUse::refuse, kCluster},
    {"CreateRoleStmt", SqlUse::refuse, kCluster},
    {"AlterRoleStmt", SqlUse::refuse, kCluster},
    {"AlterRoleSetStmt", SqlUse::refuse, kCluster},
    {"DropRoleStmt", SqlUse::refuse, kCluster},
    {"GrantRoleStmt", SqlUse::refuse, kCluster},
    {"CreatedbStmt", SqlUse::refuse, kCluster},
    {"DropdbStmt", SqlUse::refuse, kCluster},
    {"AlterDatabaseStmt", SqlUse::refuse, kCluster},
    {"AlterDatabaseSetStmt", SqlUse::refuse, kCluster},
    {"AlterDatabaseRefreshCollStmt", SqlUse::refuse, kCluster},
    {"CreateTableSpaceStmt", SqlUse::refuse, kCluster},
    {"DropTableSpaceStmt", SqlUse::refuse, kCluster},
    {"AlterTableSpaceOptionsStmt", SqlUse::refuse, kCluster},
    {"AlterTableMoveAllStmt", SqlUse::refuse, kCluster},
    {"AlterSystemStmt", SqlUse::refuse, kCluster},
    {"CheckPointStmt", SqlUse::refuse, kCluster},
    {"VacuumStmt", SqlUse::refuse, "it is maintenance, not a definition"},
    {"ClusterStmt", SqlUse::refuse, "it is maintenance, not a definition; write ALTER TABLE … CLUSTER ON"},
    {"ReindexStmt", SqlUse::refuse, "it is maintenance, not a definition"},
    {"LockStmt", SqlUse::refuse, kSession},
    {"ListenStmt", SqlUse::refuse, kSession},
    {"UnlistenStmt", SqlUse::refuse, kSession},
    {"NotifyStmt", SqlUse::refuse, kSession},
    {"DiscardStmt", SqlUse::refuse, kSession},
    {"DeallocateStmt", SqlUse::refuse, kSession},
    {"DeclareCursorStmt", SqlUse::refuse, kSession},
    {"FetchStmt", SqlUse::refuse, kSession},
    {"ClosePortalStmt", SqlUse::refuse, kSession},
    {"ConstraintsSetStmt", SqlUse::refuse, kSession},
    {"VariableShowStmt", SqlUse::refuse, kSession},
    {"ImportForeignSchemaStmt", SqlUse::refuse, kConnects},
    {"CreateSubscriptionStmt", SqlUse::refuse, kConnects},
    {"AlterSubscriptionStmt", SqlUse::refuse, kConnects},
    {"AlterFdwStmt", SqlUse::refuse, kInSchemaFile},
    {"AlterExtensionStmt", SqlUse::refuse, "say it in CREATE EXTENSION: its schema, its version"},
    {"AlterExtensionContentsStmt", SqlUse::refuse, "an extension's members are its script's business"},
    {"CreateOpClassStmt", SqlUse::refuse, kNoKind},
    {"CreateOpFamilyStmt", SqlUse::refuse, kNoKind},
    {"AlterOpFamilyStmt", SqlUse::refuse, kNoKind},
    {"CreateTransformStmt", SqlUse::refuse, kNoKind},
    {"CreateAmStmt", SqlUse::refuse, kNoKind},
    {"AlterObjectDependsStmt", SqlUse::refuse, kNoKind},
    {"AlterCollationStmt", SqlUse::refuse, "it is maintenance, not a definition"},
};

// The first words of statements of a newer grammar. PostgreSQL checks their syntax.
constexpr SqlRule kByWords[] = {
    {"CREATE TABLE", SqlUse::make},      {"CREATE UNLOGGED TABLE", SqlUse::make},
    {"CREATE VIEW", SqlUse::make},       {"CREATE RECURSIVE VIEW", SqlUse::make},
    {"CREATE INDEX", SqlUse::make},      {"CREATE UNIQUE INDEX", SqlUse::make},
    {"CREATE SEQUENCE", SqlUse::make},   {"CREATE MATERIALIZED VIEW", SqlUse::make},
    {"CREATE FUNCTION", SqlUse::make},   {"CREATE PROCEDURE", SqlUse::make},
    {"CREATE TRIGGER", SqlUse::make},    {"CREATE CONSTRAINT TRIGGER", SqlUse::make},
    {"CREATE DOMAIN", SqlUse::make},     {"CREATE TYPE", SqlUse::make},
    {"CREATE AGGREGATE", SqlUse::make},  {"CREATE COLLATION", SqlUse::make},
    {"CREATE RULE", SqlUse::make},       {"CREATE POLICY", SqlUse::make},
    {"CREATE STATISTICS", SqlUse::make}, {"CREATE FOREIGN TABLE", SqlUse::make},
    {"CREATE SCHEMA", SqlUse::make},     {"CREATE PUBLICATION", SqlUse::make},
    {"ALTER TABLE", SqlUse::make},       {"ALTER INDEX", SqlUse::make},
    {"ALTER VIEW", SqlUse::make},        {"ALTER SEQUENCE", SqlUse::make},
    {"ALTER DOMAIN", SqlUse::make},      {"ALTER TYPE", SqlUse::make},
    {"ALTER FUNCTION", SqlUse::make},    {"ALTER PROCEDURE", SqlUse::make},
    {"ALTER POLICY", SqlUse::make},      {"ALTER PUBLICATION", SqlUse::make},
    {"COMMENT ON", SqlUse::make},        {"GRANT", SqlUse::grant},
    {"REVOKE", SqlUse::grant},
};

}  // namespace

SqlRule sql_rule(std::string_view node) {
  for (const SqlRule& rule : kRules) {
    if (rule.node == node) return rule;
  }
  return {node, SqlUse::refuse, kNoKind};
}

SqlRule sql_rule_by_words(std::string_view statement) {
  std::vector<std::string> words = leading_words(statement, 6);
  if (words.size() > 2 && words[1] == "OR" && words[2] == "REPLACE") words.erase(words.begin() + 1, words.begin() + 3);
  const std::string begins = support::join(words, " ") + " ";
  for (const SqlRule& rule : kByWords) {
    if (begins.starts_with(std::string(rule.node) + " ")) return rule;
  }
  return {{}, SqlUse::refuse, {}};
}

}  // namespace lockstep::parser
