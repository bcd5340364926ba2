// The items of one text, and which objects each of them says.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "parser/items.h"

namespace lockstep::fleet {

struct ItemSubjects {
  explicit ItemSubjects(const std::vector<parser::ast::File>& files);

  void state(const catalog::ObjectId& id, const std::string& place);  // that the item there says the object

  const parser::ast::Node& node(std::size_t item) const { return *items.all()[item].node; }
  // `row level security;`: an item of its own that says an attribute of what it stands in.
  bool is_setting(std::size_t item) const { return node(item).kind == "setting"; }
  // What the item says something of.
  std::optional<catalog::ObjectId> subject(std::size_t item) const;

  // Adds what the items within an object say without a name of its own, a key of a column say: it has one that follows from the
  // object's.
  void add_implied_names(const catalog::ObjectId& id, std::set<catalog::ObjectId>& ids) const;
  // The setting of the same table, of the same name, as that one of another text.
  std::optional<std::size_t> setting_like(const ItemSubjects& other, std::size_t item) const;

  parser::Items items;
  std::map<catalog::ObjectId, std::set<std::size_t>> of;
  std::vector<std::vector<catalog::ObjectId>> ids;
  std::vector<std::optional<catalog::ObjectId>> main;  // what the item declares
};

}  // namespace lockstep::fleet
