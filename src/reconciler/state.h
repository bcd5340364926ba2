// What an apply left behind, as a value: the managed objects as they were read back from live, and what counts as managed.
//
//   live, desired, scope → state_after → (texts in the journal) → read_state → drift, pending
//
// Live texts against live texts: PostgreSQL printed both, so an equal database gives equal texts and nothing has to be
// elaborated. Facets that nobody stated (an owner) and derived attributes are not in a state, so they can't drift.
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

struct State {
  catalog::Catalog catalog;
  parser::Scope scope;
};

// After an apply that left live equal to desired.
State state_after(const catalog::Catalog& live, const catalog::Catalog& desired, const parser::Scope& scope);
// The same without the files, by what the plan says is to be recorded (Plan::record): after a saved plan, after a run that was
// resumed. `before`: what was recorded last, which the plan's text builds on. A plan of an older version says nothing: then it is
// what was known before, with what the plan made and without what it dropped; of a new object no facet is known to be stated.
State state_after(const catalog::Catalog& live, const plan::Plan& plan, const std::optional<State>& before);

// After a run that was given up: what it touched is known as it is now, everything else as it was recorded `before`.
State state_given_up(const catalog::Catalog& live, const plan::Plan& plan, const State& before);
// Plan::record: what is managed once the plan has run, and which facets of it are stated; as it differs from `before`.
std::string record_text(const elaborator::Desired& desired, const std::optional<State>& before);

// The texts the journal keeps. read_state gives nullopt for what an older or newer Lockstep wrote and this one can't read.
std::string scope_text(const State& state);
std::map<std::string, std::string> object_texts(const State& state);
std::optional<State> read_state(const std::map<std::string, std::string>& objects, const std::string& scope);

// What happened to the managed part since: from applied to live. Texts that differ count as equal if they are equal once
// elaborated (a server of another major version prints them differently).
std::vector<catalog::Change> drift(const State& applied, const postgres::Snapshot& live, const elaborator::Options& options);
// What the files want beyond what was applied: from applied to desired, whatever live has become.
std::vector<catalog::Change> pending(const State& applied, const elaborator::Desired& desired, const postgres::Snapshot& live,
                                     const elaborator::Options& options);
// Where nothing was ever applied: from live to desired.
std::vector<catalog::Change> missing(const elaborator::Desired& desired, const postgres::Snapshot& live,
                                     const elaborator::Options& options);

// One of two things to be laid side by side: a live database, or what files declare.
struct Side {
  catalog::Catalog catalog;
  std::optional<parser::Scope> scope;  // of files; a database is compared whole
  const postgres::Snapshot* live = nullptr;
};
// From a to b. Symmetric: an attribute that only one side states (a facet) is no difference, and an object that the other
// side's files don't manage is none either.
std::vector<catalog::Change> side_by_side(const Side& a, const Side& b, const elaborator::Options& options);

}  // namespace lockstep::reconciler
