// The state that an apply recorded: the managed objects as they were read back from live, and what counts as managed.
//
//   live, desired, scope → state_after → (texts in the journal) → read_state → drift, pending
//
// Drift compares live texts with live texts: PostgreSQL printed both, so an equal database gives equal texts and nothing has to
// be elaborated. Facets that nobody stated (an owner) and derived attributes are not part of a state, so they can't drift.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "parser/declared.h"

namespace lockstep::reconciler {

// Where an object stood in PostgreSQL's catalogs as it was recorded: a rename keeps that. Empty: an older version recorded it.
using Addresses = std::map<catalog::ObjectId, postgres::Address>;

struct State {
  catalog::Catalog catalog;
  parser::Scope scope;
  Addresses addresses = {};
};

// The state after an apply that made live equal to desired.
State state_after(const catalog::Catalog& live, const catalog::Catalog& desired, const parser::Scope& scope);
// The same without the files, from what the plan says is to be recorded (Plan::record): after a saved plan, or after a run that
// was resumed. `before`: the last recorded state, on which the plan's text builds. A plan of an older version has no such text;
// then the result is `before` with what the plan created and without what it dropped, and no facet of a new object counts as
// stated.
State state_after(const catalog::Catalog& live, const plan::Plan& plan, const std::optional<State>& before);

// After a run that was given up: objects that it touched are recorded as they are now, all others as in `before`.
State state_given_up(const catalog::Catalog& live, const plan::Plan& plan, const State& before);
// The text for Plan::record: what is managed after the plan, and which facets of it are stated, as differences from `before`.
std::string record_text(const elaborator::Desired& desired, const std::optional<State>& before);

// The texts that the journal stores. read_state() returns nullopt if this version can't read what another version wrote.
std::string scope_text(const State& state);
std::map<std::string, std::string> object_texts(const State& state);
// Whether the texts say these objects, wherever they stand.
bool says_objects(const std::map<std::string, std::string>& objects, const State& state);
// Those of the recorded objects: of `live`, and of what isn't there under this name, from `before`.
Addresses addresses_of(const catalog::Catalog& recorded, const postgres::Snapshot& live, const Addresses& before);
std::optional<State> read_state(const std::map<std::string, std::string>& objects, const std::string& scope);

// The drift: changes of the managed part from `applied` to live. Different texts count as equal if they are equal after
// elaboration (a server of another major version prints them differently).
std::vector<catalog::Change> drift(const State& applied, const postgres::Snapshot& live, const elaborator::Options& options);
// The pending changes: from `applied` to desired, independent of live.
std::vector<catalog::Change> pending(const State& applied, const elaborator::Desired& desired, const postgres::Snapshot& live,
                                     const elaborator::Options& options);
// For a database that was never applied: the changes from live to desired.
std::vector<catalog::Change> missing(const elaborator::Desired& desired, const postgres::Snapshot& live,
                                     const elaborator::Options& options);
// The other way round: from desired to live, also of a database that was applied. What a person would have to change in the
// files so that they say what is there.
std::vector<catalog::Change> undeclared(const elaborator::Desired& desired, const postgres::Snapshot& live,
                                        const elaborator::Options& options);

// One side of a comparison: a live database, or what files declare.
struct Side {
  catalog::Catalog catalog;
  std::optional<parser::Scope> scope;  // of files; absent: a database, which is compared whole
  const postgres::Snapshot* live = nullptr;
};
// The differences from `a` to `b`. Symmetric: an attribute that only one side states (a facet) is no difference, and neither is
// an object that the other side's files don't manage.
std::vector<catalog::Change> side_by_side(const Side& a, const Side& b, const elaborator::Options& options);

}  // namespace lockstep::reconciler
