#include "reconciler/size_limits.h"

#include <algorithm>
#include <vector>

#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {

std::set<std::string> declared_offline(const catalog::Catalog& live, const catalog::Intents& intents) {
  std::set<std::string> names;
  for (const auto& [id, intent] : intents) {
    if (intent.online.value_or(true)) continue;
    std::vector<catalog::ObjectId> open{id};
    while (!open.empty()) {
      const catalog::ObjectId table = open.back();
      open.pop_back();
      if (!live.contains(table) || !names.insert(support::qualified(table.path)).second) continue;
      for (const catalog::ObjectId& partition : recipes::partitions(live, table)) open.push_back(partition);
    }
  }
  return names;
}

SizeLimits::SizeLimits(postgres::Session& copy, const std::map<catalog::ObjectId, kinds::TableFacts>& facts,
                       const std::set<std::string>& offline) {
  std::map<std::string, std::int64_t> bytes;
  for (const auto& [id, fact] : facts) {
    std::string name = support::qualified(id.path);
    if (fact.bytes < plan::kLarge && !offline.contains(name)) bytes.emplace(std::move(name), fact.bytes);
  }
  const auto rows = copy.execute(
      "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid "
      "OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid AND "
      "c.relkind::pg_catalog.text OPERATOR(pg_catalog.~) '[rpm]'");
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto found = bytes.find(support::qualified(rows.text(row, 1), rows.text(row, 2)));
    if (found != bytes.end()) small_.emplace(rows.text(row, 0), found->second);
  }
}

void SizeLimits::next_step() {
  locked_.clear();
  read_.clear();
}

void SizeLimits::locked(const SeenLock& lock) {
  const auto found = small_.find(lock.oid);
  if (found != small_.end() && lock.mode >= plan::LockMode::share) locked_[lock.relation] = {lock.name, found->second};
}

// PostgreSQL names a table without its schema, and a foreign key without its table: all that may be meant count.
void SizeLimits::notice(const std::string& message) {
  const bool key = message.starts_with("validating foreign key constraint");
  const bool works =
      message.starts_with("rewriting table") || message.starts_with("verifying table") || message.starts_with("building index");
  if (!key && !works) return;
  for (const auto& [relation, table] : locked_) {
    if (key || message.find("table \"" + table.name + "\"") != std::string::npos) read_.insert(relation);
  }
}

void SizeLimits::read(plan::Step& step, const std::string& relation) const {
  const auto found = locked_.find(relation);
  const bool known = std::any_of(step.limits.begin(), step.limits.end(),
                                 [&](const plan::SizeLimit& limit) { return limit.relation == relation; });
  if (found != locked_.end() && !known) step.limits.push_back({relation, found->second.bytes, plan::kGrownTooFar});
}

void SizeLimits::set(plan::Step& step, bool promised) const {
  if (step.mode != plan::TransactionMode::inside || step.phase == plan::Phase::purge) return;
  for (const std::string& relation : read_) read(step, relation);
  for (const plan::Loss& loss : step.losses) {
    if (loss.hidden.empty()) read(step, loss.relation);
  }
  // PostgreSQL reports nothing of SET TABLESPACE and of what a domain's constraint reads. Where everybody waits for a large
  // table anyway, the others don't count.
  if (read_.empty() && promised && step.bytes < plan::kLarge) {
    for (const auto& [relation, table] : locked_) read(step, relation);
  }
  std::sort(step.limits.begin(), step.limits.end(), [](const auto& a, const auto& b) { return a.relation < b.relation; });
}

}  // namespace lockstep::reconciler
