#include "elaborator/succession_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "elaborator/conversion_probe.h"
#include "kinds/names/lookup_path.h"
#include "kinds/recreation/column_successions.h"
#include "kinds/recreation/second_names.h"
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
          .probes = input.probes};
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
    after.path.back() = name;
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
    if (!column.converts) continue;
    const bool as_written = input.intents_need_path != nullptr && input.intents_need_path->contains(column.id);
    const auto path = as_written ? kinds::lookup_path(column.id, input.to) : std::vector<std::string>();
    if (std::string why = probe_conversion(copy, column, path, context); !why.empty()) return why;
  }
  return {};
}

}  // namespace

recipes::Successions probe_successions(Copy& copy, const planner::Input& input, const std::set<ObjectId>& keep,
                                       std::vector<std::string>& notes) {
  const kinds::Context context = context_of(input);
  kinds::Chosen chosen = kinds::choose_successions(input.changes, keep, context);
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
    std::set<ObjectId> tables;
    for (const auto& column : one.columns) tables.insert(recipes::relation_of(column.id));
    for (const ObjectId& table : tables)
      notes.push_back(fmt::format("{} is rewritten under ACCESS EXCLUSIVE: {}", catalog::to_string(table), why));
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
