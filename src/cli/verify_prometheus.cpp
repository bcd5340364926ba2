// For a file that node_exporter's textfile collector reads, or a push gateway: one line a number, the same lines each time.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "cli/places.h"

namespace lockstep::cli {
namespace verify_prometheus {
namespace {

// In a label's value: \ " and the end of a line are escaped; nothing else is more than text there.
std::string label(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\\' || c == '"') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted;
}

std::size_t waiting(const Place& place) {
  return (place.status.gate ? 1 : 0) + place.status.more_gates.size();
}

struct Metric {
  const char* name;
  const char* help;
  double (*value)(const Place& place);  // NaN: there is nothing to say
  bool known_only;                      // it says nothing of a database that couldn't be asked
};

constexpr Metric kMetrics[] = {
    {"lockstep_up", "whether the database could be asked", [](const Place& place) { return place.problem.empty() ? 1.0 : 0.0; },
     false},
    {"lockstep_drift_objects", "objects that somebody else has changed since the last apply",
     [](const Place& place) { return static_cast<double>(place.status.drift.size()); }, true},
    {"lockstep_pending_objects", "objects that the schema files want to be otherwise",
     [](const Place& place) { return static_cast<double>(place.status.pending.size()); }, true},
    {"lockstep_open_runs", "runs that are not finished, those at a gate included",
     [](const Place& place) { return static_cast<double>((place.status.open ? 1 : 0) + place.status.more_gates.size()); }, true},
    {"lockstep_runs_at_gate", "runs that wait at a gate", [](const Place& place) { return static_cast<double>(waiting(place)); },
     true},
    {"lockstep_held_runs", "runs whose former shape is kept for a rollback",
     [](const Place& place) { return static_cast<double>(place.status.holds.size()); }, true},
    {"lockstep_wrong_target", "whether the URL leads to another database than the one that is known",
     [](const Place& place) { return place.status.wrong_target.empty() ? 0.0 : 1.0; }, true},
    {"lockstep_journal_broken", "whether the journal was changed by somebody else",
     [](const Place& place) { return place.status.broken_journal.empty() ? 0.0 : 1.0; }, true},
    {"lockstep_backup_rehearsal_age_seconds",
     "since a backup last came back whole on scratch; +Inf: never, or the last one failed",
     [](const Place& place) {
       const executor::RehearsalAge& age = place.status.rehearsal;
       if (age.seconds) return static_cast<double>(*age.seconds);
       return age.saved ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
     },
     true},
};

std::string number(double value) {
  return std::isinf(value) ? "+Inf" : fmt::format("{}", value);
}

std::string text_of(const Places& places, const Look&) {
  std::string text;
  for (const Metric& metric : kMetrics) {
    text += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", metric.name, metric.help, metric.name);
    for (const Place& place : places) {
      if ((metric.known_only && !place.problem.empty()) || std::isnan(metric.value(place))) continue;
      text += fmt::format("{}{{environment=\"{}\",database=\"{}\"}} {}\n", metric.name, label(place.environment),
                          label(place.status.target.database), number(metric.value(place)));
    }
  }
  return text;
}

}  // namespace
}  // namespace verify_prometheus

constinit const Renderer<Places> kVerifyPrometheus{.format = "prometheus",
                                                   .note = "text exposition format",
                                                   .text = verify_prometheus::text_of,
                                                   .exact = true,
                                                   .complete = true};

}  // namespace lockstep::cli
