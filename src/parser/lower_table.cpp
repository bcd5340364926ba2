// Lowers the parts of tables and views: columns, constraints, indexes, triggers, partitions …
#include <algorithm>
#include <array>

#include "catalog/keys.h"
#include "kinds/registry.h"
#include "parser/literals.h"
#include "parser/lowering.h"
#include "support/sql_text.h"

namespace lockstep::parser {
namespace {

// PostgreSQL's expansion of the pseudo-types serial, bigserial and smallserial.
struct Serial {
  std::string_view word, type;
};
constexpr auto kSerials = std::to_array<Serial>({{"serial", "integer"},
                                                 {"serial4", "integer"},
                                                 {"bigserial", "bigint"},
                                                 {"serial8", "bigint"},
                                                 {"smallserial", "smallint"},
                                                 {"serial2", "smallint"}});

const Serial* serial_of(const std::string& type) {
  const std::string word = lower_case(type);
  const auto found = std::find_if(kSerials.begin(), kSerials.end(), [&](const Serial& row) { return row.word == word; });
  return found == kSerials.end() ? nullptr : &*found;
}

// As makeObjectName() does: the longer name is cut, at a character's start, until "table_column_seq" fits into 63 bytes.
std::string sequence_name(std::string table, std::string column) {
  const std::string end = "_seq";
  const auto cut = [](std::string& text) {
    do text.pop_back();
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0 &&
           (static_cast<unsigned char>(text.back()) & 0xC0) != 0xC0);
    if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0xC0) text.pop_back();
  };
  while (table.size() + column.size() + 1 + end.size() > 63) cut(table.size() > column.size() ? table : column);
  return table + "_" + column + end;
}

std::string text_or(const ast::Node& node, std::string_view property, const std::string& before = {},
                    const std::string& otherwise = {}) {
  const auto* found = node.find(property);
  return found == nullptr ? otherwise : before + std::get<std::string>(found->value);
}

bool is_column_less(const Object& relation) {
  return relation.has(keys::kPartitionOf);
}

}  // namespace

void Lowering::relation_items(const ast::Node& node, Object& relation) {
  const std::string schema_name = kinds::schema_of(relation.id);
  std::int64_t position = 0;
  for (const auto& child : node.children) {
    if (child.kind == "property" || facet(child, relation)) continue;
    if (child.kind == "column") {
      column(child, relation, ++position);
    } else if (child.kind == "override") {
      inherited_column(child, relation);
    } else if (child.kind == "view_column") {
      view_column(child, relation, ++position);
    } else if (child.kind == "setting") {
      attributes(child, relation);
      place_of(relation).more.push_back(child.span);
    } else if (child.kind == "online or offline") {
      online(child, relation.id);
    } else if (child.kind == "partition") {
      partition(child, relation);
    } else if (child.kind == "attribute" || kinds::find(child.kind) != nullptr) {
      part(child, relation, {}, child.kind == "attribute" ? ++position : 0);
    } else {
      item(child, {schema_name, &relation});
    }
  }
}

void Lowering::online(const ast::Node& node, const ObjectId& table) {
  catalog::Intent& intent = result_.intents[table];
  const bool online = node.find("online") != nullptr;
  if (intent.online && *intent.online != online)
    diagnostics_.error("LS0208", catalog::to_string(table) + " is declared both online and offline", node.span,
                       "keep one of the two");
  intent.online = online;
}

void Lowering::column(const ast::Node& node, Object& table, std::int64_t position) {
  if (is_column_less(table)) {
    diagnostics_.error("LS0209", "a partition has the columns of its parent and lists none", node.span,
                       "what it alone says of one: column " + std::string(node.name.front().span.text()) + " default …;");
    return;
  }
  const kinds::KindSpec* kind = kind_of(node, "column");
  if (kind == nullptr) return;
  Path path = table.id.path;
  path.push_back(name(node.name.front()));
  refuse_constraint_word(node);
  Object* made = object(node, *kind, path, table.id);
  if (made == nullptr) return;
  if (kinds::attribute(*kind, keys::kPosition.name) != nullptr) made->set(keys::kPosition.name, position);
  if (const Serial* row = serial_of(made->get(keys::kType))) serial(node, table, *made, std::string(row->type));
  for (const auto& child : node.children) {
    if (facet(child, *made)) continue;
    if (child.kind == "default") {
      if (const auto* of_default = kind_of(child, child.kind)) object(child, *of_default, path, made->id);
    } else {
      part(child, table, path.back(), 0);
    }
  }
}

bool Lowering::inherits(const Object& table) {
  return table.has(keys::kPartitionOf) || table.has(keys::kInherits);
}

// The column itself is the parent's; PostgreSQL checks that it exists.
void Lowering::inherited_column(const ast::Node& node, const Object& table) {
  const kinds::KindSpec *column_kind = kind_of(node, "column"), *kind = kind_of(node, node.kind);
  if (column_kind == nullptr || kind == nullptr) return;
  if (!inherits(table)) {
    diagnostics_.error("LS0215", catalog::to_string(table.id) + " inherits no columns", node.span,
                       "a column of its own is written `name type …;`. A column called column stands in quotes: \"column\"");
    return;
  }
  Path path = table.id.path;
  path.push_back(part_name(node, table.id));
  Object* column = add(*column_kind, path, table.id, node.span);
  if (column == nullptr) return;
  column->set(keys::kInherited.name, true);
  for (const auto& child : node.children) facet(child, *column);
  if (!node.properties.empty()) object(node, *kind, std::move(path), column->id);
}

// `constraint orders_pk check (…)` parses as a column called constraint, which nobody means.
void Lowering::refuse_constraint_word(const ast::Node& node) {
  const bool bare = lower_case(node.name.front().span.text()) == "constraint";
  const auto constrains = [](const ast::Node& child) {
    return child.inlined && child.kind != "default" && child.kind != "comment" && child.kind != "security_label";
  };
  if (!bare || std::none_of(node.children.begin(), node.children.end(), constrains)) return;
  diagnostics_.error("LS0211", "a constraint is written without the word constraint", node.name.front().span,
                     "write `check name (…);`, `unique name (…);` … A column of this name stands in quotes: \"constraint\"");
}

void Lowering::serial(const ast::Node& node, Object& table, Object& column, const std::string& type) {
  const auto* sequence_kind = kind_of(node, "sequence");
  const auto* default_kind = kind_of(node, "default");
  if (sequence_kind == nullptr || default_kind == nullptr) return;
  column.set(keys::kType.name, type);
  column.set(keys::kNotNull.name, true);
  const std::string& schema_name = table.id.path[0];
  const Path path{schema_name, sequence_name(table.id.path[1], column.id.path[2])};
  if (Object* sequence = add(*sequence_kind, path, table.parent, node.span)) {
    if (type != "bigint") sequence->set(keys::kType.name, type);
    sequence->set(keys::kOwnedBy.name, List(column.id.path.begin(), column.id.path.end()));
    // PostgreSQL requires one owner for both.
    if (table.has(kinds::kOwner)) sequence->set(kinds::kOwner.name, table.get(kinds::kOwner));
  }
  if (Object* value = add(*default_kind, column.id.path, column.id, node.span)) {
    value->set(keys::kExpression.name, "nextval(" + support::quote_literal(support::qualified(path)) + "::regclass)");
  }
}

// A constraint, index, trigger … of a relation, a check of a domain or an attribute of a composite type. `column`: the column
// with which it is written.
void Lowering::part(const ast::Node& node, Object& relation, const std::string& column, std::int64_t position) {
  const kinds::KindSpec* kind = kind_of(node, node.kind);
  if (kind == nullptr) return;
  Path path = relation.id.path;
  path.push_back(part_name(node, relation.id));
  Object* made = object(node, *kind, std::move(path), relation.id);
  if (made == nullptr) return;
  if (!column.empty() && kinds::attribute(*kind, keys::kColumns.name) != nullptr) made->set(keys::kColumns.name, List{column});
  if (position > 0 && kinds::attribute(*kind, keys::kPosition.name) != nullptr) made->set(keys::kPosition.name, position);
  if (node.find("index_columns") != nullptr) index_definition(node, *made);
  for (const auto& child : node.children) facet(child, *made);
}

// If PostgreSQL is to choose the name, a placeholder that is unique among the parts of its relation.
std::string Lowering::part_name(const ast::Node& node, const ObjectId& relation) {
  if (node.name.empty()) return "?" + std::to_string(++unnamed_[relation]);
  if (node.name.size() > 1) {
    diagnostics_.error("LS0205", "a part of " + catalog::to_string(relation) + " has no schema of its own",
                       node.name.front().span);
  }
  return name(node.name.back());
}

// In the order in which PostgreSQL prints it, whatever the order in the file.
void Lowering::index_definition(const ast::Node& node, Object& index) {
  const auto* method = node.find("method");
  const std::string name_of_method = method == nullptr ? "btree" : std::get<std::string>(substitute(*method));
  const std::string definition = "USING " + support::quote_identifier(name_of_method) + " " + text_or(node, "index_columns") +
                                 text_or(node, "index_include", " INCLUDE ") +
                                 (node.find("nulls_not_distinct") != nullptr ? " NULLS NOT DISTINCT" : "") +
                                 text_or(node, "index_with", " WITH ") + text_or(node, "index_where", " WHERE ");
  set_checked(index, keys::kDefinition.name, definition, node.find("index_columns")->span);
}

// A partition is a table in its parent's schema; only its bound, its constraints and its settings are its own.
void Lowering::partition(const ast::Node& node, Object& parent) {
  const kinds::KindSpec* kind = kind_of(node, "table");
  if (kind == nullptr) return;
  const std::string schema_name = node.name.size() == 2 ? name(node.name.front()) : parent.id.path[0];
  Object* made =
      add(*kind, {schema_name, name(node.name.back())}, ObjectId{&kinds::find("schema")->tag, {schema_name}}, node.span);
  if (made == nullptr) return;
  made->set(keys::kPartitionOf.name, List(parent.id.path.begin(), parent.id.path.end()));
  attributes(node, *made);
  intent(node, made->id);
  owner(*made);
  relation_items(node, *made);
}

void Lowering::view_column(const ast::Node& node, Object& view, std::int64_t position) {
  const kinds::KindSpec* kind = kind_of(node, "view_column");
  if (kind == nullptr) return;
  Path path = view.id.path;
  path.push_back(name(node.name.front()));
  Object* made = object(node, *kind, std::move(path), view.id);
  if (made == nullptr) return;
  if (kinds::attribute(*kind, keys::kPosition.name) != nullptr) made->set(keys::kPosition.name, position);
  for (const auto& child : node.children) facet(child, *made);
}

}  // namespace lockstep::parser
