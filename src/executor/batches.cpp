#include "executor/batches.h"

#include <nlohmann/json.hpp>

#include "executor/crash_point.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

std::string tid(std::int64_t block) {
  return "'(" + std::to_string(block) + ",0)'::pg_catalog.tid";
}

std::string within(const BlockRange& range) {
  return " AND ctid OPERATOR(pg_catalog.>=) " + tid(range.from) + " AND ctid OPERATOR(pg_catalog.<) " + tid(range.end);
}

// "(12,3)" → 12
std::int64_t block_of(const std::string& tid) {
  return std::stoll(tid.substr(1));
}

// In one round trip: with batches as short as these each of them counts. The lock is the UPDATE's; before it is held, others can
// still make a trigger.
support::Sql begin(const Run& run, const plan::Step& step, const Leaf& leaf, std::chrono::milliseconds lock_timeout) {
  support::Sql begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; " + pinned_settings(lock_timeout, true);
  const auto own = postgres::text_settings_of(step, run.own);
  if (!own.empty()) begin += "; " + postgres::set_text_settings(own, true);
  return begin + "; LOCK TABLE ONLY " + support::Sql::relation(leaf.name) + " IN ROW EXCLUSIVE MODE";
}

}  // namespace

std::int64_t update_pending(postgres::Session& session, const plan::Step& step, const Leaf& leaf, const std::string& range) {
  const std::string text =
      "UPDATE ONLY " + rows_of(step, leaf) + " SET " + step.batches.assignment + " WHERE (" + step.batches.pending + ")" + range;
  return session.declared_single(support::DeclaredSql(text, step.search_path)).affected();
}

std::int64_t Batches::one(postgres::Session& session, BatchSize& size, std::chrono::milliseconds lock_timeout,
                          const Commit& commit) {
  auto range = ranges_.take(size.blocks());
  if (!range) return 0;
  const auto begun = run_.use.clock.now();
  try {
    const std::int64_t updated = update(session, *range, size.rows_of(range->end - range->from), lock_timeout, commit);
    size.took(std::chrono::duration_cast<std::chrono::microseconds>(run_.use.clock.now() - begun), range->end - range->from,
              updated);
    return updated;
  } catch (...) {
    ranges_.give_back(*range);
    size.failed();
    throw;
  }
}

// Reads only: nobody waits for a row meanwhile.
void Batches::shorten(postgres::Session& session, BlockRange& range, std::int64_t most) {
  const std::string pending = "SELECT ctid FROM ONLY " + rows_of(step_, leaf_) + " WHERE (" + step_.batches.pending + ")" +
                              within(range) + " LIMIT " + std::to_string(most);
  const auto found = session.declared_single(support::DeclaredSql(
      "SELECT pg_catalog.count(*), pg_catalog.max(found.ctid) FROM (" + pending + ") AS found", step_.search_path));
  if (found.integer(0, 0) < most) return;
  ranges_.shorten(range, block_of(found.text(0, 1)) + 1);
}

std::int64_t Batches::update(postgres::Session& session, BlockRange& range, std::optional<std::int64_t> most,
                             std::chrono::milliseconds lock_timeout, const Commit& commit) {
  postgres::Transaction transaction(session, begin(run_, step_, leaf_, lock_timeout));
  crash_point(step_.id, "before-exec");
  const LeafFacts facts = facts_of(session, leaf_);
  if (!facts.as_begun(leaf_)) throw CodeChanged();
  if (facts.filenode != cursor_.filenode) {
    moved_ = true;
    ranges_.give_back(range);
    return 0;
  }
  if (most) shorten(session, range, *most);
  const std::int64_t updated = update_pending(session, step_, leaf_, within(range));
  crash_point(step_.id, "after-exec");
  const std::lock_guard lock(journal_);
  Journal(session).append(run_.id, "batch", step_.id,
                          Json{{"relation", leaf_.name},
                               {"filenode", cursor_.filenode},
                               {"next", ranges_.done_below(range)},
                               {"upper", cursor_.upper},
                               {"pass", cursor_.pass},
                               {"rows", updated}});
  crash_point(step_.id, "before-commit");
  commit(transaction);
  ranges_.done(range);  // before the next one says where to begin
  crash_point(step_.id, "after-commit");
  return updated;
}

}  // namespace lockstep::executor
