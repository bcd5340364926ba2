// The statements that create a database's schema in an empty database.
#include "elaborator/creation.h"

#include <set>

#include "elaborator/builder.h"
#include "elaborator/options.h"
#include "elaborator/scratch_database.h"
#include "kinds/registry.h"
#include "kinds/relations/invalid_index.h"
#include "planner/planner.h"

namespace lockstep::elaborator {

plan::Steps creation(const postgres::Snapshot& live, const Options& options, bool owners) {
  using catalog::Change;
  const auto scratch = postgres::Scratch::create(scratch_options(&live, live.catalog, options));
  const auto empty = read_scratch(*scratch);
  const auto plain = [](const catalog::Object& from, const catalog::Object& to, std::string_view name) {
    const auto* attribute = kinds::attribute(kinds::of(from.id), name);
    return attribute == nullptr || attribute->derived || from.value(name) == to.value(name);
  };
  auto changes = catalog::diff(empty.catalog, live.catalog, plain);
  const auto left_over = [&](const catalog::ObjectId& id) {  // including satellites of what was left out
    for (auto index = live.catalog.index_of(id); index; index = live.catalog.parent(*index)) {
      if (kinds::is_left_over(live.catalog.at(*index), live.catalog)) return true;
    }
    return false;
  };
  std::erase_if(changes, [&](const Change& change) { return change.what == Change::What::removed || left_over(change.id); });
  plan::Steps steps = planner::make_plan({.from = empty.catalog,
                                          .to = live.catalog,
                                          .changes = changes,
                                          .server_version = live.target.server_version,
                                          .elaborating = false})
                          .steps;
  if (owners) return steps;
  const auto given = owner_statements(live.catalog);
  std::set<std::string> left_out(given.begin(), given.end());
  // An object with another object's owner and no owner attribute (a column's sequence) still gets the owner, where the two are
  // linked.
  for (catalog::Object object : live.catalog.objects()) {
    if (object.has(kinds::kOwner) || kinds::attribute(kinds::of(object.id), kinds::kOwner.name) == nullptr) continue;
    object.set(kinds::kOwner.name, live.current_user);
    if (const auto step = kinds::owner_step(object)) left_out.insert(step->sql.begin(), step->sql.end());
  }
  for (plan::Step& step : steps) std::erase_if(step.sql, [&](const std::string& sql) { return left_out.contains(sql); });
  std::erase_if(steps, [](const plan::Step& step) { return step.sql.empty() && step.mode == plan::TransactionMode::inside; });
  return steps;
}

}  // namespace lockstep::elaborator
