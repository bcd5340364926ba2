// Pieces of the comparison that several stages share. Private to the reconciler.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "planner/planner.h"
#include "postgres/scratch.h"
#include "reconciler/reconciler.h"
#include "reconciler/stand_ins.h"

namespace lockstep::reconciler {

postgres::ScratchOptions scratch_options(const postgres::Snapshot* live, const catalog::Catalog& catalog, const Options& options);
postgres::Snapshot read_scratch(postgres::Scratch& scratch, bool unmanaged = false);

// What scripts state where no declaration does: an owner other than the one everything is given.
struct ScriptedOwners {
  const catalog::Catalog& baseline;  // scratch before them
  std::string role;                  // that made everything; empty: there are no scripts
  const std::map<catalog::ObjectId, std::string>& stated;
  std::optional<std::string> of(const catalog::Object& object) const;
};

// A scratch database that holds what another one holds.
struct Copy {
  std::unique_ptr<postgres::Scratch> scratch;
  std::unique_ptr<StandIns> stand_ins;                             // on it
  catalog::Catalog catalog;                                        // as read back
  std::vector<std::pair<catalog::ObjectId, std::string>> lacking;  // what the source has and it has not, or otherwise; and why
  std::map<catalog::ObjectId, std::string> stood_in;               // what it has only a stand-in of, and why
  std::vector<std::string> differences;                            // of the whole database
};
// What it holds by now.
catalog::Catalog read_copy(Copy& copy);
// `live`: the server it must be like. The roles of `desired` are made there too, since a plan will speak of them.
Copy make_copy(const catalog::Catalog& source, const catalog::Catalog& desired, const postgres::Snapshot& live,
               const Options& options);

// A facet (owner, extension version …) is compared only where it was declared: elaboration gives every object one, so what
// the author didn't state is taken off again.
catalog::Catalog with_stated_facets(catalog::Catalog desired, const catalog::Catalog& declared,
                                    const std::map<catalog::ObjectId, catalog::ObjectId>& respelt,
                                    const ScriptedOwners& scripted);

// Which objects differ, in the managed part, texts compared through the elaborator where they can be.
class Comparer {
 public:
  Comparer(const parser::Scope& scope, const catalog::Catalog& desired) : scope_(scope), desired_(desired) {}
  // The same catalogs after one more trip through the elaborator; texts that are equal there are equal. May be null.
  void elaborated(const catalog::Catalog* live, const catalog::Catalog* desired) {
    live_again_ = live;
    desired_again_ = desired;
  }
  std::vector<catalog::Change> changes(const catalog::Catalog& live) const;
  bool same(const catalog::Object& from, const catalog::Object& to, std::string_view attribute) const;
  static bool any_expression(const std::vector<catalog::Change>& changes);
  // Whether the change is ours to make; `side` is the catalog that holds its object.
  bool managed(const catalog::Catalog& side, const catalog::Change& change) const;

 private:
  const parser::Scope& scope_;
  const catalog::Catalog& desired_;
  const catalog::Catalog* live_again_ = nullptr;
  const catalog::Catalog* desired_again_ = nullptr;
};

// Which `renamed from` act now; an intent that matches nothing is a diagnostic.
std::vector<planner::Rename> declared_renames(const parser::Declared& declared, const catalog::Catalog& live,
                                              const Desired& desired, support::Diagnostics& diagnostics);
// One removed and one added under the same parent, alike but for their names, where the kind says that is a rename.
std::vector<planner::Rename> equal_renames(const std::vector<catalog::Change>& changes, const catalog::Catalog& live,
                                           const catalog::Catalog& desired, const Comparer& comparer);
// The id an object of the copy had before the renames.
catalog::ObjectId name_before(const catalog::ObjectId& id, const std::vector<planner::Rename>& renames);

// Of the target: `own` as its snapshot has it. One query.
recipes::TimeZones time_zones_of(postgres::Session& target, const std::map<std::string, std::string>& own);
// How PostgreSQL reads what new indexes, exclusion constraints and partitions say of a row (recipes/row_probe.h).
std::map<catalog::ObjectId, recipes::RowProbe> probe_rows(postgres::Scratch& copy, const std::vector<catalog::Change>& changes,
                                                          const catalog::Catalog& live, const catalog::Catalog& desired);
// Asks PostgreSQL, on the copy, what adding or retyping these columns in one statement would do. Leaves no trace.
std::map<catalog::ObjectId, recipes::ColumnProbe> probe_columns(postgres::Scratch& copy,
                                                                const std::vector<catalog::Change>& changes,
                                                                const catalog::Catalog& live, const catalog::Catalog& desired);

// What the copy lacks, or has otherwise than the live database, and why; and of a plan, what can't be tried for it.
class Doubts {
 public:
  // `id` of `catalog`, with everything there that hangs on it. The first reason stays. `stood_in`: the copy has a stand-in.
  void add(const catalog::Catalog& catalog, const catalog::ObjectId& id, const std::string& reason, bool stood_in = false);
  void add(const catalog::Catalog& catalog, const std::vector<std::pair<catalog::ObjectId, std::string>>& lacking);
  bool lack_anything() const;  // of which the copy has not even a stand-in
  bool contain(const catalog::ObjectId& id) const { return reasons_.contains(id); }
  struct Reason {
    std::string text;
    bool stood_in = false;  // the step can be tried, and what comes of it is no proof
  };
  // Why this step can't be tried as it is; absent: it can.
  std::optional<Reason> about(const plan::Step& step) const;
  // The step was tried beside stand-ins only.
  void name(const plan::Step& step, const std::string& reason);
  // The step is not tried: nothing is known of what it would have made of these objects.
  void leave_out(const plan::Step& step, const std::string& reason);
  // No fault of the plan: what a step that wasn't tried should have done is not done on the copy.
  bool excuse(const catalog::Catalog& catalog, const catalog::ObjectId& id) const;
  const std::vector<plan::Unproved>& unproved() const { return unproved_; }

 private:
  std::map<catalog::ObjectId, Reason> reasons_;
  std::vector<plan::Unproved> unproved_;
};

// Runs the plan on the copy and records what each step locks, rewrites, scans and builds. A step that needs what the copy
// lacks is left out, and so said in `doubts`; one that needs a stand-in is tried, and left out when it fails.
// Throws CommandError{failed} when any other step fails there, or does more than it promises.
void run_on_copy(Copy& copy, plan::Plan& plan, const catalog::Catalog& desired,
                 const std::map<catalog::ObjectId, kinds::TableFacts>& facts, Doubts& doubts);
// `protect`: throws RefusedError when the plan would lose or rewrite what is protected. No consent overrides it.
void refuse_protected(const parser::Declared& declared, const plan::Plan& plan);
std::set<catalog::ObjectId> ids_of(const std::vector<catalog::Change>& changes);
// One line a difference, for people.
std::vector<std::string> describe(const std::vector<catalog::Change>& changes);

}  // namespace lockstep::reconciler
