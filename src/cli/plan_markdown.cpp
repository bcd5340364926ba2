#include "cli/plan_markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/plan_document.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "fleet/consent.h"
#include "plan/hazard.h"
#include "plan/lock.h"
#include "plan/phase_name.h"
#include "plan/values.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

// GitHub refuses a comment of more than 65,536 characters; there are never fewer bytes than characters.
constexpr std::size_t kMarkdownBytes = 60000;
constexpr std::size_t kRoomForTheEnd = 400;  // for the list of what was left out

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0, now = 0;
  for (const char c : text) {
    now = c == of ? now + 1 : 0;
    longest = std::max(longest, now);
  }
  return longest;
}

std::string fenced(std::string_view language, const std::string& text) {
  const std::string fence(std::max<std::size_t>(3, longest_run(text, '`') + 1), '`');
  return fmt::format("{}{}\n{}{}{}\n", fence, language, text, text.ends_with('\n') ? "" : "\n", fence);
}

std::string locks(const plan::Step& step) {
  std::vector<std::string> parts;
  for (const plan::RelationLock& lock : step.locks)
    parts.push_back(fmt::format("{} on {}", plan::to_string(lock.mode), markdown_code(lock.relation)));
  if (parts.empty() && step.lock != plan::LockMode::none) {
    const std::string on = plan::promised_on(step);
    parts.push_back(std::string(plan::to_string(step.lock)) + (on.empty() ? "" : " on " + markdown_code(on)));
  }
  return parts.empty() ? "–" : fmt::format("{}", fmt::join(parts, "<br>"));
}

std::string work(const plan::Step& step) {
  std::vector<std::string> parts;
  const bool batches = step.mode == plan::TransactionMode::batches;
  if (step.rewrites) parts.emplace_back("**rewrites the table**");
  if (batches) parts.emplace_back("updates in batches");
  if (step.builds) parts.emplace_back("builds an index");
  if (step.scans && !batches && !step.builds) parts.emplace_back("reads the whole table");
  return parts.empty() ? "–" : fmt::format("{}", fmt::join(parts, ", "));
}

// How the duration grows with the table; the number of seconds is unknown.
std::string duration(const plan::Step& step, bool unknown) {
  const bool grows = step.rewrites || step.scans || step.builds || step.mode == plan::TransactionMode::batches;
  if (!grows) return "short";
  if (!step.estimate.empty()) return plan::estimate_words(step.estimate);
  if (unknown) return "grows with the table";
  return step.bytes > 0 ? "grows with " + bytes_text(step.bytes) : "grows with the table (small now)";
}

std::string counts(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) {
  std::size_t phases[std::size(plan::kPhases)] = {};
  for (const plan::Step& step : plan.steps) ++phases[static_cast<std::size_t>(step.phase)];
  return fmt::format(
      "| changes | steps | expand | migrate | contract | {}hazards | proved |\n|---|---|---|---|---|---|---|{}\n"
      "| {} | {} | {} | {} | {} | {}{} | {} |\n",
      plan.hold > 0 ? "purge | " : "", plan.hold > 0 ? "---|" : "", plan.changes.size(), plan.steps.size(), phases[0], phases[1],
      phases[2], plan.hold > 0 ? fmt::format("{} | ", phases[3]) : "", hazards.size(),
      plan.proved ? "yes, on a scratch copy" : "**no**");
}

std::string changes(const plan::Plan& plan) {
  std::string text = "\n#### Changes\n\n| | object | what | declared at |\n|---|---|---|---|\n";
  for (const plan::ChangeNote& one : plan.changes)
    text += fmt::format("| {} | {} | {} | {} |\n", markdown_text(one.sign), markdown_code(one.object), markdown_text(one.detail),
                        markdown_text(one.source));
  return text;
}

// Collapsed: GitHub shows the text between the tags only after a click.
std::string folded(const std::string& summary, const std::string& text) {
  return fmt::format("\n<details>\n<summary>{}</summary>\n\n{}\n</details>\n", markdown_text(summary), text);
}

std::string checkboxes(const Checklist& checklist) {
  std::string text = checklist.empty() ? "" : "\n#### Checklist\n\n";
  for (const Check& check : checklist) text += fmt::format("- [{}] {}\n", check.done ? 'x' : ' ', markdown_text(check.text));
  return text;
}

// One collapsed section for each long value that changes, in full.
std::vector<std::string> differences(const plan::Plan& plan) {
  std::vector<std::string> folds;
  for (const plan::ChangeNote& change : plan.changes)
    for (const plan::TextChange& one : change.texts)
      folds.push_back(
          folded(fmt::format("{}: {}", change.object, one.attribute),
                 fenced("diff", support::visible_lines(fmt::format("{}", fmt::join(unified_diff(one.from, one.to), "\n"))))));
  return folds;
}

std::string values(const plan::Plan& plan) {
  const bool kept =
      std::all_of(plan.values.begin(), plan.values.end(), [](const auto& note) { return note.effect == plan::kKept; });
  if (kept) return "\n**Values:** all that is stored is kept.\n";
  std::string text = "\n#### Values\n\nAll that is not listed is kept.\n\n| of | values are | how |\n|---|---|---|\n";
  for (const plan::ValueNote& note : plan.values)
    text += fmt::format("| {} | {} | {} |\n", markdown_code(note.object), note.effect == plan::kLost ? "**lost**" : note.effect,
                        markdown_text(cut(one_line(note.how), 240)));
  return text;
}

// `for_apply`: it is a plan that apply can run, not one between two states of the files.
std::string hazard_list(const std::vector<plan::Hazard>& hazards, bool for_apply) {
  if (hazards.empty()) return {};
  std::string text = "\n#### Hazards\n\nEach needs consent.\n\n| step | hazard | object | |\n|---|---|---|---|\n";
  for (const plan::Hazard& one : hazards)
    text += fmt::format("| {} | **{}** | {} | {} |\n", one.step.empty() ? "all" : one.step, one.kind, markdown_code(one.object),
                        markdown_text(one.message));
  if (!for_apply) return text;
  return text + "\nTo consent to all of them, give `lockstep apply` this:\n\n" +
         fenced("", support::visible_lines(fleet::consent_flags(hazards)));
}

std::string steps(const plan::Plan& plan) {
  std::string text = "\n#### Steps\n\n| step | phase | what | lock | work | duration |\n|---|---|---|---|---|---|\n";
  for (const plan::Step& step : plan.steps) {
    std::string what = markdown_text(step.title);
    if (!step.breaking.empty()) what += "<br>*previous application version:* " + markdown_text(step.breaking);
    for (const plan::Loss& loss : step.losses)
      what += fmt::format("<br>*loses* {}{}", markdown_text(loss.what), loss.query.empty() ? "" : " (saved first)");
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", step.id, plan::to_string(step.phase), what, locks(step), work(step),
                        duration(step, plan.target.database.empty()));
  }
  return text;
}

std::string notes(const plan::Plan& plan) {
  std::string text;
  for (const plan::Unproved& one : plan.unproved)
    text += "- **unproved:** " + markdown_text(one.object + ": " + one.reason) + "\n";
  for (const std::string& one : plan.notes) text += "- " + markdown_text(one) + "\n";
  return text.empty() ? "" : "\n#### Notes\n\n" + text;
}

}  // namespace

namespace {

// Whether a forge turns it into a mention or link although its first character is escaped: @name, #12, https://x, www.x.
bool starts_reference(std::string_view before, std::string_view rest) {
  if (rest[0] == '@') return true;
  if (rest[0] == '#') return rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9';
  if (rest[0] == ':') return rest.starts_with("://");
  return rest[0] == '.' && before.size() >= 3 && (before.ends_with("www") || before.ends_with("WWW"));
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string lines;
  for (const std::string& line : lines_of(text)) lines += (lines.empty() ? "" : "\n") + support::visible(line);
  std::string result;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const char c = lines[i];
    if (c == '\n') {
      result += "<br>";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+-!|~@").find(c) != std::string_view::npos) result += '\\';
      result += c;
      // An HTML comment splits the word and is invisible.
      if (starts_reference(std::string_view(lines).substr(0, i), std::string_view(lines).substr(i))) result += "<!-- -->";
    }
  }
  return result;
}

// Even between backticks, a bar ends a table cell unless a backslash precedes it, and a second backslash before that undoes it.
std::string markdown_code(std::string_view text) {
  const std::string inside = support::visible(text);
  if (!inside.empty() && inside.find_first_of("`|\\") == std::string::npos) return "`" + inside + "`";
  std::string result = "<code>";
  for (const char c : inside) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                       static_cast<unsigned char>(c) >= 0x80;
    result += plain ? std::string(1, c) : fmt::format("&#{};", static_cast<int>(c));
  }
  return result + "</code>";
}

// Most important parts first. Parts that don't fit are left out and named.
std::string plan_markdown(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const Checklist& checklist) {
  const bool of_files = plan.target.database.empty();
  std::string text = of_files ? "### Lockstep plan between two states of the files\n\n"
                              : fmt::format("### Lockstep plan for database {}\n\n", markdown_code(plan.target.database));
  if (plan.empty()) return text + nothing_to_do(plan) + "\n" + notes(plan);
  std::vector<std::string> left_out;
  std::size_t differences_left_out = 0;
  const std::string boxes = checkboxes(checklist);
  const auto fits = [&](const std::string& part) {
    return text.size() + part.size() + boxes.size() + kRoomForTheEnd <= kMarkdownBytes;
  };
  const auto add = [&](const char* name, const std::string& part) {
    if (fits(part)) {
      text += part;
    } else {
      left_out.emplace_back(name);
    }
  };
  add("the counts", counts(plan, hazards));
  add("the list of hazards", hazard_list(hazards, !of_files));
  add("the list of changes", changes(plan));
  add("what becomes of values", values(plan));
  add("the list of steps", steps(plan));
  add("the notes", notes(plan));
  for (const std::string& fold : differences(plan)) {
    if (fits(fold)) {
      text += fold;
    } else {
      ++differences_left_out;
    }
  }
  if (differences_left_out > 0) left_out.push_back(plural(differences_left_out, "text") + " that changes");
  add("the SQL", folded("SQL", fenced("sql", support::visible_lines(plan_sql(plan)))));
  text += boxes;
  if (!left_out.empty())
    text +=
        fmt::format("\n**Left out, because a comment may have {} characters at most:** {}. `lockstep plan` shows all of it.\n",
                    kMarkdownBytes, fmt::join(left_out, ", "));
  return text;
}

namespace {

std::string markdown_of(const PlanDocument& document, const Look&) {
  return plan_markdown(document.plan, document.hazards, document.checklist);
}

std::string early_markdown(const PlanDocument& document, const Look&) {
  return document.open_run.empty() ? "" : "> **Open run.** " + document.open_run + "\n\n";
}

}  // namespace

constinit const Renderer<PlanDocument> kPlanMarkdown{
    .format = "markdown", .note = "for a pull request", .text = markdown_of, .early = early_markdown};

}  // namespace lockstep::cli
