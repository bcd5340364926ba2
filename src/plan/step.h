// One step of a plan, as data: everything the executor does is in here, so it needs no planner and no kinds.
//
// Made by kinds and recipes, ordered and completed by the planner, observed by the proof, written to the plan file,
// run by the executor. A field that the executor ignores must not be here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/object.h"
#include "plan/estimate.h"
#include "plan/helper.h"
#include "plan/lock.h"
#include "plan/size_limit.h"

namespace lockstep::plan {

// A step is `contract` if a statement of the previous application version that worked before could fail or change its
// meaning after it. `migrate`: moves or checks data. `expand`: adds.
// `purge`: after the hold, removes what contract has only hidden.
enum class Phase { expand, migrate, contract, purge };

// inside: BEGIN; statements; journal event; COMMIT.   outside: one statement on its own (CONCURRENTLY …), settled by `postcheck`.
// batches: an UPDATE in ranges of ctid, cursor and journal event committed with each.
enum class TransactionMode { inside, outside, batches };

struct RelationLock {
  std::string relation;  // qualified, as printed
  LockMode mode = LockMode::none;
  friend bool operator==(const RelationLock&, const RelationLock&) = default;
};

// What a step destroys that no statement can bring back, and how it is saved first, in the step's own locked transaction.
struct Loss {
  std::string hazard;    // "drop-table", "drop-column", "drop-object", "lossy-type", "delete-rows": a row of hazard.h's table
  std::string object;    // "shop.orders.total", matched by --allow KIND:GLOB
  std::string what;      // "column shop.orders.total and its values"
  std::string relation;  // qualified; locked ACCESS EXCLUSIVE before the copy; empty: only definitions are lost, no data
  std::string query;     // SELECT whose rows are saved as COPY text; empty with `relation`
  // Its column's name by now, or its table's qualified one, that nobody can write any more: saved without a lock; else empty.
  std::string hidden;
  friend bool operator==(const Loss&, const Loss&) = default;
};

// The parts of a question that one row can end with an error: `condition` converts values. PostgreSQL gives up a whole query for
// one such row, so the rows are asked one by one then, and such a row breaks the rule too.
struct RowByRow {
  std::string schema, table;  // empty: no row can end the question
  std::string condition;      // true for a row that breaks the rule; names columns bare, or by the table's name
  std::string shown;          // what a row is shown by
  friend bool operator==(const RowByRow&, const RowByRow&) = default;
};

// A question asked before the step: rows that break the new rule. Both queries are read-only.
struct DataCheck {
  std::string rule;     // "every shop.orders.customer_id has a row in shop.customers"
  std::string count;    // SELECT count(*) …
  std::string sample;   // SELECT key … LIMIT 5, first column shown
  bool upfront = true;  // can be asked before the plan's first step; false: it needs an earlier step's result
  // Names nothing that the plan creates, although its step depends on such an object. For the planner, which clears it.
  bool alone = false;
  RowByRow row_by_row = {};
  friend bool operator==(const DataCheck&, const DataCheck&) = default;
};

struct Batches {
  std::string schema, table;  // a partitioned table is done leaf by leaf
  std::string assignment;     // "country = ('US')"
  std::string pending;        // predicate of rows still to do: "country IS NULL"; makes every batch idempotent
  friend bool operator==(const Batches&, const Batches&) = default;
};

// How a relation that the step alters was found when the plan was proved, all earlier steps done. Names and types, no printed
// expressions: those differ between a database and its copy.
struct Expectation {
  std::string relation;            // qualified
  LockMode lock = LockMode::none;  // taken before it is looked at: what the step itself takes
  std::vector<std::string> shape;  // one line a part, sorted: "column country character(2)", "view shop.v reads it"
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

// What a step does to something else by name, and needs consent of its own: a function whose body names what goes, a trigger
// that fires for each row.
struct Consequence {
  std::string hazard;   // a row of hazard.h's table
  std::string object;   // "shop.total", matched by --allow KIND:GLOB
  std::string message;  // one line for a person
  friend bool operator==(const Consequence&, const Consequence&) = default;
};

struct Step;

// The way back from one step, when everything after it in the plan is undone. It does not contain what gives transitional
// objects back: each Helper has a statement of its own.
struct Undo {
  std::vector<Step> steps;        // in order; none: nothing of the declared schema changed
  std::vector<std::string> lost;  // what these steps don't bring back, for people: "the values of column shop.orders.fax"
  std::string refused;            // why there is no way back, one sentence; empty: there is one
  bool empty() const;
};

struct Step {
  std::string id;  // "s01" …, set by the planner
  Phase phase = Phase::expand;
  std::string title;             // "add column shop.customers.country"
  std::string source;            // "schemas/shop.schema:14:5", or empty: where the declaration stands
  std::vector<std::string> sql;  // in order; exactly one for `outside`, none for `batches`
  TransactionMode mode = TransactionMode::inside;
  std::vector<std::string> search_path;  // pinned for this step; pg_catalog is always first and implied

  // Facts about relations that existed before the plan. `lock` is the strongest mode that the recipe promises, `locks` the
  // relations that it may be taken on (planner/locks.cpp). The proof leaves out what it doesn't see, shows what else it sees, and
  // refuses a step that rewrites or scans more than promised. The tests also refuse a lock that is not declared (adr/0025).
  LockMode lock = LockMode::none;
  std::vector<RelationLock> locks;
  bool rewrites = false;          // copies the whole table
  bool scans = false;             // reads the whole table (under `lock`)
  bool builds = false;            // builds an index
  std::int64_t bytes = 0;         // size of the tables it rewrites, scans, builds on or updates; 0: small or unknown
  Estimate estimate;              // for people; empty for what is done on small tables or takes no time
  std::vector<SizeLimit> limits;  // sorted by relation; checked before the first step and again at the step's turn

  std::vector<catalog::ObjectId> produces;  // exist afterwards (created, altered into shape)
  std::vector<catalog::ObjectId> destroys;  // are gone afterwards
  std::vector<catalog::ObjectId> consumes;  // must exist (in their final shape) before

  bool renames = false;  // each of `destroys` into its counterpart in `produces`, with all that belongs to it, at once

  std::vector<Helper> helpers;  // transitional objects that it makes or takes away, in the order of the statements

  std::vector<Expectation> expects;  // `inside`: checked under the lock, in the step's own transaction
  std::vector<Loss> losses;
  std::vector<DataCheck> checks;
  std::string postcheck;  // `outside`: SELECT 'absent' | 'partial' | 'pending' (only the way on is left) | 'done'
  std::string repair;     // `outside`: one statement that brings `partial` back to `absent`, `pending` on to `done`
  Batches batches;
  std::string breaking;  // contract steps on what existed before: what an old statement would see; else empty
  std::vector<Consequence> consequences;
  // Its statements compute stored values from stored values by text of the author's (USING): it is read and runs under the
  // settings of the target, where other statements hold text that PostgreSQL printed under pinned ones.
  bool converts = false;

  Undo undo;
  // Of an altered object: the attributes that have their final values after this step. Empty: all that its recipe changes, after
  // its last step. For the planner's undo, which clears it.
  std::vector<std::string_view> alters;
  // It prepares a later step of its object and changes nothing that depends on the object: what the alteration waits for, and
  // what is dropped before it, concerns the first step without this flag. For the planner, which clears it.
  bool prepares = false;
  // Objects that should be there before, where the plan makes them and nothing forbids it: a unique index over the columns of the
  // key that goes. For the planner, which clears it.
  std::vector<catalog::ObjectId> awaits;
};

inline bool Undo::empty() const {
  return steps.empty() && lost.empty() && refused.empty();
}

// Steps made by one call of a kind or recipe run in the order given.
using Steps = std::vector<Step>;

bool names(const std::vector<catalog::ObjectId>& ids, const catalog::ObjectId& id);
// Whether it says that statements of the previous application version can fail or mean something else.
bool breaks(const Step& step);
// Adds what `part` does to old statements to the transaction of both. Each keeps its own consent under its own object
// ("shop.total"); consent to a loss covers what the same part breaks. REQUIRES: the losses of `part` are not joined yet.
void join_breaking(Step& head, const std::string& object_of_head, const Step& part, const std::string& object_of_part);
// Adds the lock, or raises that of the same relation.
void add_lock(std::vector<RelationLock>& locks, const RelationLock& lock);

std::string_view to_string(Phase phase);
std::string_view to_string(TransactionMode mode);

}  // namespace lockstep::plan
