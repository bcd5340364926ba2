#include <fmt/format.h>

#include <algorithm>

#include "cli/console.h"
#include "cli/plan_document.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "fleet/consent.h"
#include "plan/final_names.h"
#include "plan/hazard.h"
#include "plan/phase_name.h"
#include "plan/values.h"
#include "reconciler/selection.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using support::visible;

constexpr std::size_t kStatementLines = 8;
constexpr std::size_t kLongestWord = 240;  // of a statement; a longer one is alone on its line
constexpr std::size_t kDiffLines = 40;

std::string lowered(plan::LockMode mode) {
  return std::string(plan::to_string(mode));
}

class TextView {
 public:
  TextView(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const PlanViewOptions& options)
      : plan_(plan), hazards_(hazards), options_(options) {}

  std::string text() {
    header();
    if (plan_.empty()) {
      line(0, Style::green, nothing_to_do(plan_));
    } else {
      changes();
      values();
      steps();
    }
    notes();
    if (!plan_.empty()) summary();
    return std::move(text_);
  }

 private:
  void line(std::size_t indent, Style style, std::string_view text) {
    text_ += std::string(indent, ' ') + paint(options_.colour, style, visible(text)) + "\n";
  }
  void wrapped(std::size_t indent, Style style, std::string_view text) {
    for (const std::string& part : wrap(visible(text), options_.width - indent)) line(indent, style, part);
  }

  void header() {
    const std::string proof = plan_.proved ? "proved on a scratch copy" : "not proved";
    line(0, Style::bold,
         fmt::format("{}, PostgreSQL {}, {}", title_of(plan_), server_version(plan_.target.server_version), proof));
    text_ += "\n";
  }

  // The places are aligned in one column, to the right of the longest name.
  void changes() {
    const auto changes = plan::changes_for_people(plan_);
    line(0, Style::bold, fmt::format("Changes ({})", changes.size()));
    const std::size_t room = options_.width - 4;
    std::size_t column = 0;
    for (const plan::ChangeNote& change : changes)
      if (fits(change, room)) column = std::max(column, width(visible(change.object)) + 2);
    for (const plan::ChangeNote& change : changes)
      if (fits(change, room)) column = std::min(column, room - width(visible(change.source)));
    for (const plan::ChangeNote& change : changes) {
      const Style style = change.sign == "+" ? Style::green : change.sign == "-" ? Style::red : Style::yellow;
      std::string what = visible(change.object);
      if (fits(change, room)) what = pad(what, std::max(column, width(what) + 2)) + visible(change.source);
      text_ += "  " + paint(options_.colour, style, change.sign) + " " + what + "\n";
      for (const std::string& detail : lines_of(change.detail)) wrapped(6, Style::plain, detail);
      for (const plan::TextChange& text : change.texts) difference(text);
    }
    text_ += "\n";
  }

  static bool fits(const plan::ChangeNote& change, std::size_t room) {
    return !change.source.empty() && width(visible(change.object)) + 2 + width(visible(change.source)) <= room;
  }

  void difference(const plan::TextChange& text) {
    const std::vector<std::string> lines = unified_diff(text.from, text.to);
    const bool whole = options_.statements == Statements::whole || lines.size() <= kDiffLines + 1;
    const std::size_t shown = whole ? lines.size() : kDiffLines;
    line(6, Style::dim, text.attribute + ":");
    for (std::size_t i = 0; i < shown; ++i) {
      const char mark = lines[i].front();
      line(6, mark == '+' ? Style::green : mark == '-' ? Style::red : mark == '@' ? Style::dim : Style::plain, lines[i]);
    }
    if (shown < lines.size()) line(6, Style::dim, fmt::format("… {} more lines (-v shows them)", lines.size() - shown));
  }

  // Short if no values are at risk.
  void values() {
    if (!plan_.undoes.empty()) return;  // its notes name what doesn't come back
    std::size_t kept = 0;
    for (const plan::ValueNote& note : plan_.values) kept += note.effect == plan::kKept ? 1 : 0;
    if (kept == plan_.values.size()) {
      line(0, Style::bold, "Values: all that is stored is kept");
    } else {
      line(0, Style::bold, "Values");
      for (const plan::ValueNote& note : plan_.values) {
        const Style style = note.effect == plan::kLost        ? Style::red
                            : note.effect == plan::kConverted ? Style::yellow
                                                              : Style::plain;
        wrapped(2, style, cut(note.object + ": " + note.effect + (note.how.empty() ? "" : ", " + one_line(note.how)), 240));
      }
      line(2, Style::dim, "all other stored values are kept");
    }
    text_ += "\n";
  }

  void steps() {
    line(0, Style::bold, fmt::format("Steps ({})", plan_.steps.size()));
    for (const plan::Step& step : plan_.steps) {
      const std::string head = fmt::format("{:<4} {:<8} ", step.id, plan::to_string(step.phase));
      const std::vector<std::string> title = wrap(visible(step.title), options_.width - 2 - head.size());
      for (std::size_t i = 0; i < title.size(); ++i)
        text_ += "  " + (i == 0 ? paint(options_.colour, Style::cyan, head) : std::string(head.size(), ' ')) + title[i] + "\n";
      wrapped(7, Style::dim, facts(step));
      if (!step.breaking.empty()) wrapped(7, Style::yellow, "previous application version: " + step.breaking);
      for (const plan::Loss& loss : step.losses)
        wrapped(7, Style::yellow, "loses " + loss.what + (loss.relation.empty() ? "" : " (saved first)"));
      for (const plan::DataCheck& check : step.checks) wrapped(7, Style::dim, "checks first: " + check.rule);
      if (options_.statements != Statements::none) {
        for (const std::string& statement : step.sql) sql(statement);
        if (step.mode == plan::TransactionMode::batches) sql(update_of(step.batches));
      }
      hazards(step.id);
    }
    text_ += "\n";
  }

  std::string facts(const plan::Step& step) const {
    std::vector<std::string> parts;
    if (step.locks.empty() && step.lock != plan::LockMode::none) {
      const std::string on = plan::promised_on(step);
      parts.push_back((on.empty() ? "lock " : "") + lowered(step.lock) + (on.empty() ? "" : " on " + on));
    }
    for (const plan::RelationLock& lock : step.locks) parts.push_back(lowered(lock.mode) + " on " + lock.relation);
    const bool batches = step.mode == plan::TransactionMode::batches;
    std::vector<std::string> work;
    if (step.rewrites) work.emplace_back("rewrites the table");
    if (step.scans && !batches && !step.builds) work.emplace_back("reads the whole table");
    if (step.builds) work.emplace_back("builds an index");
    if (batches) work.emplace_back("updates in small batches");
    if (!work.empty())
      parts.push_back(fmt::format("{}{}", fmt::join(work, ", "), step.bytes > 0 ? " (" + bytes_text(step.bytes) + ")" : ""));
    if (step.mode == plan::TransactionMode::outside) parts.emplace_back("outside a transaction");
    if (!step.estimate.empty()) parts.push_back(plan::estimate_words(step.estimate));
    if (parts.empty()) parts.emplace_back("no lock on what existed before");
    return fmt::format("{}", fmt::join(parts, "; "));
  }

  // Unchanged lines if the whole statement is wanted; else wrapped, and only the beginning of a long body.
  void sql(const std::string& statement) {
    std::vector<std::string> lines = lines_of(statement);
    if (!lines.empty()) lines.back() += ";";
    if (options_.statements == Statements::whole) {
      for (const std::string& one : lines) line(7, Style::plain, one);
      return;
    }
    std::vector<std::string> broken;
    for (const std::string& one : lines) {
      const std::size_t indent = std::min<std::size_t>(one.find_first_not_of(' '), 20);
      const std::vector<std::string> parts =
          wrap(std::string_view(one).substr(std::min(indent, one.size())), options_.width - 9 - indent);
      for (std::size_t i = 0; i < parts.size(); ++i) broken.push_back(std::string(indent + (i == 0 ? 0 : 2), ' ') + parts[i]);
    }
    const std::size_t shown = broken.size() <= kStatementLines + 1 ? broken.size() : kStatementLines;
    for (std::size_t i = 0; i < shown; ++i) line(7, Style::plain, cut(broken[i], kLongestWord));
    if (shown < broken.size()) line(7, Style::dim, fmt::format("… {} more lines", broken.size() - shown));
  }

  void hazards(const std::string& step) {
    for (const plan::Hazard& hazard : hazards_) {
      if (hazard.step != step) continue;
      wrapped(7, Style::red, fmt::format("! {}: {}", hazard.kind, hazard.message));
      line(9, Style::red, "consent: " + fleet::consent_flag(hazard));
    }
  }

  void notes() {
    bool headed = false;
    const auto note = [&](Style style, const std::string& text) {
      if (!headed) line(0, Style::bold, "Notes");
      headed = true;
      wrapped(2, style, text);
    };
    for (const plan::Hazard& hazard : hazards_)  // of the plan as a whole
      if (hazard.step.empty()) {
        note(Style::red, fmt::format("! {}: {}", hazard.kind, hazard.message));
        line(4, Style::red, "consent: " + fleet::consent_flag(hazard));
      }
    for (const std::string& one : plan_.notes) note(Style::plain, one);
    if (headed) text_ += "\n";
  }

  void summary() {
    std::size_t counts[std::size(plan::kPhases)] = {};
    for (const plan::Step& step : plan_.steps) ++counts[static_cast<std::size_t>(step.phase)];
    std::string text = fmt::format("{}: {} expand, {} migrate, {} contract", plural(plan_.steps.size(), "step"), counts[0],
                                   counts[1], counts[2]);
    if (plan_.hold > 0)
      text += fmt::format(", {} purge (at the earliest {} after contract: `lockstep purge`)", counts[3], hold_words(plan_.hold));
    text += hazards_.empty() ? "; no hazards" : "; " + plural(hazards_.size(), "hazard") + " to consent to";
    line(0, Style::bold, text);
    if (hazards_.empty() || plan_.target.database.empty()) return;  // no command takes a plan between two states
    line(0, Style::plain, "To consent to all of them, give apply this:");
    line(2, Style::plain, fleet::consent_flags(hazards_));
  }

  const plan::Plan& plan_;
  const std::vector<plan::Hazard>& hazards_;
  const PlanViewOptions& options_;
  std::string text_;
};

}  // namespace

std::string title_of(const plan::Plan& plan) {
  if (plan.target.database.empty()) return "Plan between two states of the files";
  return fmt::format("Plan for database \"{}\"", plan.target.database);
}

std::string nothing_to_do(const plan::Plan& plan) {
  if (plan.target.database.empty()) return "Nothing to do: both states of the files declare the same.";
  return reconciler::selection_of(plan).any() ? "Nothing to do in the chosen part." : "Nothing to do: live equals desired.";
}

std::string plan_text(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const PlanViewOptions& options) {
  return TextView(plan, hazards, options).text();
}

namespace {

std::string text_of(const PlanDocument& document, const Look& look) {
  return plan_text(
      document.plan, document.hazards,
      {.colour = look.colour, .statements = look.verbose ? Statements::whole : Statements::shortened, .width = look.width});
}

std::string early_text(const PlanDocument& document, const Look&) {
  return document.open_run.empty() ? "" : document.open_run + "\n\n";
}

}  // namespace

constinit const Renderer<PlanDocument> kPlanText{.format = "text", .text = text_of, .early = early_text};

}  // namespace lockstep::cli
