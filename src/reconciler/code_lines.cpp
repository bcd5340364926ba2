#include "reconciler/code_lines.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "executor/relation_shape.h"
#include "postgres/introspect.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using executor::Shapes;
using executor::without_digest;

// What stands below the relation, as it is printed; empty: there is no such relation.
std::map<catalog::ObjectId, catalog::Object> parts_of(const Catalog& catalog, const std::string& relation) {
  std::map<catalog::ObjectId, catalog::Object> parts;
  for (const catalog::Object& object : catalog.objects()) {
    if (object.id.path.size() > 2 && support::qualified(object.id.path[0], object.id.path[1]) == relation)
      parts.emplace(object.id, object);
  }
  return parts;
}

bool are_equal(const Catalog& before, const Catalog& now, const std::string& relation) {
  const auto was = parts_of(before, relation), is = parts_of(now, relation);
  return std::equal(was.begin(), was.end(), is.begin(), is.end(), [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.attributes == b.second.attributes;
  });
}

// The copy's line → the database's, where only the digests differ.
using Digests = std::map<std::pair<std::string, std::string>, std::string>;

Digests differing(const plan::Plan& plan, const Shapes& shapes) {
  Digests digests;
  for (const plan::Expectation& was : plan.before) {
    const auto found = shapes.find(was.relation);
    if (found == shapes.end()) continue;
    for (const std::string& line : was.shape) {
      const std::string_view head = without_digest(line);
      if (head == line || std::find(found->second.begin(), found->second.end(), line) != found->second.end()) continue;
      for (const std::string& other : found->second) {
        if (other != head && without_digest(other) == head) digests[{was.relation, line}] = other;
      }
    }
  }
  return digests;
}

void replace(plan::Expectation& expected, const Digests& digests) {
  for (std::string& line : expected.shape) {
    const auto other = digests.find({expected.relation, line});
    if (other != digests.end()) line = other->second;
  }
  std::sort(expected.shape.begin(), expected.shape.end());
}

}  // namespace

void take_digests(postgres::Session& target, const Catalog& live, plan::Plan& plan) {
  std::set<std::string> filled;
  for (const plan::Step& step : plan.steps) {
    if (step.mode != plan::TransactionMode::batches) continue;
    for (const plan::Expectation& expected : step.expects) filled.insert(expected.relation);
  }
  if (filled.empty()) return;
  const std::vector<std::string> relations(filled.begin(), filled.end());
  const Shapes shapes = executor::relation_shapes(target, relations);
  const Digests digests = differing(plan, shapes);
  if (digests.empty()) return;
  const postgres::Snapshot now = postgres::introspect(target, {.facts = false, .unmanaged = false});
  const bool stood_still = executor::relation_shapes(target, relations) == shapes;
  for (const auto& [where, line] : digests) {
    if (stood_still && are_equal(live, now.catalog, where.first)) continue;
    throw support::CommandError(support::ExitCode::stale,
                                "the database changed while the plan was made: " + support::visible(where.first) + ": " +
                                    support::visible(std::string(without_digest(line))) +
                                    " has changed.\nNothing was changed by this command. Run it again.");
  }
  for (plan::Expectation& was : plan.before) replace(was, digests);
  for (plan::Step& step : plan.steps)
    for (plan::Expectation& expected : step.expects) replace(expected, digests);
}

}  // namespace lockstep::reconciler
