// Lowers comments, security labels and grants, with one rule for every kind.
#include <algorithm>

#include "catalog/keys.h"
#include "kinds/access/security_label.h"
#include "kinds/registry.h"
#include "parser/literals.h"
#include "parser/lowering.h"

namespace lockstep::parser {
namespace {

Path satellite_path(const ObjectId& target) {
  Path path{std::string(target.kind->name)};
  path.append(target.path);
  return path;
}

}  // namespace

// False: the node is something else.
bool Lowering::facet(const ast::Node& node, Object& target) {
  if (node.kind == "comment" || node.kind == "index_comment") {
    comment(node, target);
  } else if (node.kind == "security_label") {
    label(node, target);
  } else if (node.kind == "grant" || node.kind == "revoke") {
    grant(node, target);
  } else {
    return false;
  }
  return true;
}

void Lowering::comment(const ast::Node& node, const Object& target) {
  if (const auto* kind = kind_of(node, node.kind)) object(node, *kind, satellite_path(target.id), target.id);
}

void Lowering::label(const ast::Node& node, const Object& target) {
  if (!kinds::takes_security_label(kinds::of(target.id))) {
    std::string words(target.id.kind->name);
    std::replace(words.begin(), words.end(), '_', ' ');
    diagnostics_.error("LS0212", "PostgreSQL keeps no security label of a " + words, node.span);
    return;
  }
  const auto* kind = kind_of(node, node.kind);
  if (kind == nullptr) return;
  Path path = satellite_path(target.id);
  path.push_back(std::get<std::string>(substitute(*node.find("provider"))));
  object(node, *kind, std::move(path), target.id);
}

// Statements for one grantee are merged. `revoke all` alone leaves an empty list: the initial privileges are revoked.
void Lowering::grant(const ast::Node& node, Object& target) {
  if (kinds::of(target.id).grant_keyword.empty()) {
    diagnostics_.error("LS0212", "nothing can be granted on a " + std::string(target.id.kind->name), node.span);
    return;
  }
  const std::string option = node.find("grant_option") != nullptr ? std::string(keys::kWithGrantOption) : "";
  for (std::string grantee : names(node, "grantees")) {
    if (grantee == "public") grantee = "PUBLIC";
    const auto at = [&](Grant& given) {
      if (!given.span) {
        given.span = node.span;
      } else if (given.span.source != node.span.source || given.span.begin != node.span.begin) {
        given.more.push_back(node.span);
      }
    };
    if (node.kind == "revoke") at(grants_[target.id][grantee]);
    for (const auto& privilege : node.children) {
      if (privilege.kind != "privilege") continue;
      std::string word = upper_case(std::get<std::string>(privilege.find("privilege")->value));
      if (word == "ALL PRIVILEGES") word = "ALL";
      const auto* columns = privilege.find("columns");
      const auto give = [&](const ObjectId& to) {
        Grant& given = grants_[to][grantee];
        given.privileges.insert(word + option);
        at(given);
      };
      if (columns == nullptr) {
        give(target.id);
        continue;
      }
      for (const auto& column : names(privilege, "columns")) {
        give(column_of(target.id, column, columns->span));
      }
    }
  }
}

// The column of a table must be declared, above or below; that of a view is known only from its comments and grants.
ObjectId Lowering::column_of(const ObjectId& relation, const std::string& column, const Span& span) {
  Path path = relation.path;
  path.push_back(column);
  const bool table = relation.kind->name == "table";
  const ObjectId id{&kinds::find(table ? "column" : "view_column")->tag, std::move(path)};
  if (table) {
    granted_columns_.emplace_back(id, span);
  } else if (by_id_.count(id) == 0) {
    add(kinds::of(id), id.path, relation, span);
  }
  return id;
}

void Lowering::add_grants() {
  for (const auto& [id, span] : granted_columns_) {
    if (by_id_.count(id) != 0) continue;
    if (const auto table = by_id_.find({&kinds::find("table")->tag, {id.path[0], id.path[1]}});
        table != by_id_.end() && inherits(*table->second)) {
      if (Object* column = add(kinds::of(id), id.path, table->first, span)) column->set(keys::kInherited.name, true);
      continue;
    }
    std::vector<std::string> known;
    for (const auto& object : objects_) {
      const Path& path = object.id.path;
      if (object.id.kind->name == id.kind->name && path.size() == 3 && path[0] == id.path[0] && path[1] == id.path[1])
        known.push_back(path[2]);
    }
    const std::string near = support::nearest(id.path.back(), known);
    diagnostics_.error("LS0213", "table " + id.path[0] + "." + id.path[1] + " declares no column \"" + id.path.back() + "\"",
                       span, near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
  const auto* kind = kinds::find("grant");
  if (kind == nullptr || diagnostics_.has_errors()) return;
  for (const auto& [target, grantees] : grants_) {
    for (const auto& [grantee, given] : grantees) {
      Path path = satellite_path(target);
      path.push_back(grantee);
      Object* made = add(*kind, std::move(path), target, given.span);
      if (made != nullptr) place_of(*made).more = given.more;
      if (made != nullptr) made->set(keys::kPrivileges.name, List(given.privileges.begin(), given.privileges.end()));
    }
  }
}

}  // namespace lockstep::parser
