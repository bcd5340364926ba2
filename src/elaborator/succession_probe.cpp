#include "elaborator/succession_probe.h"

#include <algorithm>

#include "kinds/recreation/column_successions.h"
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

// {there, back}: the statements that give the successors' names to the columns and to what depends on them.
struct Renames {
  std::vector<std::string> there, back;
};

Renames renames_of(const std::vector<recipes::Succession>& all, const kinds::Context& context) {
  Renames result;
  const auto add = [&](const ObjectId& from, const ObjectId& to) {
    for (auto& statement : kinds::renaming(from, to, context)) result.there.push_back(std::move(statement));
    for (auto& statement : kinds::renaming(to, from, context)) result.back.push_back(std::move(statement));
  };
  for (const auto& succession : all) {
    for (const auto& column : succession.columns) {
      ObjectId successor = column.id;
      successor.path.back() = column.successor;
      add(column.id, successor);
    }
    for (const auto& dependent : succession.dependents) add(dependent.id, dependent.successor);
  }
  std::reverse(result.back.begin(), result.back.end());
  return result;
}

void run(postgres::Session& session, const std::vector<std::string>& statements) {
  postgres::Transaction transaction(session);
  for (const auto& statement : statements) session.declared(support::DeclaredSql(statement));
  transaction.commit();
}

}  // namespace

recipes::Successions probe_successions(Copy& copy, const planner::Input& input, std::vector<std::string>& notes) {
  const kinds::Context context = context_of(input);
  kinds::Chosen chosen = kinds::choose_successions(input.changes, context);
  notes.insert(notes.end(), chosen.notes.begin(), chosen.notes.end());
  // What the copy lacks can't be printed under another name.
  std::erase_if(chosen.all, [&](const recipes::Succession& one) {
    return std::any_of(one.dependents.begin(), one.dependents.end(),
                       [&](const auto& dependent) { return !copy.catalog.contains(dependent.id); });
  });
  recipes::Successions result{.all = std::move(chosen.all), .renamed = {}};
  if (result.all.empty()) return result;
  const Renames renames = renames_of(result.all, context);
  run(copy.scratch->session(), renames.there);
  result.renamed = read_copy(copy);
  run(copy.scratch->session(), renames.back);
  return result;
}

}  // namespace lockstep::elaborator
