#include "cli/places.h"

#include "cli/report.h"
#include "executor/sound_journal.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using fleet::Status;

Place ask(const Work& todo, const Console& console) {
  std::optional<parser::Declared> declared;
  if (todo.sources) {
    support::Diagnostics diagnostics;
    declared = elaborator::declare(*todo.sources, diagnostics);
    settle(diagnostics, console);
  }
  const auto session = executor::connect(todo.url, todo.settings.application);
  support::Diagnostics diagnostics;
  Place place{todo.name(), "", fleet::status(*session, todo.known, declared ? &*declared : nullptr, todo.options, diagnostics)};
  settle(diagnostics, console);
  return place;
}

}  // namespace

Places ask_all(const std::vector<Work>& works, const Console& console) {
  Places places;
  for (const Work& todo : works) {
    if (!todo.problem.empty()) {
      places.push_back({todo.name(), todo.problem, {}});
    } else if (works.size() == 1) {
      places.push_back(ask(todo, console));
    } else {
      try {
        places.push_back(ask(todo, console));
      } catch (const support::DatabaseError& error) {
        places.push_back({todo.name(), error.facts().message, {}});
      } catch (const support::RefusedError& error) {  // the URL leads through a pooler; the other databases can still be asked
        places.push_back({todo.name(), error.what(), {}});
      }
    }
  }
  return places;
}

std::string state_word(const Place& place) {
  const Status& s = place.status;
  if (!place.problem.empty()) return "unreachable";
  if (!s.wrong_target.empty()) return "wrong target";
  if (!s.broken_journal.empty()) return "tampered";
  if (!s.drift.empty()) return "drift";
  if (s.open) return s.gate ? "at the gate" : "open run";
  if (!s.applied) return "never applied";
  if (!s.pending.empty()) return "pending";
  return s.drift_known ? "in step" : "unknown";
}

}  // namespace lockstep::cli
