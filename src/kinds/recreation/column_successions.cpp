#include "kinds/recreation/column_successions.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/mapped.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/both_types.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/built_by_partition.h"
#include "kinds/recreation/enum_rebuild.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/recreation/partition_columns.h"
#include "kinds/recreation/recreated.h"
#include "kinds/recreation/recreated_types.h"
#include "kinds/recreation/same.h"
#include "kinds/registry.h"
#include "recipes/conversion.h"
#include "recipes/descendants.h"
#include "recipes/identity.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using recipes::relation_of;
using recipes::Succession;

bool is_carried(const Object& object) {
  return object.id.is(kIndex.tag) || is_key(object.id) || object.id.is(kForeignKey.tag);
}

class Chooser {
 public:
  Chooser(const std::vector<Change>& changes, const std::set<ObjectId>& keep, NewNames names, const Context& context)
      : changes_(changes), keep_(keep), names_(std::move(names)), context_(context) {}

  Chosen run() {
    drop_names();
    for (const Change& change : changes_) {
      if (keeps_waiting(change)) retyped_[relation_of(change.id)].push_back(change.id);
    }
    for (const Change& change : changes_) {
      const bool set = change.id.is(kEnum.tag) && change.what == Change::What::set && changes(change, keys::kValues.name);
      if (set && !only_adds(*context_.from.find(change.id), *context_.to.find(change.id))) add_columns_of(change.id);
    }
    for (const auto& [table, columns] : retyped_) {
      if (in_group_.contains(table)) continue;
      const std::set<ObjectId> tables = joined(table);
      const bool large = std::any_of(tables.begin(), tables.end(), [&](const ObjectId& id) { return is_large(id); });
      const std::vector<ObjectId> named = named_of(tables);
      if (!large && named.empty()) continue;
      const std::string why = obstacle(tables);
      if (why.empty()) {
        chosen_.all.push_back(succession(tables));
      } else {
        for (const ObjectId& column : named) chosen_.notes.push_back(one_type_note(column, names_.at(column), why));
        for (const ObjectId& id : tables) {
          if (is_large(id)) chosen_.notes.push_back(locked_note(id, retyped_.at(id), why, context_));
        }
      }
    }
    return std::move(chosen_);
  }

 private:
  // For as long as the table, or an index, is large.
  bool keeps_waiting(const Change& change) const {
    if (!change.id.is(kColumn.tag) || change.what != Change::What::set || !changes(change, keys::kType.name)) return false;
    const auto* probe = recipes::retype_probe(change.id, context_);
    if (names_.contains(change.id)) return probe != nullptr;
    return probe != nullptr && (probe->rewrites || probe->builds) && context_.online(relation_of(change.id));
  }

  // Those that keep their own way where they can't have both types.
  void drop_names() {
    NewNames retyped;
    for (const auto& [column, name] : names_) {
      const auto retypes = [&, id = column](const Change& change) {
        return change.id == id && change.what == Change::What::set && changes(change, keys::kType.name);
      };
      if (std::any_of(changes_.begin(), changes_.end(), retypes)) retyped.emplace(column, name);
    }
    std::map<ObjectId, std::string> late;  // the tables: of one, all columns or none
    for (const auto& [column, name] : retyped) {
      if (std::string why = no_both_types(column, names_, changes_, context_); !why.empty())
        late.emplace(relation_of(column), std::move(why));
    }
    names_.clear();
    for (const auto& [column, name] : retyped) {
      const auto why = late.find(relation_of(column));
      if (why == late.end()) {
        names_.emplace(column, name);
      } else {
        chosen_.notes.push_back(one_type_note(column, name, why->second));
      }
    }
  }

  std::vector<ObjectId> named_of(const std::set<ObjectId>& tables) const {
    std::vector<ObjectId> named;
    for (const ObjectId& table : tables) {
      for (const ObjectId& column : retyped_.at(table))
        if (names_.contains(column)) named.push_back(column);
    }
    return named;
  }

  // The columns of an enum that gets other values, if no other column of their table is retyped.
  void add_columns_of(const ObjectId& type) {
    for (const ObjectId& column : columns_of_enum(type, context_.from)) {
      const Object* after = context_.to.find(column);
      const ObjectId table = relation_of(column);
      if (after == nullptr || is_inherited(*after) || !context_.from.find(table)) continue;
      const auto others = retyped_.find(table);
      const bool mixed = others != retyped_.end() && !enums_.contains(others->second.front());
      if (mixed && is_large(table))
        chosen_.notes.push_back(locked_note(table, {column}, "other columns of it change their type too", context_));
      if (mixed) continue;
      retyped_[table].push_back(column);
      enums_.emplace(column, type);
    }
  }

  bool is_large(const ObjectId& table) const {
    if (!context_.online(table)) return false;
    const auto policy = context_.intents.find(table);
    if (policy != context_.intents.end() && policy->second.online) return *policy->second.online;
    return context_.bytes(table) >= plan::kLarge;
  }
  bool is_offline(const ObjectId& table) const {
    const auto policy = context_.intents.find(table);
    return policy != context_.intents.end() && policy->second.online && !*policy->second.online;
  }

  bool is_retyped(const ObjectId& column) const {
    const auto found = retyped_.find(relation_of(column));
    return found != retyped_.end() && std::find(found->second.begin(), found->second.end(), column) != found->second.end();
  }

  // The table and those whose retyped columns a foreign key joins to its own.
  std::set<ObjectId> joined(const ObjectId& first) {
    std::set<ObjectId> tables{first};
    std::vector<ObjectId> open{first};
    while (!open.empty()) {
      const ObjectId table = open.back();
      open.pop_back();
      in_group_.insert(table);
      for (const ObjectId& other : holding_the_same(table)) {
        if (tables.insert(other).second) open.push_back(other);
      }
      for (const Object* key : foreign_keys_of(retyped_.at(table))) {
        for (const ObjectId& column : columns_of(*key)) {
          if (is_retyped(column) && tables.insert(relation_of(column)).second) open.push_back(relation_of(column));
        }
      }
    }
    return tables;
  }

  // Other large tables with columns of the same enums, which change places together.
  std::vector<ObjectId> holding_the_same(const ObjectId& table) const {
    std::vector<ObjectId> tables;
    if (!is_large(table)) return tables;
    for (const ObjectId& own : retyped_.at(table)) {
      for (const auto& [column, type] : enums_) {
        const auto found = enums_.find(own);
        if (found != enums_.end() && found->second == type && is_large(relation_of(column)))
          tables.push_back(relation_of(column));
      }
    }
    return tables;
  }

  std::vector<const Object*> foreign_keys_of(const std::vector<ObjectId>& columns) const {
    std::vector<const Object*> keys;
    for (const ObjectId& column : columns) {
      for (const auto& edge : context_.from.edges_to(*context_.from.index_of(column))) {
        const Object& dependent = context_.from.at(edge.dependent);
        if (dependent.id.is(kForeignKey.tag)) keys.push_back(&dependent);
      }
    }
    return keys;
  }

  std::vector<ObjectId> columns_of(const Object& object) const {
    std::vector<ObjectId> columns;
    for (const auto& edge : context_.from.edges_from(*context_.from.index_of(object.id))) {
      const ObjectId& used = context_.from.at(edge.referenced).id;
      if (used.is(kColumn.tag)) columns.push_back(used);
    }
    return columns;
  }

  // Why the columns of these tables can't have successors; empty: they can.
  std::string obstacle(const std::set<ObjectId>& tables) const {
    for (const ObjectId& table : tables) {
      if (is_offline(table)) return catalog::to_string(table) + " is declared offline";
      if (std::string why = of_table(table); !why.empty()) return why;
      for (const ObjectId& column : retyped_.at(table)) {
        if (std::string why = of_column(column); !why.empty()) return why;
      }
    }
    return {};
  }

  std::string of_table(const ObjectId& table) const {
    for (const Catalog* side : {&context_.from, &context_.to}) {
      const Object* object = side->find(table);
      if (object == nullptr || !table.is(kTable.tag)) return catalog::to_string(table) + " is no table";
      if (object->has(keys::kPartitionOf)) return catalog::to_string(table) + " is a partition";
      if (!recipes::parents_of(*side, table).empty()) return catalog::to_string(table) + " inherits columns";
      for (const auto& edge : side->edges_to(*side->index_of(table))) {
        const ObjectId& other = side->at(edge.dependent).id;
        const bool inherits = other.is(kTable.tag) && other != table && !side->find(other)->has(keys::kPartitionOf);
        if (inherits) return catalog::to_string(other) + " inherits from it";
      }
    }
    if (std::string why = no_successors_below(table, context_); !why.empty()) return why;
    return no_mirror_on(table, context_);
  }

  std::string of_column(const ObjectId& column) const {
    const Object &before = *context_.from.find(column), &after = *context_.to.find(column);
    const std::string name = catalog::to_string(column);
    if (keep_.contains(column)) return "something that isn't managed belongs to " + name + " (see `unmanaged:`)";
    if (is_inherited(before) || is_inherited(after)) return name + " is inherited";
    if (before.has(keys::kGenerated) || after.has(keys::kGenerated)) return name + " is generated";
    const bool converts = recipes::converts_values(before, after, context_);
    if (const auto type = enums_.find(column); type != enums_.end()) {
      if (std::string why = of_enum_column(column, type->second); !why.empty()) return why;
    } else if (converts) {
      if (std::string why = of_conversion(column); !why.empty()) return why;
    }
    const bool same_sequence = before.get(keys::kIdentityOptions) == after.get(keys::kIdentityOptions);
    if (!recipes::identifies_alike(before, after) || (!same_sequence && !names_.contains(column)))
      return "the identity of " + name + " changes too";
    for (const auto& edge : context_.to.edges_from(*context_.to.index_of(column))) {
      const ObjectId& used = context_.to.at(edge.referenced).id;
      if (used != *after.parent && context_.is_new(used) && !(converts && used.is(kEnum.tag)))
        return name + " will use " + catalog::to_string(used) + ", which is new";
    }
    if (std::string why = other_satellites(column, context_); !why.empty()) return why;  // they are given to it as they are
    if (std::string why = no_successor_below(column, context_); !why.empty()) return why;
    for (const ObjectId& along : retyped_along(column, context_.from)) {
      for (const auto& edge : context_.from.edges_to(*context_.from.index_of(along))) {
        if (std::string why = of_dependent(context_.from.at(edge.dependent), along); !why.empty()) return why;
      }
    }
    return {};
  }

  // Why a column whose enum gets other values can't have one.
  std::string of_enum_column(const ObjectId& column, const ObjectId& type) const {
    const std::string name = catalog::to_string(column), printed = context_.to.find(column)->get(keys::kType);
    for (const Catalog* side : {&context_.from, &context_.to}) {
      const auto over = types_over(type, *side);
      if (!over.empty()) return catalog::to_string(type) + " is part of " + catalog::to_string(*over.begin());
    }
    const auto recreated = recreated_types(changes_, context_.from, context_.to);
    const auto other = std::find_if(recreated.begin(), recreated.end(), [](const ObjectId& id) { return !id.is(kEnum.tag); });
    if (other != recreated.end()) return catalog::to_string(*other) + " is recreated too";
    if (printed != support::qualified(type.path) && printed != support::qualified(type.path) + "[]")
      return name + " has values of " + catalog::to_string(type) + " inside others";
    const auto intent = context_.intents.find(column);
    if (intent != context_.intents.end() && intent->second.convert && !intent->second.mapped) return name + " says convert using";
    if (std::any_of(changes_.begin(), changes_.end(), [&](const Change& change) { return change.id == column; }))
      return name + " changes too";
    return of_saving_key(column);
  }

  // The former values of the others are saved by the key that they had.
  std::string of_saving_key(const ObjectId& column) const {
    const auto key = recipes::key_columns(context_.from, relation_of(column));
    const auto& retyped = retyped_.at(relation_of(column));
    const bool alone = std::none_of(retyped.begin(), retyped.end(), [&](const ObjectId& other) {
      return other != column &&
             (enums_.contains(other) || recipes::converts_values(*context_.from.find(other), *context_.to.find(other), context_));
    });
    if (std::find(key.begin(), key.end(), column.path[2]) != key.end() && !alone)
      return catalog::to_string(column) + " belongs to the key that the former values of other columns are saved by";
    return {};
  }

  // An index over it that speaks of the enum itself makes way, as everything that does.
  bool speaks_of_its_enum(const Object& dependent, const ObjectId& column) const {
    const auto type = enums_.find(column);
    if (type == enums_.end()) return false;
    const auto& edges = context_.from.edges_from(*context_.from.index_of(dependent.id));
    return std::any_of(edges.begin(), edges.end(),
                       [&](const auto& edge) { return context_.from.at(edge.referenced).id == type->second; });
  }

  // Why a column whose values change can't have one.
  std::string of_conversion(const ObjectId& column) const {
    const std::string name = catalog::to_string(column);
    for (const Catalog* side : {&context_.from, &context_.to}) {
      for (const auto& edge : side->edges_from(*side->index_of(column))) {
        const ObjectId& used = side->at(edge.referenced).id;
        // Adding such a column rewrites the table, and one that is hidden takes no row without a value.
        if (used.is(kDomain.tag)) return name + " has values of " + catalog::to_string(used);
      }
    }
    const Object* type = changed_type(column, changes_, context_);
    if (type != nullptr && context_.from.contains(type->id) && context_.to.contains(type->id))
      return catalog::to_string(type->id) + " changes too";
    return of_saving_key(column);
  }

  std::string of_dependent(const Object& dependent, const ObjectId& column) const {
    const ObjectId& id = dependent.id;
    const std::string name = catalog::to_string(id);
    if ((dependent.parent && *dependent.parent == column) || of(id).is_satellite()) return {};
    if (is_computed_from(dependent, column)) return name + " is computed from it";
    const Object* after = context_.to.find(id);
    if (id.is(kSequence.tag)) {  // owned by the column
      return after != nullptr && after->get(keys::kOwnedBy) == dependent.get(keys::kOwnedBy) ? "" : name + " changes its owner";
    }
    if (after == nullptr || context_.is_new(id)) return {};  // dropped before, or recreated around the swap
    if (speaks_of_its_enum(dependent, column)) return {};    // recreated around the swap
    if (is_carried(dependent)) {
      if (!same(dependent, *after)) return name + " changes too";
      if (id.is(kForeignKey.tag)) return of_foreign_key(dependent);
      if (dependent.has(keys::kAttachedTo)) return name + " serves its parent's index";
      if (is_built_by_partition(id, context_)) {
        if (std::string why = not_by_partition(dependent, context_); !why.empty()) return why;
      }
      if (dependent.has(keys::kDeferrable)) return name + " is deferrable, and an index beside it would check at once";
      return {};
    }
    if (is_printed(dependent)) return {};  // recreated around the swap
    return name + " depends on it";
  }

  std::string of_foreign_key(const Object& key) const {
    for (const ObjectId& table : {relation_of(key.id), ObjectId{&kTable.tag, key.get(keys::kReferences)}}) {
      if (std::string why = of_table(table); !why.empty()) return why;
    }
    return key.has(keys::kValid) ? catalog::to_string(key.id) + " is NOT VALID" : "";
  }

  Succession succession(const std::set<ObjectId>& tables) const {
    Succession result;
    std::set<ObjectId> relations, foreign_keys;
    for (const ObjectId& table : tables) {
      for (const ObjectId& column : retyped_.at(table)) {
        result.columns.push_back({column,
                                  recipes::transitional_name(context_, table.path[0], "new_" + column.path[2]),
                                  recipes::transitional_name(context_, table.path[0], "old_" + column.path[2]),
                                  recipes::converts_values(*context_.from.find(column), *context_.to.find(column), context_),
                                  {}});
        if (const auto name = names_.find(column); name != names_.end()) {
          result.columns.back().successor = name->second;
          result.columns.back().named = true;
        }
        add_enum(result, column);
        for (const ObjectId& along : retyped_along(column, context_.from)) {
          for (const auto& edge : context_.from.edges_to(*context_.from.index_of(along))) {
            const Object& dependent = context_.from.at(edge.dependent);
            const bool stays = context_.to.contains(dependent.id) && !context_.is_new(dependent.id);
            if (stays && is_carried(dependent) && !speaks_of_its_enum(dependent, column))
              (dependent.id.is(kForeignKey.tag) ? foreign_keys : relations).insert(dependent.id);
          }
        }
      }
    }
    std::sort(result.types.begin(), result.types.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    for (const auto* ids : {&relations, &foreign_keys}) {
      for (const ObjectId& id : *ids) {
        ObjectId successor = id;
        successor.path.set_back(recipes::transitional_name(context_, id.path[0], id.path.back() + "_new"));
        result.dependents.push_back({id, std::move(successor)});
      }
    }
    return result;
  }

  void add_enum(Succession& result, const ObjectId& column) const {
    const auto found = enums_.find(column);
    if (found == enums_.end()) return;
    const ObjectId& type = found->second;
    const bool known = std::any_of(result.types.begin(), result.types.end(), [&](const auto& one) { return one.id == type; });
    const std::string& schema = type.path[0];
    const std::string successor = recipes::transitional_name(context_, schema, "new_" + type.path[1]);
    if (!known) result.types.push_back({type, successor, recipes::transitional_name(context_, schema, "old_" + type.path[1])});
    const Object& object = *context_.to.find(column);
    Succession::Column& last = result.columns.back();
    last.converts = true;
    last.is_array = object.get(keys::kType).ends_with("[]");
    last.type = support::qualified(schema, successor) + (last.is_array ? "[]" : "");
    last.convert = mapped_text(object, type, support::quote_identifier(column.path[2]), context_);
  }

  const std::vector<Change>& changes_;
  const std::set<ObjectId>& keep_;
  NewNames names_;
  const Context& context_;
  std::map<ObjectId, std::vector<ObjectId>> retyped_;  // by table
  std::map<ObjectId, ObjectId> enums_;                 // of columns whose enum gets other values
  std::set<ObjectId> in_group_;
  Chosen chosen_;
};

}  // namespace

Chosen choose_successions(const std::vector<Change>& changes, const std::set<ObjectId>& keep, const NewNames& names,
                          const Context& context) {
  return Chooser(changes, keep, names, context).run();
}

std::string locked_note(const ObjectId& table, const std::vector<ObjectId>& columns, const std::string& why,
                        const Context& context) {
  const bool rewrites = std::any_of(columns.begin(), columns.end(), [&](const ObjectId& column) {
    const auto* probe = recipes::retype_probe(column, context);
    return probe == nullptr || probe->rewrites;  // an enum's column
  });
  return fmt::format("{} under ACCESS EXCLUSIVE: {}",
                     catalog::to_string(table) + (rewrites ? " is rewritten" : "'s indexes are built again"), why);
}

std::vector<std::string> renaming(const ObjectId& from, const ObjectId& to, const Context& context) {
  std::vector<std::string> sql;
  for (const Step& step : of(from).rename(from, to, context)) sql.insert(sql.end(), step.sql.begin(), step.sql.end());
  return sql;
}

}  // namespace lockstep::kinds
