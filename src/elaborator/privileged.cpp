#include "elaborator/privileged.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "catalog/keys.h"
#include "elaborator/disarm.h"
#include "elaborator/labels.h"
#include "elaborator/sources.h"
#include "kinds/registry.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "session/quiet.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Object;
using nlohmann::json;
using support::DatabaseError;
using support::DeclaredSql;

namespace {

constexpr std::string_view kOwnerTo = " OWNER TO ";

// Whether PostgreSQL may evaluate something in this part of a parse tree when it parses or runs the statement. Reading the text
// of a value can already run the check of a domain.
bool evaluates(const json& tree) {
  static const std::set<std::string> kEvaluated = {
      "FuncCall",     "A_Expr",  "SubLink",     "SelectStmt",       "TypeCast",   "BoolExpr",    "NullTest", "CaseExpr",
      "CoalesceExpr", "RowExpr", "A_ArrayExpr", "SQLValueFunction", "MinMaxExpr", "whereClause", "XmlExpr",  "A_Indirection"};
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (node.is_object()) {
      for (const auto& [key, value] : node.items()) {
        if (kEvaluated.contains(key)) return true;
      }
    }
    for (const json& child : node) open.push_back(&child);
  }
  return false;
}

// The parse tree of a text that is exactly one statement; nullopt: the text has several, or the parser can't parse it.
std::optional<json> single(const std::string& text) {
  std::optional<parser::SqlError> error;
  auto pieces = parser::split_sql(text, error);
  if (error || pieces.size() != 1 || pieces.front().tree.is_null()) return std::nullopt;
  return std::move(pieces.front().tree);
}

// The owner of the tables may run FOR TABLE, so it needs no superuser.
bool of_single_tables(const json& tree) {
  const json& publication = parser::at(tree, "CreatePublicationStmt");
  if (!publication.is_object() || parser::true_at(publication, "for_all_tables")) return false;
  const json& objects = parser::at(publication, "pubobjects");
  return std::all_of(objects.begin(), objects.end(), [](const json& object) {
    return parser::text_at(parser::at(object, "PublicationObjSpec"), "pubobjtype") == "PUBLICATIONOBJ_TABLE";
  });
}

[[noreturn]] void refuse(std::string message, std::string hint) {
  DatabaseError::Facts facts;
  facts.sqlstate = "42501";
  facts.message = std::move(message);
  facts.hint = std::move(hint);
  throw DatabaseError(std::move(facts));
}

// PostgreSQL calls the validator of a foreign-data wrapper when a superuser creates or alters it. The parse tree is checked,
// because an attribute's text may contain further clauses.
void refuse_validator(postgres::Session& superuser, const json& tree) {
  for (const char* node : {"CreateFdwStmt", "AlterFdwStmt"}) {
    for (const json& item : parser::at(parser::at(tree, node), "func_options")) {
      const json& option = parser::at(item, "DefElem");
      const auto names = parser::strings_of(parser::at(parser::at(parser::at(option, "arg"), "List"), "items"));
      if (parser::text_at(option, "defname") != "validator" || names.empty()) continue;
      const std::string name = support::qualified(names);
      const auto found = superuser.query(
          "SELECT FROM pg_catalog.pg_proc p WHERE p.oid = pg_catalog.to_regprocedure($1 || "
          "'(pg_catalog.text[],pg_catalog.oid)')::pg_catalog.oid AND p.prorettype IN "
          "('pg_catalog.void'::pg_catalog.regtype, 'pg_catalog.bool'::pg_catalog.regtype) AND (p.oid < 16384 OR p.prosrc = "
          "'void_in' AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = "
          "'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'))",
          {name});
      if (!found.empty()) continue;
      refuse("validator " + name + " is neither PostgreSQL's nor an extension's: it would run as a superuser, so it is not tried",
             "name a validator of PostgreSQL's or of an extension, with its schema, or none");
    }
  }
}

// The roles that own an object after this statement.
std::vector<const json*> new_owners(const json& tree) {
  std::vector<const json*> owners;
  if (tree.contains("AlterOwnerStmt")) owners.push_back(&parser::at(parser::at(tree, "AlterOwnerStmt"), "newowner"));
  for (const json& item : parser::at(parser::at(tree, "AlterTableStmt"), "cmds")) {
    const json& command = parser::at(item, "AlterTableCmd");
    if (parser::text_at(command, "subtype") == "AT_ChangeOwner") owners.push_back(&parser::at(command, "newowner"));
  }
  return owners;
}

// What belongs to a role may run with that role's rights, so an owner must be a role that the database's unprivileged role is a
// member of; those have no special rights. The parse tree is checked, because the text contains what was declared (an
// argument's default).
void refuse_owner(postgres::Session& superuser, const std::set<std::string>& roles) {
  for (const std::string& role : roles) {
    const auto powerless = superuser.query(
        "SELECT FROM pg_catalog.pg_roles r, pg_catalog.pg_database d WHERE r.rolname = $1 AND d.datname = "
        "pg_catalog.current_database() AND pg_catalog.pg_has_role(d.datdba, r.oid, 'MEMBER')",
        {role});
    if (powerless.empty()) refuse("an object can't be given to role \"" + role + "\" on a scratch database", "");
  }
}

std::set<std::string> named(const std::vector<const json*>& owners) {
  std::set<std::string> roles;
  for (const json* owner : owners) roles.insert(parser::text_at(*owner, "rolename"));  // empty: CURRENT_USER and the like
  return roles;
}

// The superuser may set LEAKPROOF and owners, and moves or renames only objects that it created itself, so that nothing of the
// files gets into pg_catalog, where Lockstep's own queries look names up.
void refuse_other_actions(const json& tree) {
  static const std::set<std::string> kMade = {"OBJECT_EXTENSION", "OBJECT_FDW",        "OBJECT_EVENT_TRIGGER",
                                              "OBJECT_TSPARSER",  "OBJECT_TSTEMPLATE", "OBJECT_PUBLICATION"};
  bool good = true;
  for (const json& item : parser::at(parser::at(tree, "AlterFunctionStmt"), "actions"))
    good = good && parser::text_at(parser::at(item, "DefElem"), "defname") == "leakproof";
  for (const json& item : parser::at(parser::at(tree, "AlterTableStmt"), "cmds"))
    good = good && parser::text_at(parser::at(item, "AlterTableCmd"), "subtype") == "AT_ChangeOwner";
  if (tree.contains("AlterObjectSchemaStmt"))
    good = good && kMade.contains(parser::text_at(parser::at(tree, "AlterObjectSchemaStmt"), "objectType"));
  if (tree.contains("RenameStmt")) good = good && kMade.contains(parser::text_at(parser::at(tree, "RenameStmt"), "renameType"));
  if (!good) refuse("on a scratch database a superuser doesn't say this", "");
}

}  // namespace

bool is_superuser(postgres::Session& session) {
  const auto powers = session.execute("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
  return !powers.empty() && powers.boolean(0, 0);
}

namespace {

// The parse tree of a statement that a superuser may run; nullopt: it isn't one.
std::optional<json> privileged(const std::string& text) {
  auto tree = single(text);
  return tree && !evaluates(*tree) && !of_single_tables(*tree) ? std::move(tree) : std::nullopt;
}

}  // namespace

bool takes_a_superuser(const std::string& text) {
  return privileged(text).has_value();
}

bool revokes(const std::string& text) {
  if (!text.starts_with("REVOKE ")) return false;
  const auto tree = single(text);
  return tree && tree->contains("GrantStmt") && !parser::true_at((*tree)["GrantStmt"], "is_grant");
}

void say_privileged(postgres::Scratch& scratch, const DeclaredSql& statement) {
  const auto parsed = privileged(statement.text());
  if (!parsed) {
    scratch.session().declared_single(statement);
    return;
  }
  const json& tree = *parsed;
  refuse_validator(scratch.superuser(), tree);
  refuse_other_actions(tree);
  refuse_owner(scratch.superuser(), named(new_owners(tree)));
  const auto quiet = quiet_for(scratch.superuser(), {statement.text()});
  if (tree.contains("SecLabelStmt")) return set_label(scratch, statement, tree["SecLabelStmt"]);
  // Names are looked up with the search_path under which they were checked.
  scratch.superuser().declared_single(
      tree.contains("CreateFdwStmt") || tree.contains("AlterFdwStmt") ? DeclaredSql(statement.text()) : statement);
  disarm_text_search(scratch.superuser());
}

void say_privileged(postgres::Scratch& scratch, const std::vector<std::string>& owner_statements) {
  std::vector<DeclaredSql> statements;
  std::set<std::string> roles;
  for (const std::string& text : owner_statements) {
    const auto tree = privileged(text);
    if (!tree) continue;
    refuse_other_actions(*tree);
    roles.merge(named(new_owners(*tree)));
    statements.emplace_back(text);
  }
  refuse_owner(scratch.superuser(), roles);
  const postgres::Quiet quiet(scratch.superuser());
  scratch.superuser().declared(statements);
}

bool needs_superuser(const postgres::Scratch& scratch, const plan::Step& step) {
  const auto* id = !step.produces.empty() ? &step.produces.front() : !step.destroys.empty() ? &step.destroys.front() : nullptr;
  if (id == nullptr) return false;
  const auto& kind = kinds::of(kinds::of(*id).is_satellite() ? kinds::target_of(*id) : *id);
  return kind.made_by == kinds::Maker::superuser || (kind.made_by == kinds::Maker::member_of_role && !scratch.gives_owners());
}

std::unique_ptr<postgres::Quiet> quiet_for(postgres::Session& superuser, const std::vector<std::string>& statements) {
  const bool fires = std::any_of(statements.begin(), statements.end(), postgres::Quiet::fires_events);
  return fires ? std::make_unique<postgres::Quiet>(superuser) : nullptr;
}

void lend_wrappers(postgres::Scratch& scratch) {
  postgres::Session& superuser = scratch.superuser();
  if (!is_superuser(superuser)) return;
  const auto found = superuser.execute(
      "SELECT f.fdwname FROM pg_catalog.pg_foreign_data_wrapper f UNION ALL SELECT NULL FROM pg_catalog.pg_extension e WHERE "
      "e.extname <> 'plpgsql'");
  if (found.empty()) return;
  disarm_extensions(superuser);
  std::vector<std::string> names;
  for (std::size_t row = 0; row < found.size(); ++row) {
    if (found.at(row, 0)) names.push_back(found.text(row, 0));
  }
  if (names.empty()) return;
  const support::Sql role = support::Sql::identifier(scratch.session().execute("SELECT current_user").text(0, 0));
  const postgres::Quiet quiet(superuser);
  superuser.execute("GRANT USAGE ON FOREIGN DATA WRAPPER " + support::Sql::identifiers(names) + " TO " + role);
}

void refuse_undisarmed(postgres::Session& superuser) {
  if (!is_superuser(superuser)) refuse_reach_out(superuser);
}

void refuse_other_privileges(postgres::Session& superuser, const Object& object) {
  if (kinds::attribute(kinds::of(object.id), keys::kExtension.name) == nullptr) return;
  const auto found = superuser.execute(
      "WITH changed AS (SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass AS classid, oid, xmin FROM pg_catalog.pg_proc UNION ALL "
      "SELECT 'pg_catalog.pg_class', oid, xmin FROM pg_catalog.pg_class UNION ALL SELECT 'pg_catalog.pg_type', oid, xmin FROM "
      "pg_catalog.pg_type UNION ALL SELECT 'pg_catalog.pg_namespace', oid, xmin FROM pg_catalog.pg_namespace UNION ALL SELECT "
      "'pg_catalog.pg_foreign_data_wrapper', oid, xmin FROM pg_catalog.pg_foreign_data_wrapper UNION ALL SELECT "
      "'pg_catalog.pg_language', oid, xmin FROM pg_catalog.pg_language) SELECT pg_catalog.pg_describe_object(c.classid, c.oid, "
      "0) "
      "FROM changed c WHERE c.xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid AND NOT EXISTS (SELECT FROM "
      "pg_catalog.pg_depend d WHERE d.classid = c.classid AND d.objid = c.oid AND d.deptype = 'e')");
  if (found.empty()) return;
  DatabaseError::Facts facts;
  facts.sqlstate = "42501";
  facts.message = "no extension brought " + found.text(0, 0) + ": its privileges can't be declared here";
  facts.hint = "write `grant …;` in the block of an object that the files declare";
  throw DatabaseError(std::move(facts));
}

PrivilegedStatements::PrivilegedStatements(const Catalog& to) {
  for (const Object& object : to.objects()) {
    const auto& kind = kinds::of(object.id);
    if (kind.superuser_statements != nullptr) {
      for (auto& statement : kind.superuser_statements(object)) whole_.insert(std::move(statement));
    }
    if (kinds::attribute(kind, kinds::kOwner.name) != nullptr) targets_.insert(kinds::alter(kind, object.id));
  }
}

bool PrivilegedStatements::contains(const std::string& statement) const {
  return whole_.contains(statement) || gives_owner(statement);
}

bool PrivilegedStatements::gives_owner(const std::string& statement) const {
  return !new_owner(statement).empty();
}

std::string PrivilegedStatements::new_owner(const std::string& statement) const {
  const std::size_t at = statement.rfind(kOwnerTo);
  if (at == std::string::npos || !targets_.contains(statement.substr(0, at))) return {};
  const auto tree = single(statement);
  const auto roles = tree ? named(new_owners(*tree)) : std::set<std::string>{};
  return roles.size() == 1 ? *roles.begin() : std::string{};
}

std::string PrivilegedStatements::on(postgres::Scratch& scratch, const std::string& statement) const {
  const std::string role = new_owner(statement);
  if (role.empty()) return statement;
  return statement.substr(0, statement.rfind(kOwnerTo)) + std::string(kOwnerTo) +
         support::quote_identifier(scratch.owner_for(role));
}

}  // namespace lockstep::elaborator
