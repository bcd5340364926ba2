#include "cli/plan_markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/plan_view.h"
#include "cli/text.h"
#include "fleet/rollout.h"
#include "plan/lock.h"
#include "plan/values.h"

namespace lockstep::cli {
namespace {

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
  if (parts.empty() && step.lock != plan::LockMode::none) parts.emplace_back(plan::to_string(step.lock));
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

// How its duration grows, not a number of seconds that nobody can know.
std::string duration(const plan::Step& step) {
  const bool grows = step.rewrites || step.scans || step.builds || step.mode == plan::TransactionMode::batches;
  if (!grows) return "short";
  return step.bytes > 0 ? "grows with " + bytes_text(step.bytes) : "grows with the table (small now)";
}

std::string counts(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) {
  std::size_t phases[3] = {};
  for (const plan::Step& step : plan.steps) ++phases[static_cast<std::size_t>(step.phase)];
  return fmt::format(
      "| changes | steps | expand | migrate | contract | hazards | proved |\n|---|---|---|---|---|---|---|\n"
      "| {} | {} | {} | {} | {} | {} | {} |\n",
      plan.changes.size(), plan.steps.size(), phases[0], phases[1], phases[2], hazards.size(),
      plan.proved ? "yes, on a scratch copy" : "**no**");
}

std::string changes(const plan::Plan& plan) {
  std::string text = "\n#### Changes\n\n| | object | what | declared at |\n|---|---|---|---|\n";
  for (const plan::ChangeNote& one : plan.changes)
    text += fmt::format("| {} | {} | {} | {} |\n", markdown_text(one.sign), markdown_code(one.object),
                        markdown_text(cut(one.detail, 240)), markdown_text(one.source));
  return text;
}

std::string values(const plan::Plan& plan) {
  const bool kept =
      std::all_of(plan.values.begin(), plan.values.end(), [](const auto& note) { return note.fate == plan::kKept; });
  if (kept) return "\n**Values:** all that is stored is kept.\n";
  std::string text = "\n#### Values\n\nAll that is not listed is kept.\n\n| of | values are | how |\n|---|---|---|\n";
  for (const plan::ValueNote& note : plan.values)
    text += fmt::format("| {} | {} | {} |\n", markdown_code(note.object), note.fate == plan::kLost ? "**lost**" : note.fate,
                        markdown_text(cut(note.how, 240)));
  return text;
}

std::string hazard_list(const std::vector<plan::Hazard>& hazards) {
  if (hazards.empty()) return {};
  std::string text =
      "\n#### Hazards\n\nEach needs consent: `lockstep apply` takes these flags.\n\n| step | hazard | consent |\n|---|---|---|\n";
  for (const plan::Hazard& one : hazards)
    text += fmt::format("| {} | **{}**: {} | {} |\n", one.step.empty() ? "all" : one.step, one.kind, markdown_text(one.message),
                        markdown_code(fleet::consent_flag(one)));
  return text;
}

std::string steps(const plan::Plan& plan) {
  std::string text = "\n#### Steps\n\n| step | phase | what | lock | work | duration |\n|---|---|---|---|---|---|\n";
  for (const plan::Step& step : plan.steps) {
    std::string what = markdown_text(step.title);
    if (!step.breaking.empty()) what += "<br>*previous application version:* " + markdown_text(step.breaking);
    for (const plan::Loss& loss : step.losses)
      what += fmt::format("<br>*loses* {}{}", markdown_text(loss.what), loss.query.empty() ? "" : " (saved first)");
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", step.id, plan::to_string(step.phase), what, locks(step), work(step),
                        duration(step));
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

std::string markdown_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
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
    }
  }
  return result;
}

std::string markdown_code(std::string_view text) {
  std::string inside;
  for (const char c : text) {
    if (c == '|') inside += '\\';  // a table's cell ends at a bare one, even inside code
    inside += c == '\n' ? ' ' : c;
  }
  const std::string ticks(longest_run(inside, '`') + 1, '`');
  const bool padded = inside.starts_with('`') || inside.ends_with('`');
  return ticks + (padded ? " " : "") + inside + (padded ? " " : "") + ticks;
}

std::string plan_markdown(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) {
  std::string text = fmt::format("### Lockstep plan for database {}\n\n", markdown_code(plan.target.database));
  if (plan.empty()) return text + "Nothing to do: live equals desired.\n" + notes(plan);
  text += counts(plan, hazards) + changes(plan) + values(plan) + hazard_list(hazards) + steps(plan) + notes(plan);
  return text + "\n<details>\n<summary>SQL</summary>\n\n" + fenced("sql", plan_sql(plan)) + "\n</details>\n";
}

}  // namespace lockstep::cli
