#include "elaborator/succession_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "catalog/keys.h"
#include "elaborator/conversion_probe.h"
#include "kinds/names/lookup_path.h"
#include "kinds/recreation/both_types.h"
#include "kinds/recreation/column_successions.h"
#include "kinds/recreation/second_names.h"
#include "kinds/recreation/type_succession.h"
#include "recipes/relation.h"
#include "support/error.h"

namespace lockstep::elaborator {
namespace {

using catalog::ObjectId;

kinds::Context context_of(const planner::Input& input) {
  return {.from = input.from,
          .to = input.to,
          .intents = input.intents,
          .facts = input.facts,
          .server_version = input.server_version,
          .is_new = [&](const ObjectId& id) { return !input.from.contains(id); },
          .online =
              [&](const ObjectId& id) {
                const auto found = input.facts.find(id);
                return found != input.facts.end() && found->second.bytes > 0 && input.from.contains(id);
              },
          .probes = input.probes,
          .successions = input.successions};
}

// Gives other names to columns and to what depends on them.
class Renaming {
 public:
  explicit Renaming(const kinds::Context& context) : context_(context) {}
  void add(const ObjectId& from, const ObjectId& to) {
    for (auto& statement : kinds::renaming(from, to, context_)) there_.push_back(std::move(statement));
    for (auto& statement : kinds::renaming(to, from, context_)) back_.push_back(std::move(statement));
  }
  void add_column(const ObjectId& column, const std::string& name) {
    ObjectId after = column;
    after.path.set_back(name);
    add(column, after);
  }
  // The copy's catalog under the other names.
  catalog::Catalog read(Copy& copy) {
    std::reverse(back_.begin(), back_.end());
    run(copy.scratch->session(), there_);
    catalog::Catalog catalog = read_copy(copy);
    run(copy.scratch->session(), back_);
    return catalog;
  }

 private:
  static void run(postgres::Session& session, const std::vector<std::string>& statements) {
    postgres::Transaction transaction(session);
    for (const auto& statement : statements) session.declared(support::DeclaredSql(statement));
    transaction.commit();
  }

  const kinds::Context& context_;
  std::vector<std::string> there_, back_;
};

// Why the values of one of the columns can't be converted row by row; empty: they can.
std::string inconvertible(Copy& copy, recipes::Succession& succession, const planner::Input& input,
                          const kinds::Context& context) {
  for (auto& column : succession.columns) {
    if (!column.converts || !column.type.empty()) continue;  // what a map gives depends on the value alone
    const bool as_written = input.intents_need_path != nullptr && input.intents_need_path->contains(column.id);
    const auto path = as_written ? kinds::lookup_path(column.id, input.to) : std::vector<std::string>();
    if (std::string why = probe_conversion(copy, column, path, context); !why.empty()) return why;
  }
  return {};
}

// What its text names must have the same name until the run is purged. `named`: all its renamed columns have successors, and the
// text knows their new names.
bool is_renamed(const ObjectId& table, bool named, const planner::Input& input) {
  return std::any_of(input.renames.begin(), input.renames.end(), [&](const planner::Rename& rename) {
    const auto& path = rename.from.path;
    if (named && path.size() > table.path.size()) return false;
    return path.size() <= table.path.size() + 1 &&
           std::equal(path.begin(), path.begin() + std::min<std::ptrdiff_t>(std::ssize(path), std::ssize(table.path)),
                      table.path.begin());
  });
}

// Whether the author says how a value of the new type becomes one of the old type, or PostgreSQL knows.
bool has_way_back(Copy& copy, const ObjectId& column, const planner::Input& input) {
  const catalog::Object &before = *input.from.find(column), &after = *input.to.find(column);
  const auto intent = input.intents.find(column);
  if (intent != input.intents.end() && intent->second.convert) return intent->second.convert_back.has_value();
  try {
    const postgres::Transaction undone(copy.scratch->session());
    copy.scratch->session().declared(support::DeclaredSql("SELECT CAST(CAST(NULL AS " + after.get(catalog::keys::kType) +
                                                          ") AS " + before.get(catalog::keys::kType) + ")"));
  } catch (const support::DatabaseError& refused) {
    if (refused.facts().connection_lost) throw;
    return false;
  }
  return true;
}

// The new names that are to work at the gate, of columns whose values can be led back.
kinds::NewNames names_at_gate(Copy& copy, const planner::Input& input, std::vector<std::string>& notes) {
  kinds::NewNames names;
  if (!input.coexistence) return names;
  std::vector<planner::Rename> made;
  for (const planner::Rename& rename : input.renames) {
    const ObjectId before = planner::name_before(rename.from, made);
    made.push_back(rename);
    if (rename.own || !input.from.contains(before) || !input.to.contains(before)) continue;
    const auto type = [&](const catalog::Catalog& side) { return side.find(before)->get(catalog::keys::kType); };
    const bool retyped = before.path.size() == 3 && type(input.from) != type(input.to);
    if (retyped && !has_way_back(copy, before, input)) {
      notes.push_back(kinds::one_type_note(before, rename.to.path.back(), "its values have no way back (`back using`)"));
    } else {
      names.emplace(before, rename.to.path.back());
    }
  }
  return names;
}

// Whether the old column can stay beside the new one: what its type needs stays, and PostgreSQL knows a way back.
bool can_be_held(Copy& copy, const recipes::Succession::Column& column, const std::vector<recipes::Succession::Column>& beside,
                 const planner::Input& input) {
  const ObjectId table = recipes::relation_of(column.id);
  const bool named = std::any_of(beside.begin(), beside.end(),
                                 [&](const auto& one) { return one.named && recipes::relation_of(one.id) == table; });
  if (is_renamed(table, named, input)) return false;
  const catalog::Object& before = *input.from.find(column.id);
  for (const auto& edge : input.from.edges_from(*input.from.index_of(column.id))) {
    const ObjectId& used = input.from.at(edge.referenced).id;
    const bool changes = std::any_of(input.changes.begin(), input.changes.end(), [&](const auto& one) { return one.id == used; });
    const bool renamed =
        std::any_of(input.renames.begin(), input.renames.end(), [&](const auto& one) { return one.from == used; });
    const bool succeeded = !column.type.empty() && changes;  // the old one stays too, under another name
    if (used != *before.parent && !succeeded && (changes || renamed || !input.to.contains(used))) return false;
  }
  return !column.type.empty() || has_way_back(copy, column.id, input);
}

// The successions whose old columns can be held, turned round. Gives the old columns that hold nothing of their own their names.
std::shared_ptr<const recipes::Successions> turned_round(Copy& copy, std::vector<recipes::Succession>& all,
                                                         const planner::Input& input, const kinds::Context& context) {
  auto back = std::make_shared<recipes::Successions>();
  Renaming renaming(context);
  for (recipes::Succession& succession : all) {
    if (!std::all_of(succession.columns.begin(), succession.columns.end(),
                     [&](const auto& column) { return can_be_held(copy, column, succession.columns, input); }))
      continue;
    recipes::Succession turned{.columns = {}, .dependents = {}, .types = {}, .stands = true};
    for (const auto& type : succession.types)
      turned.types.push_back(
          {type.id, type.former, recipes::transitional_name(context, type.id.path[0], "old_new_" + type.id.path[1])});
    for (auto& column : succession.columns) {
      const std::string &schema = column.id.path[0], &name = column.id.path[2];
      if (!column.converts) column.former = recipes::transitional_name(context, schema, "kept_" + name);
      turned.columns.push_back({.id = column.id,
                                .successor = column.former,
                                .former = recipes::transitional_name(context, schema, "old_new_" + name),
                                .converts = true,
                                .settings = column.settings,
                                .exact = !column.converts,
                                .held_beside = column.named ? column.successor : std::string()});
      if (!column.type.empty()) kinds::turn_round(turned.columns.back(), column, succession, context);
      renaming.add_column(column.id, column.former);
    }
    for (const auto& dependent : succession.dependents) {
      ObjectId successor = dependent.id;
      successor.path.set_back(recipes::transitional_name(context, successor.path[0], successor.path.back() + "_back"));
      renaming.add(dependent.id, successor);
      turned.dependents.push_back({dependent.id, std::move(successor)});
    }
    back->all.push_back(std::move(turned));
  }
  if (back->all.empty()) return nullptr;
  back->renamed = renaming.read(copy);
  return back;
}

}  // namespace

recipes::Successions probe_successions(Copy& copy, const planner::Input& input, const std::set<ObjectId>& keep,
                                       std::vector<std::string>& notes) {
  const kinds::Context context = context_of(input);
  kinds::Chosen chosen = kinds::choose_successions(input.changes, keep, names_at_gate(copy, input, notes), context);
  notes.insert(notes.end(), chosen.notes.begin(), chosen.notes.end());
  // What the copy lacks can't be printed under another name.
  const auto lacks = [&](const auto& one) { return !copy.catalog.contains(one.id); };
  std::erase_if(chosen.all, [&](const recipes::Succession& one) {
    const auto missing = std::find_if(one.dependents.begin(), one.dependents.end(), lacks);
    const bool whole = missing == one.dependents.end() && std::none_of(one.columns.begin(), one.columns.end(), lacks);
    if (whole) return false;
    notes.push_back(fmt::format("the type of {} is changed in one statement: the scratch copy lacks {}",
                                catalog::to_string(one.columns.front().id),
                                missing == one.dependents.end() ? "it" : catalog::to_string(missing->id)));
    return true;
  });
  std::erase_if(chosen.all, [&](recipes::Succession& one) {
    const std::string why = inconvertible(copy, one, input, context);
    if (why.empty()) return false;
    std::map<ObjectId, std::vector<ObjectId>> tables;
    for (const auto& column : one.columns) tables[recipes::relation_of(column.id)].push_back(column.id);
    for (const auto& [table, columns] : tables) notes.push_back(kinds::locked_note(table, columns, why, context));
    return true;
  });
  recipes::Successions result{.all = std::move(chosen.all), .renamed = {}};
  if (result.all.empty()) return result;
  Renaming renaming(context);
  for (const auto& succession : result.all) {
    for (const auto& column : succession.columns) renaming.add_column(column.id, column.successor);
    for (const auto& dependent : succession.dependents) renaming.add(dependent.id, dependent.successor);
  }
  result.renamed = renaming.read(copy);
  if (input.hold) result.back = turned_round(copy, result.all, input, context);
  return result;
}

recipes::SecondNames probe_second_names(Copy& copy, const planner::Input& input, std::vector<std::string>& notes) {
  const kinds::Context context = context_of(input);
  std::vector<std::pair<ObjectId, ObjectId>> renames;
  std::vector<planner::Rename> made;
  for (const planner::Rename& rename : input.renames) {
    if (!rename.own) renames.emplace_back(planner::name_before(rename.from, made), rename.to);
    made.push_back(rename);
  }
  recipes::SecondNames result = kinds::choose_second_names(renames, input.changes, context, notes);
  std::erase_if(result.columns, [&](const recipes::SecondColumn& one) {
    const bool lacking = !copy.catalog.contains(one.id);
    if (lacking)
      notes.push_back(fmt::format("the new name {} of {} works only after the gate: the scratch copy lacks the column", one.name,
                                  catalog::to_string(one.id)));
    return lacking;
  });
  if (result.columns.empty()) return result;
  Renaming renaming(context);
  std::set<ObjectId> named;  // an index over two such columns is built once, over both second names
  for (auto& column : result.columns) {
    std::erase_if(column.indexes,  // what the copy lacks can't be printed under another name
                  [&](const auto& index) { return !copy.catalog.contains(index.id) || !named.insert(index.id).second; });
    renaming.add_column(column.id, column.name);
    for (const auto& index : column.indexes) renaming.add(index.id, index.successor);
  }
  result.renamed = renaming.read(copy);
  return result;
}

}  // namespace lockstep::elaborator
