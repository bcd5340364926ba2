#include <fmt/format.h>

#include "cli/differences.h"
#include "cli/places.h"
#include "cli/text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using fleet::Status;

class Text {
 public:
  Text(const Place& place, bool colour) : place_(place), s_(place.status), colour_(colour) {}

  std::string text() {
    line("database", Style::plain,
         fmt::format("{}{}, PostgreSQL {}", s_.target.database, place_.environment.empty() ? "" : " (" + place_.environment + ")",
                     server_version(s_.target.server_version)));
    if (!s_.wrong_target.empty()) {
      line("target", Style::red, "wrong: " + s_.wrong_target);
      return std::move(text_);
    }
    if (s_.open) rollout();
    drift();
    pending();
    if (!s_.open) rollout();
    holds();
    left_behind();
    unsound();
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
    if (s_.taken > 0)
      text_ += fmt::format(
          "  {} by now what the schema files say; the next apply records it\n",
          s_.taken == s_.drift.size() ? "this is" : fmt::format("{} of them {}", s_.taken, s_.taken == 1 ? "is" : "are"));
  }

  void pending() {
    if (!s_.pending_known)
      return line("pending", Style::plain, "unknown: no schema files (--schema, or `schema:` of lockstep.yaml)");
    if (s_.pending.empty() && s_.open)
      return line("pending", Style::green, fmt::format("nothing beyond the open run: {} to do", plural(steps_to_come(), "step")));
    if (s_.pending.empty()) {
      const bool equal = s_.drift.empty();
      return line("pending", Style::green, equal ? "nothing: live equals desired" : "nothing: what is declared was applied");
    }
    line("pending", Style::yellow,
         fmt::format("{}{} (see `lockstep plan`)", plural(s_.pending.size(), "change"), s_.open ? " beyond the open run" : ""));
    text_ += differences_text(s_.pending, 2, colour_);
  }

  std::size_t steps_to_come() const {
    std::size_t steps = s_.gate ? s_.gate->pending.size() : s_.open->steps - s_.open->settled;
    for (const fleet::Gate& gate : s_.more_gates) steps += gate.pending.size();
    return steps;
  }

  void holds() {
    for (const fleet::Hold& hold : s_.holds) {
      line("held", hold.over ? Style::yellow : Style::plain,
           fmt::format("run {} until {}{}", run_name(hold.run), short_time(hold.until),
                       hold.over ? fmt::format(": over, `lockstep purge {}` removes it", run_name(hold.run)) : ""));
      for (const std::string& one : hold.objects) text_ += "  " + one + "\n";
      if (!hold.given_up.empty()) text_ += "  its way back was given up: " + hold.given_up + " (what they did stays)\n";
      if (!hold.last_error.empty()) text_ += "  a purge was cut off: " + lines_of(hold.last_error).front() + "\n";
    }
  }

  void left_behind() {
    if (s_.left_behind.empty()) return;
    line("left over", Style::yellow,
         fmt::format("{} of runs that were given up; the next plan takes care of {}", plural(s_.left_behind.size(), "object"),
                     s_.left_behind.size() == 1 ? "it" : "them"));
    for (const std::string& one : s_.left_behind) text_ += "  " + one + "\n";
  }

  void unsound() {
    if (s_.unsound.empty()) return;
    line("helpers", Style::red,
         fmt::format("{} of a run that is open or held {} not as Lockstep left {}",
                     plural(s_.unsound.size(), "transitional object"), s_.unsound.size() == 1 ? "is" : "are",
                     s_.unsound.size() == 1 ? "it" : "them"));
    for (const std::string& one : s_.unsound) text_ += "  " + one + "\n";
  }

  // `by`: " by ann@host", or empty.
  void gate(const fleet::Gate& gate, const std::string& by) {
    line("open run", Style::yellow,
         fmt::format("{}{} waits at the gate since {}, before phase {}: {} of {} steps done", run_name(gate.run), by,
                     short_time(gate.since), plan::to_string(gate.next), gate.done, gate.steps));
    if (!by.empty()) text_ += differences_text(s_.rollout, 2, colour_);
    line("to come", Style::plain, plural(gate.pending.size(), "step"));
    for (const fleet::PendingStep& step : gate.pending) {
      text_ += fmt::format("  {} {:<8} {}\n", step.id, plan::to_string(step.phase), support::visible(step.title));
      if (!step.breaking.empty()) text_ += fmt::format("    {}\n", support::visible(step.breaking));
    }
    if (!gate.old_names.empty()) line("old names", Style::plain, "written through by applications:");
    for (const fleet::OldName& name : gate.old_names) text_ += "  " + fleet::words(name) + "\n";
    text_ += fmt::format("  `{}` goes on, `{}` takes it back\n", gate.go_on, gate.take_back);
  }

  void rollout() {
    if (!s_.open) return line("open run", Style::plain, "none");
    if (s_.gate) {
      gate(*s_.gate, " by " + s_.open->by);
      for (const fleet::Gate& other : s_.more_gates) gate(other, "");
      return;
    }
    line("open run", Style::yellow,
         fmt::format("{} by {}, {} of {} steps done; `lockstep resume` goes on with it", run_name(s_.open->id), s_.open->by,
                     s_.open->settled, s_.open->steps));
    text_ += differences_text(s_.rollout, 2, colour_);
    for (const fleet::Gate& other : s_.more_gates) gate(other, "");
  }

  const Place& place_;
  const Status& s_;
  bool colour_;
  std::string text_;
};

}  // namespace

std::string place_text(const Place& place, bool colour) {
  if (!place.problem.empty()) return pad("database", 11) + fmt::format("{}: {}\n", place.environment, place.problem);
  return Text(place, colour).text();
}

}  // namespace lockstep::cli
