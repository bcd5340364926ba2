#include "cli/status_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/difference_view.h"
#include "cli/report.h"
#include "cli/text.h"
#include "executor/sound_journal.h"
#include "support/error.h"

namespace lockstep::cli {
namespace {

using fleet::Status;
using nlohmann::ordered_json;

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

class Text {
 public:
  Text(const Place& place, bool colour) : place_(place), s_(place.status), colour_(colour) {}

  std::string text() {
    const std::string version =
        fmt::format("PostgreSQL {}.{}", s_.target.server_version / 10000, s_.target.server_version % 10000);
    line("database", Style::plain,
         fmt::format("{}{}, {}", s_.target.database, place_.environment.empty() ? "" : " (" + place_.environment + ")", version));
    if (!s_.wrong_target.empty()) {
      line("target", Style::red, "wrong: " + s_.wrong_target);
      return std::move(text_);
    }
    if (s_.open) rollout();
    drift();
    pending();
    if (!s_.open) rollout();
    left_behind();
    line("journal", s_.broken_journal.empty() ? Style::plain : Style::red,
         s_.broken_journal.empty() ? (s_.runs.empty() ? "none" : "intact") : s_.broken_journal);
    return std::move(text_);
  }

 private:
  void line(std::string_view label, Style style, const std::string& what) {
    text_ += pad(label, 11) + paint(colour_, style, what) + "\n";
  }

  void drift() {
    if (!s_.applied) return line("drift", Style::plain, "unknown: never applied");
    const std::string since = fmt::format("run {}, {}", run_name(s_.applied->run), short_time(s_.applied->at));
    if (!s_.drift_known)
      return line(
          "drift", Style::yellow,
          fmt::format("unknown: what {} left was recorded by another version of Lockstep; the next apply records it", since));
    if (s_.drift.empty()) return line("drift", Style::green, fmt::format("none since {}", since));
    line("drift", Style::red, fmt::format("{} changed since {}, not by Lockstep", plural(s_.drift.size(), "object"), since));
    text_ += differences_text(s_.drift, 2, colour_);
  }

  void pending() {
    if (!s_.pending_known)
      return line("pending", Style::plain, "unknown: no schema files (--schema, or `schema:` of lockstep.yaml)");
    if (s_.pending.empty()) {
      const bool equal = s_.drift.empty() && !s_.open;
      return line("pending", Style::green, equal ? "nothing: live equals desired" : "nothing: what is declared was applied");
    }
    line("pending", Style::yellow, fmt::format("{} (see `lockstep plan`)", plural(s_.pending.size(), "change")));
    text_ += differences_text(s_.pending, 2, colour_);
  }

  void left_behind() {
    if (s_.left_behind.empty()) return;
    line("left over", Style::yellow,
         fmt::format("{} of runs that were given up; the next plan takes care of {}", plural(s_.left_behind.size(), "object"),
                     s_.left_behind.size() == 1 ? "it" : "them"));
    for (const std::string& one : s_.left_behind) text_ += "  " + one + "\n";
  }

  void rollout() {
    if (!s_.open) return line("open run", Style::plain, "none");
    line("open run", Style::yellow,
         fmt::format("{} by {}, {} of {} steps done; `lockstep resume` goes on with it", run_name(s_.open->id), s_.open->by,
                     s_.open->settled, s_.open->steps));
    text_ += differences_text(s_.rollout, 2, colour_);
  }

  const Place& place_;
  const Status& s_;
  bool colour_;
  std::string text_;
};

}  // namespace

std::vector<Place> ask_all(const std::vector<Work>& works, const Console& console) {
  std::vector<Place> places;
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

std::string short_time(const std::string& iso) {
  if (iso.size() < 19) return iso;
  return iso.substr(0, 10) + " " + iso.substr(11, 8) + " UTC";
}

std::string run_name(const std::string& uuid) {
  return uuid.substr(0, 8);
}

std::string state_word(const Place& place) {
  const Status& s = place.status;
  if (!place.problem.empty()) return "unreachable";
  if (!s.wrong_target.empty()) return "wrong target";
  if (!s.broken_journal.empty()) return "tampered";
  if (!s.drift.empty()) return "drift";
  if (s.open) return "open run";
  if (!s.applied) return "never applied";
  if (!s.pending.empty()) return "pending";
  return s.drift_known ? "in step" : "unknown";
}

std::string status_text(const Place& place, bool colour) {
  if (!place.problem.empty()) return pad("database", 11) + fmt::format("{}: {}\n", place.environment, place.problem);
  return Text(place, colour).text();
}

ordered_json status_json(const Place& place) {
  const Status& s = place.status;
  ordered_json json;
  json["environment"] = place.environment.empty() ? ordered_json(nullptr) : ordered_json(place.environment);
  json["state"] = state_word(place);
  if (!place.problem.empty()) {
    json["problem"] = place.problem;
    return json;
  }
  json["database"] = s.target.database;
  json["server_version"] = s.target.server_version;
  json["problem"] = s.wrong_target.empty() ? ordered_json(nullptr) : ordered_json(s.wrong_target);
  if (!s.wrong_target.empty()) return json;
  json["journal"] = s.broken_journal.empty() ? "intact" : s.broken_journal;
  json["last_applied"] = nullptr;
  if (s.applied) json["last_applied"] = {{"run", s.applied->run}, {"at", s.applied->at}, {"fingerprint", s.applied->fingerprint}};
  json["drift"] = s.drift_known ? differences_json(s.drift) : ordered_json(nullptr);
  json["pending"] = s.pending_known ? differences_json(s.pending) : ordered_json(nullptr);
  json["left_behind"] = s.left_behind;
  json["open_run"] = nullptr;
  if (s.open)
    json["open_run"] = {{"id", s.open->id},
                        {"state", s.open->state},
                        {"by", s.open->by},
                        {"started", s.open->started},
                        {"steps", s.open->steps},
                        {"done", s.open->settled},
                        {"changes", differences_json(s.rollout)}};
  return json;
}

}  // namespace lockstep::cli
