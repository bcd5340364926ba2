// Lowers objects directly in a schema or a database: types, routines, relations and all others.
#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/registry.h"
#include "parser/literals.h"
#include "parser/lowering.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

// {"1 = 200, 2 = 50"} → {"1=200", "2=50"}
List statistics_targets(const List& written) {
  List result;
  for (std::string text : written) {
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n' || c == '\t'; }), text.end());
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      result.push_back(text.substr(at, comma - at));
      at = comma + 1;
    }
  }
  return result;
}

}  // namespace

namespace {

// Collects every role that a parse tree names.
void collect_roles(const nlohmann::json& node, List& roles) {
  if (node.is_array() || node.is_object()) {
    for (const auto& [key, value] : node.items()) {
      if (key == "RoleSpec" || key == "newowner") {
        if (std::string role = text_at(value, "rolename"); !role.empty()) roles.push_back(std::move(role));
      }
      collect_roles(value, roles);
    }
  }
}

// For default privileges, which are PostgreSQL's own text: scratch must have the roles that they name. A text that can't be
// parsed names none, and PostgreSQL reports its error.
void say_roles(Object& object, std::string_view statement) {
  if (kinds::attribute(kinds::of(object.id), keys::kRoles.name) == nullptr || object.has(keys::kRoles)) return;
  std::optional<SqlError> error;
  List roles;
  for (const SqlPiece& piece : split_sql(statement, error)) collect_roles(piece.tree, roles);
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  if (!roles.empty()) object.set(keys::kRoles.name, std::move(roles));
}

}  // namespace

// A superuser will run it, so it may only be one GRANT or REVOKE of privileges on one object of a kind that extensions contain.
// Databases, parameters, tablespaces and large objects belong to the server.
void Lowering::only_grants(const ast::Node& node, Object& object) {
  const auto* written = node.find("definition");
  const std::string text = object.get(keys::kDefinition);
  std::optional<SqlError> error;
  const auto pieces = split_sql(text, error);
  const bool one = !error && pieces.size() == 1 && pieces.front().begin == 0 && pieces.front().end == text.size();
  const auto& grant = one ? at(pieces.front().tree, "GrantStmt") : nlohmann::json();
  static const std::set<std::string> kMembers = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_TABLE",
                                                 "OBJECT_SEQUENCE", "OBJECT_TYPE",      "OBJECT_DOMAIN",  "OBJECT_SCHEMA",
                                                 "OBJECT_FDW",      "OBJECT_LANGUAGE"};
  if (!grant.is_object() || text_at(grant, "targtype") != "ACL_TARGET_OBJECT" || !kMembers.contains(text_at(grant, "objtype")) ||
      at(grant, "objects").size() != 1) {
    diagnostics_.error("LS0204", "this is no GRANT or REVOKE of privileges on one object", written->span,
                       "write for example REVOKE EXECUTE ON FUNCTION public.hstore(text, text) FROM PUBLIC");
    return;
  }
  say_roles(object, text);
}

void Lowering::in_schema(const ast::Node& node, const Enclosing& around) {
  const kinds::KindSpec* kind = kind_of(node, node.kind);
  if (kind == nullptr) return;
  if (kind->placement == kinds::Placement::database) return plain(node, *kind);
  Path path = node.find("operator") != nullptr ? operator_path(node, around) : schema_path(node, around);
  if (path.empty()) return;
  if (const auto* arguments = node.find("arguments")) path.push_back(std::get<std::string>(arguments->value));
  const ObjectId parent{&kinds::find("schema")->tag, {path.front()}};
  Object* made = object(node, *kind, std::move(path), parent);
  if (made == nullptr) return;
  default_language(node, *made);
  relation_items(node, *made);
}

// Objects with a name of one part and no schema; some have no name and are identified by their definition.
void Lowering::plain(const ast::Node& node, const kinds::KindSpec& kind) {
  Path path;
  if (const auto* server = node.find("server")) {
    path = {std::get<std::string>(substitute(*server)), std::get<std::string>(substitute(*node.find("user")))};
  } else if (!node.name.empty()) {
    path = {name(node.name.back())};
    if (node.name.size() > 1) diagnostics_.error("LS0205", "this kind of object is in no schema", node.name.front().span);
  } else {
    path = {std::get<std::string>(node.find("definition")->value)};
  }
  Object* made = object(node, kind, std::move(path), std::nullopt);
  if (made == nullptr) return;
  if (node.find("server") != nullptr && kinds::attribute(kind, keys::kRoles.name) != nullptr && made->id.path.back() != "public")
    made->set(keys::kRoles.name, List{made->id.path.back()});
  if (kind.made_by == kinds::Maker::superuser && kinds::attribute(kind, keys::kRoles.name) != nullptr) only_grants(node, *made);
  if (kind.made_by == kinds::Maker::member_of_role)
    say_roles(*made, "ALTER " + std::string(kind.keyword) + " " + made->get(keys::kDefinition));
  relation_items(node, *made);
}

Path Lowering::operator_path(const ast::Node& node, const Enclosing& around) {
  const auto* symbol = node.find("operator");
  std::string written = std::get<std::string>(symbol->value);
  written.erase(std::remove_if(written.begin(), written.end(), [](char c) { return c == ' ' || c == '\n' || c == '\t'; }),
                written.end());
  if (!around.schema.empty()) return {around.schema, written};
  diagnostics_.error("LS0205", "operator " + written + " is in no schema", symbol->span, "write it inside `schema x { … }`");
  return {};
}

// A body in standard SQL has language SQL; with any other body PostgreSQL requires the language.
void Lowering::default_language(const ast::Node& node, Object& object) {
  if (kinds::attribute(kinds::of(object.id), keys::kLanguage.name) == nullptr || object.has(keys::kLanguage)) return;
  if (node.find("sql_body") != nullptr) return object.set(keys::kLanguage.name, std::string("sql"));
  diagnostics_.error("LS0210", catalog::to_string(object.id) + " has no language", node.span,
                     "write `language plpgsql` or `language sql`");
}

// Values whose written form differs from the stored one: names get their schema, a routine's texts their meaning.
Value Lowering::translated(const ast::Property& property, Object& object) {
  Value value = substitute(property);
  auto* list = std::get_if<List>(&value);
  const std::string& schema_name = object.id.path.front();
  if (property.name == "references" && list != nullptr) return qualify(*list, schema_name, 2);
  if (property.name == "owned_by" && list != nullptr) return qualify(*list, schema_name, 3);
  if (property.name == "from" && list != nullptr) return support::qualified(qualify(*list, schema_name, 2));
  if (property.name == "inherits" && list != nullptr) {
    for (auto& parent : *list) {
      const bool has_schema = parent.find('.') < parent.find('"', 1) || parent.find("\".") != std::string::npos;
      if (!has_schema) parent = support::quote_identifier(schema_name) + "." + parent;
    }
  }
  if (property.name == "statistics" && list != nullptr) return statistics_targets(*list);
  if (property.name == "body" && list != nullptr) return routine_body(property, *list, object);
  return value;
}

// as 'file', 'symbol' for a function in C, where the symbol defaults to the function's name; else one text, the body.
Value Lowering::routine_body(const ast::Property& property, const List& texts, Object& object) {
  const bool in_c = object.get(keys::kLanguage) == "c";
  if (in_c) {
    set_checked(object, "object_file", texts.front(), property.span);
    return texts.size() > 1 ? texts[1] : object.id.path[1];
  }
  if (texts.size() > 1) diagnostics_.error("LS0204", "only a function in C has two texts after `as`", property.span);
  return texts.front();
}

}  // namespace lockstep::parser
