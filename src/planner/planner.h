// live, desired, intents → Plan. Pure and deterministic: the same inputs give the same bytes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "catalog/intent.h"
#include "kinds/kind.h"
#include "plan/plan.h"
#include "support/source_text.h"

namespace lockstep::recipes {
struct SecondNames;  // recipes/second_name.h
}

namespace lockstep::planner {

// A rename follows those before it in a list: a column's speaks of its table's new name.
struct Rename {
  catalog::ObjectId from, to;
  bool own = false;  // from a transitional name that the same plan created it under; nobody else knows that name
};
// The id an object had before these renames, and the one it has after them.
catalog::ObjectId name_before(const catalog::ObjectId& id, const std::vector<Rename>& renames);
catalog::ObjectId name_after(const catalog::ObjectId& id, const std::vector<Rename>& renames);

// For an Input without them.
inline const std::vector<Rename> kNoRenames;
inline const catalog::Intents kNoIntents;
inline const std::map<catalog::ObjectId, kinds::TableFacts> kNoFacts;
inline const std::map<catalog::ObjectId, recipes::ColumnProbe> kNoProbes;
// Of declarations.
using Places = std::map<catalog::ObjectId, support::Span>;
inline const Places kNoPlaces;

struct Input {
  const catalog::Catalog& from;                     // live
  const catalog::Catalog& to;                       // desired, under the names before the renames
  const std::vector<catalog::Change>& changes;      // from → to, managed objects only
  const std::vector<Rename>& renames = kNoRenames;  // made last, in this order
  const catalog::Intents& intents = kNoIntents;
  const std::map<catalog::ObjectId, kinds::TableFacts>& facts = kNoFacts;
  const std::map<catalog::ObjectId, recipes::ColumnProbe>& probes = kNoProbes;
  const std::map<catalog::ObjectId, recipes::RowProbe>* row_probes = nullptr;
  const recipes::Successions* successions = nullptr;
  const recipes::SecondNames* second_names = nullptr;  // of renames; null: the old name goes when the new one comes
  const recipes::TimeZones* time_zones = nullptr;
  const Places& places = kNoPlaces;
  int server_version = 0;
  const std::vector<recipes::DefaultPrivilege>* default_privileges = nullptr;  // of the role that will run it
  std::string role = {};                                                       // that will run it; empty: unknown
  bool way_back = false;             // `changes` are exactly those of a step, the other way round
  bool manages_every_grant = false;  // also of objects that state none (`manage all`)
  bool coexistence = false;          // the plan stops at a gate: a table without rows may have some when it goes on
  bool hold = false;                 // what goes is hidden in contract, and removed in phase purge
  bool elaborating = false;          // everything new: direct statements, one object a step
  bool inline_defaults = false;      // but CREATE TABLE states the defaults that need nothing of the schema
  // Columns whose intents run bodies that look names up, or could not be elaborated; null: none.
  const std::set<catalog::ObjectId>* intents_need_path = nullptr;
};

// Fills steps (ordered, numbered, each with its undo) and changes. The caller fills target, fingerprints, read set, notes and
// proof. Throws InternalError with the path on a cycle; RefusedError on a change no rule can do, naming it.
plan::Plan make_plan(const Input& input);
// Whether the note tells each attribute that the change sets, with the values that it has now and is to have. Pure.
bool says_all(const plan::ChangeNote& note, const catalog::Change& change);

// The first step of this phase or a later one; steps.end(): there is none.
plan::Steps::iterator first_of(plan::Steps& steps, plan::Phase phase);
// Gives the steps their ids, in order.
void number(plan::Steps& steps);

// The statements of one rename.
plan::Steps rename_steps(const Rename& rename, const kinds::Context& context);

}  // namespace lockstep::planner
