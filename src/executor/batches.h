// The batches of one step on one relation: each updates a range of blocks (a TID range scan needs no key and reads each block
// once; where the blocks may hold too many rows for one batch, twice) and journals where the next attempt has to begin, in one
// transaction.
//
// Thread-safe for one session a thread. The journal's events are a chain, so the transactions of several sessions append and
// commit one after the other; their updates run at the same time.
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <string>

#include "executor/batch_size.h"
#include "executor/block_ranges.h"
#include "executor/journal.h"
#include "executor/leaf.h"
#include "executor/run.h"

namespace lockstep::executor {

// Since the step began somebody has made or changed what PostgreSQL evaluates as the relation's rows are written (code_of).
class CodeChanged : public std::exception {};

class Batches {
 public:
  // `cursor`: where this pass begins. Refers to its arguments.
  Batches(Run& run, const plan::Step& step, const Leaf& leaf, const Cursor& cursor)
      : run_(run), step_(step), leaf_(leaf), cursor_(cursor), ranges_(cursor.next, cursor.upper) {}

  BlockRanges& ranges() { return ranges_; }
  using Commit = std::function<void(postgres::Transaction&)>;
  // Takes a range, updates it and commits. Returns the updated rows, 0 if no blocks are left or the table was rewritten. Throws
  // DatabaseError, and CodeChanged before anything is written; then the range is given back.
  std::int64_t one(postgres::Session& session, BatchSize& size, std::chrono::milliseconds lock_timeout, const Commit& commit);
  // Whether the table was rewritten meanwhile, which changes the meaning of block numbers.
  bool moved() const { return moved_; }

 private:
  // `most`: after how many pending rows the range ends, if it has more.
  std::int64_t update(postgres::Session& session, BlockRange& range, std::optional<std::int64_t> most,
                      std::chrono::milliseconds lock_timeout, const Commit& commit);
  void shorten(postgres::Session& session, BlockRange& range, std::int64_t most);

  Run& run_;
  const plan::Step& step_;
  const Leaf& leaf_;
  const Cursor& cursor_;
  BlockRanges ranges_;
  std::mutex journal_;
  std::atomic<bool> moved_{false};
};

// UPDATE of the step's pending rows of the relation. `range`: a further condition, beginning with AND, or empty. Returns the
// rows.
std::int64_t update_pending(postgres::Session& session, const plan::Step& step, const Leaf& leaf, const std::string& range);

}  // namespace lockstep::executor
