#include "importer/rules.h"

#include <algorithm>

#include "parser/sql_parse.h"
#include "parser/sql_tree.h"

namespace lockstep::importer {

using nlohmann::json;
using parser::at;
using parser::text_at;
using parser::true_at;

namespace {

constexpr std::string_view kServer = "it is about the server and its roles, which no schema file has";
constexpr std::string_view kRole = "who runs a migration is not part of the schema";
constexpr std::string_view kOwner =
    "only a superuser may own it, and scratch has no other one; state its owner in the schema files";
constexpr std::string_view kVersion = "schema files state no version of an extension; scratch has the one of this machine";
constexpr std::string_view kNothing = "it makes nothing";
constexpr std::string_view kConnects = "it opens a connection to another server, which scratch doesn't";

struct Row {
  std::string_view node;
  Ruling ruling;
};

constexpr Row kRows[] = {
    {"TransactionStmt", {Use::transaction}},
    {"VariableSetStmt", {Use::setting}},
    {"CreateExtensionStmt", {Use::extension}},
    {"CreateRoleStmt", {Use::leave_out, kServer}},
    {"AlterRoleStmt", {Use::leave_out, kServer}},
    {"AlterRoleSetStmt", {Use::leave_out, kServer}},
    {"DropRoleStmt", {Use::leave_out, kServer}},
    {"GrantRoleStmt", {Use::leave_out, kServer}},
    {"CreatedbStmt", {Use::leave_out, kServer}},
    {"DropdbStmt", {Use::leave_out, kServer}},
    {"AlterDatabaseStmt", {Use::leave_out, kServer}},
    {"AlterDatabaseSetStmt", {Use::leave_out, kServer}},
    {"AlterDatabaseRefreshCollStmt", {Use::leave_out, kServer}},
    {"CreateTableSpaceStmt", {Use::leave_out, kServer}},
    {"DropTableSpaceStmt", {Use::leave_out, kServer}},
    {"AlterTableSpaceOptionsStmt", {Use::leave_out, kServer}},
    {"AlterSystemStmt", {Use::leave_out, kServer}},
    {"AlterExtensionStmt", {Use::leave_out, kVersion}},
    {"CheckPointStmt", {Use::leave_out, kServer}},
    {"CreateSubscriptionStmt", {Use::refuse, kConnects}},
    {"AlterSubscriptionStmt", {Use::refuse, kConnects}},
    {"DropSubscriptionStmt", {Use::refuse, kConnects}},
    {"ImportForeignSchemaStmt", {Use::refuse, kConnects}},
    // PostgreSQL lets only a superuser, or an owner that scratch's role is not, do these.
    {"CreateEventTrigStmt", {Use::superuser}},
    {"AlterEventTrigStmt", {Use::superuser}},
    {"CreateFdwStmt", {Use::superuser}},
    {"AlterFdwStmt", {Use::superuser}},
    {"CreatePublicationStmt", {Use::superuser}},
    {"AlterPublicationStmt", {Use::superuser}},
    {"AlterFunctionStmt", {Use::superuser}},
    {"AlterOwnerStmt", {Use::superuser}},
    {"SecLabelStmt", {Use::superuser}},
};

constexpr std::string_view kOwnLanguage = "plpgsql";  // every database has it

bool is_one_of(const std::string& type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

Ruling of_object(const std::string& node, const json& fields) {
  const bool types = node == "RenameStmt";
  const std::string type = text_at(fields, node == "DropStmt"                                            ? "removeType"
                                           : types                                                       ? "renameType"
                                           : node == "AlterOwnerStmt" || node == "AlterObjectSchemaStmt" ? "objectType"
                                                                                                         : "objtype");
  if (is_one_of(type, {"OBJECT_DATABASE", "OBJECT_ROLE", "OBJECT_TABLESPACE", "OBJECT_PARAMETER_ACL"}))
    return {Use::leave_out, kServer};
  if (type == "OBJECT_EXTENSION" && node == "CommentStmt" && parser::string_of(at(fields, "object")) == kOwnLanguage)
    return {Use::leave_out, kNothing};
  if (type == "OBJECT_LANGUAGE") return {Use::leave_out, kServer};
  if (node == "AlterOwnerStmt" && is_one_of(type, {"OBJECT_EVENT_TRIGGER", "OBJECT_FDW", "OBJECT_PUBLICATION"}))
    return {Use::leave_out, kOwner};
  const bool of_superuser = is_one_of(type, {"OBJECT_EXTENSION", "OBJECT_EVENT_TRIGGER", "OBJECT_FDW", "OBJECT_PUBLICATION"});
  return {of_superuser || node == "AlterOwnerStmt" ? Use::superuser : Use::run};
}

Ruling of_setting(const json& fields) {
  const std::string name = text_at(fields, "name");
  const json& arguments = at(fields, "args");
  const auto value = arguments.is_array() && !arguments.empty() ? parser::constant_of(arguments.front()) : std::nullopt;
  if (is_one_of(name, {"role", "session_authorization"})) return {Use::leave_out, kRole};
  if (name == "client_encoding" && value && *value != "UTF8" && *value != "utf8" && *value != "UTF-8" && *value != "utf-8")
    return {Use::refuse, "files are read as UTF-8; write the dump with --encoding=UTF8"};
  if (name == "standard_conforming_strings" && value && *value != "on" && *value != "true")
    return {Use::refuse, "with it, texts of the file would mean something else"};
  return {Use::setting};
}

Ruling of_copy(const Piece& piece) {
  const json& fields = piece.fields();
  if (!true_at(fields, "is_from") && text_at(fields, "filename").empty()) return {Use::leave_out, kNothing};
  return {Use::run};
}

}  // namespace

Ruling ruling(const Piece& piece) {
  const std::string node = piece.node();
  const json& fields = piece.fields();
  if (node.empty()) {
    const auto words = parser::leading_words(piece.span.text(), 1);
    if (words == std::vector<std::string>{"COPY"}) return {Use::refuse, "this COPY can't be read"};
    return {Use::run};
  }
  if (node == "VariableSetStmt") return of_setting(fields);
  if (node == "CopyStmt") return of_copy(piece);
  if (node == "CreatePLangStmt" && text_at(fields, "plname") == kOwnLanguage) return {Use::leave_out, kNothing};
  if (node == "CreateExtensionStmt" && text_at(fields, "extname") == kOwnLanguage) return {Use::leave_out, kNothing};
  if (is_one_of(node, {"CommentStmt", "DropStmt", "GrantStmt", "AlterOwnerStmt", "RenameStmt", "AlterObjectSchemaStmt"})) {
    const Ruling found = of_object(node, fields);
    // What a GRANT as superuser could change is more than what the migrations made.
    if (node == "GrantStmt" && found.use == Use::superuser && text_at(fields, "objtype") != "OBJECT_FDW") return {Use::run};
    return found;
  }
  if (node == "AlterTableStmt") {
    const json& commands = at(fields, "cmds");
    const bool owner = commands.size() == 1 && text_at(at(commands.front(), "AlterTableCmd"), "subtype") == "AT_ChangeOwner";
    return {owner ? Use::superuser : Use::run};
  }
  for (const Row& row : kRows)
    if (row.node == node) return row.ruling;
  return {Use::run};
}

bool stands_alone(const Piece& piece) {
  const std::string node = piece.node();
  const json& fields = piece.fields();
  if (node == "TransactionStmt" || node == "VacuumStmt" || node == "DropdbStmt") return true;
  if (true_at(fields, "concurrent")) return true;
  if (node == "AlterEnumStmt") return !text_at(fields, "newVal").empty() && text_at(fields, "oldVal").empty();
  return false;
}

bool about_roles(const json& tree) {
  if (tree.is_null() || tree.empty()) return false;
  return is_one_of(tree.begin().key(), {"CreateRoleStmt", "AlterRoleStmt", "AlterRoleSetStmt", "DropRoleStmt", "GrantRoleStmt"});
}

std::vector<std::string> roles_in(const json& tree) {
  std::vector<std::string> roles;
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    if (!node.is_structured()) continue;
    if (text_at(node, "roletype") == "ROLESPEC_CSTRING") roles.push_back(text_at(node, "rolename"));
    if (const std::string made = text_at(at(node, "CreateRoleStmt"), "role"); !made.empty()) roles.push_back(made);
    for (const json& child : node) open.push_back(&child);
  }
  return roles;
}

}  // namespace lockstep::importer
