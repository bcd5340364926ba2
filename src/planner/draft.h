// Steps under construction: what make_plan's stages hand to each other. Private to the planner.
//
//   changes ──replacements──► what is destroyed and made ──draft──► chains of steps ──graph/order──► sequence ──fold──► Plan
#pragma once

#include <map>
#include <set>
#include <vector>

#include "planner/planner.h"

namespace lockstep::planner {

// What happens to each object that is touched at all.
struct Disposition {
  std::set<catalog::ObjectId> destroyed;  // removed, or dropped to be recreated; with everything that goes along
  std::set<catalog::ObjectId> created;    // added, or recreated
  std::set<catalog::ObjectId> rebuilt;    // in both, and only because something they depend on is
  std::map<catalog::ObjectId, const catalog::Change*> altered;  // keep their identity
  // Altered objects whose dependents are destroyed before; with a column, those of partitions and children that change along.
  std::set<catalog::ObjectId> loosened;
  std::set<catalog::ObjectId> retyped;  // stay, and change along with an altered one
  // Types in both `destroyed` and `created` whose values are stored: the old one stays, under another name, until the columns
  // that hold such values (`carried`) are retyped to the new one.
  std::set<catalog::ObjectId> recreated_types, carried;
  // Tables that another relation replaces with a copy of their rows, and the partitions of both: one step for each table.
  std::set<catalog::ObjectId> remade, remade_parts;
  std::set<catalog::ObjectId> aside;  // recreated, but built before the old one is dropped (kinds/recreation/built_aside.h)
};

// The steps of one object, which run in order; `chain` groups them.
struct Draft {
  catalog::ObjectId object;
  enum class Does { drop, create, alter } does = Does::alter;
  std::size_t chain = 0;
  plan::Step step;
  bool whole = false;                    // one transaction with the step before it in the chain: nobody sees what lies between
  std::vector<catalog::ObjectId> along;  // more objects that this step alters: one ALTER TABLE retypes several columns
  std::vector<catalog::ObjectId> ends;   // types that are recreated under it: it shares the transaction that set them aside
  std::string meanwhile;                 // of a drop of what is made again: what statements see until then; empty: nothing
  bool remakes = false;                  // it drops the old relation too, once the new one has its rows
};

Disposition decide(const Input& input);
std::vector<Draft> draft(const Input& input, const Disposition& disposition, const kinds::Context& context);
// What the files don't manage about an object that is dropped and created again, once more for the new one.
// `former`: what has it now; `now`: the object that gets it, the same or one of another kind.
plan::Steps said_by_hand(const Input& input, const catalog::ObjectId& former, const catalog::ObjectId& now,
                         const kinds::Context& context);
// What goes and was called as `made`, which is new, and was of another kind that stores nothing either; null: nothing.
const catalog::Object* other_form(const Input& input, const catalog::ObjectId& made);
// Columns of one table that are retyped with a rewrite: the first draft of each joins that of the first, so that the table is
// rewritten once and its indexes are built once. The other steps of a joined column follow.
void join_rewrites(std::vector<Draft>& drafts);
// Fills `locks` of the steps that promise a lock, for relations that exist before the plan. What a recipe has declared stays.
void declare_locks(const Input& input, std::vector<Draft>& drafts);
// The same for one step of a rename that follows `made`, of what the plan creates too. `object` has its name before them.
void declare_rename_locks(const Input& input, const catalog::ObjectId& object, const std::vector<Rename>& made, plan::Step& step);
// Positions of `drafts` in order of execution; also raises phases so that a step is never of an earlier phase than one it
// needs. `needs` (by position in `drafts`) is returned for folding.
struct Order {
  std::vector<std::size_t> sequence;
  std::vector<std::vector<std::size_t>> needs;
  // What is dropped only to be recreated: the step that drops it and one that makes it.
  std::vector<std::pair<std::size_t, std::size_t>> replaced;
  // Of each draft, the first of those it shares a transaction with (itself where it stands alone).
  std::vector<std::size_t> group;
};
Order order(const Input& input, const Disposition& disposition, std::vector<Draft>& drafts);
// Both are used by make_plan, and by the planner's tests, which show each step's place and what made it. The context refers to
// both arguments.
kinds::Context context_of(const Input& input, const Disposition& disposition);
struct Ordered {
  std::vector<Draft> drafts;
  Order order = {};
};
Ordered ordered_drafts(const Input& input, const Disposition& disposition, const kinds::Context& context);
// {the step that creates or attaches a partition, the step that drops or detaches one that is in its way}.
std::vector<std::pair<std::size_t, std::size_t>> partitions_in_the_way(const Input& input, const std::vector<Draft>& drafts);
// The same, and of what statements use (a routine) and what takes its place under another identity.
std::vector<std::pair<std::size_t, std::size_t>> in_the_way(const Input& input, const std::vector<Draft>& drafts);
// {a step that gives a body which mentions such a successor's name, the step that makes the successor}.
std::vector<std::pair<std::size_t, std::size_t>> bodies_over_successors(const Input& input, const std::vector<Draft>& drafts);
// {a step about a half detached partition, the step that finishes the detaching}, and {the step that attaches a table, one that
// drops an index of it}.
std::vector<std::pair<std::size_t, std::size_t>> before_partitions_change(const Input& input, const std::vector<Draft>& drafts);
// Those, and {the step that makes what reads a view, one that gives the view its owner or a privilege}.
std::vector<std::pair<std::size_t, std::size_t>> waits(const Input& input, const std::vector<Draft>& drafts);
// Nobody may meet the gap between the drop and the recreating: both, and all that has to happen between them, become one
// transaction wherever every step of it can be in one; elsewhere the drop says what statements see until then. Fills `group` and
// brings the sequence in line.
void join_replacements(const std::vector<Draft>& drafts, Order& order);
// Everything of a new object that can be said in its own transaction joins its first step.
struct Folded {
  std::vector<plan::Step> steps;
  std::vector<std::size_t> step_of;  // of each draft, the step that it is part of
};
Folded fold(const Input& input, const std::vector<Draft>& drafts, const Order& order);
// Fills the undo of each step that was folded.
void write_undo(const Input& input, const Disposition& disposition, const std::vector<Draft>& drafts, Folded& folded);
// What makes new names work beside the old ones, before the first contract step.
plan::Steps second_names(const Input& input, const kinds::Context& context);
// The steps of the renames, each with its undo. They end what second_names() began.
plan::Steps renaming(const Input& input, const kinds::Context& context);
// Takes the renames of columns whose successors have worked under their new names out of `renames`, into their swaps in `steps`.
void join_named_swaps(const Input& input, const kinds::Context& context, plan::Steps& steps, plan::Steps& renames);
std::vector<plan::ChangeNote> change_notes(const Input& input, const Disposition& disposition);
// Expressions of the files, of objects that the plan touches, that no step says.
std::vector<std::string> unused_intents(const Input& input, const plan::Plan& plan, const kinds::Context& context);
// For people: where a drop and an addition look like a rename that nobody declared.
std::vector<std::string> rename_hints(const Input& input);

// The object itself and everything below it.
void for_subtree(const catalog::Catalog& catalog, catalog::Index index, const std::function<void(catalog::Index)>& visit);
// The object that stands in a schema by itself (or the schema): whose creation `id` belongs to.
catalog::ObjectId root_of(const catalog::Catalog& catalog, const catalog::ObjectId& id);

}  // namespace lockstep::planner
