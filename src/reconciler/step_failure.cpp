#include "reconciler/step_failure.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::reconciler {

using plan::Step;
using support::CommandError;
using support::ExitCode;

namespace {

// What to change in the files about it, if there is something.
std::string advice(const support::DatabaseError& error) {
  constexpr std::string_view kCannotCoerce = "42846", kNotByItself = "42804";
  if (error.sqlstate() != kCannotCoerce && error.sqlstate() != kNotByItself) return {};
  return " Say in the column's declaration how its values are turned into the new type: convert using (expression).";
}

// What depends on something that the step drops, and is not the files' (or the plan would have dropped it before).
[[noreturn]] void refuse_drop(const Step& step, const catalog::Catalog& copy, const catalog::Catalog& desired,
                              const plan::Plan& plan, const std::string& otherwise) {
  std::set<catalog::ObjectId> goes;
  for (const Step& other : plan.steps) goes.insert(other.destroys.begin(), other.destroys.end());
  const std::set<catalog::ObjectId> dropped(step.destroys.begin(), step.destroys.end());
  std::set<catalog::ObjectId> stays;
  std::string needed;
  for (catalog::Index index = 0; index < copy.objects().size(); ++index) {
    std::optional<catalog::Index> whole = index;  // of which it is a part
    while (whole && !dropped.contains(copy.at(*whole).id)) whole = copy.parent(*whole);
    if (!whole) continue;
    for (const auto& edge : copy.edges_to(index)) {
      const catalog::ObjectId& other = copy.at(edge.dependent).id;
      const catalog::ObjectId& root = copy.at(copy.root(edge.dependent)).id;
      if (edge.automatic || goes.contains(other) || goes.contains(root) || desired.contains(other)) continue;
      stays.insert(other);
      needed = catalog::to_string(copy.at(*whole).id);
    }
  }
  if (stays.empty()) throw CommandError(ExitCode::failed, otherwise);
  std::vector<std::string> names;
  for (const auto& id : stays) names.push_back(support::visible(catalog::to_string(id)));
  needed = support::visible(needed);
  throw support::RefusedError(fmt::format(
      "{0} can't be dropped: it is needed by what the files don't manage:{1}\nNothing was changed. Drop that by hand, or "
      "declare it in the files (with what it needs, to keep both), or leave {0} as it is: --exclude '{0}'",
      needed, support::listed(names)));
}

}  // namespace

void fail(const Step& step, const support::DatabaseError& error, const catalog::Catalog& copy, const catalog::Catalog& desired,
          const plan::Plan& plan) {
  const std::string text = fmt::format(
      "the plan can't be proved: step {} ({}) fails on a scratch copy of the database\n  {}{}\n  in: {}\n"
      "Nothing was changed on the target.{}",
      step.id, support::visible(step.title), error.facts().message,
      error.facts().detail.empty() ? "" : "\n  " + error.facts().detail, support::continued(error.facts().statement),
      advice(error));
  constexpr std::string_view kIsNeeded = "2BP01";
  if (error.sqlstate() == kIsNeeded) refuse_drop(step, copy, desired, plan, text);
  throw CommandError(ExitCode::failed, text);
}

}  // namespace lockstep::reconciler
