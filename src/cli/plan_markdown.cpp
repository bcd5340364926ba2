#include "cli/plan_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/plan_document.h"
#include "cli/plan_view.h"
#include "cli/sections.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "fleet/consent.h"
#include "plan/final_names.h"
#include "plan/hazard.h"
#include "plan/lock.h"
#include "plan/phase_name.h"
#include "plan/values.h"
#include "support/sql_text.h"
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
      plan.hold > 0 ? "purge | " : "", plan.hold > 0 ? "---|" : "", plan::changes_for_people(plan).size(), plan.steps.size(),
      phases[0], phases[1], phases[2], plan.hold > 0 ? fmt::format("{} | ", phases[3]) : "", hazards.size(),
      plan.proved ? "yes, on a scratch copy" : "**no**");
}

constexpr const char* kRemark = "\n*… {} more lines are left out here.*\n";

// What happens to objects that exist comes before new objects: their parts (shop.orders.total, table.shop.orders.reader) too.
int rank_of(const plan::ChangeNote& change) {
  if (change.sign != "+") return 0;
  return std::count(change.object.begin(), change.object.end(), '.') > 1 ? 1 : 2;
}

// Relations that the plan itself makes, as locks name them: nobody waits for one.
std::set<std::string> new_relations(const plan::Plan& plan) {
  std::set<std::string> added, names;
  for (const plan::ChangeNote& change : plan.changes)
    if (change.sign == "+") added.insert(change.object);
  for (const plan::Step& step : plan.steps)
    for (const catalog::ObjectId& id : step.produces)
      if (id.path.size() == 2 && added.contains(catalog::to_string(id))) names.insert(support::qualified(id.path));
  return names;
}

// What is lost, or breaks the application that runs, comes first, then what locks or fills something that exists.
int rank_of(const plan::Step& step, const std::set<std::string>& new_ones) {
  if (!step.breaking.empty() || !step.destroys.empty() || !step.losses.empty() || step.rewrites) return 0;
  if (step.mode == plan::TransactionMode::batches) return 1;
  if (step.locks.empty()) return step.lock != plan::LockMode::none && !new_ones.contains(plan::promised_on(step)) ? 1 : 2;
  const bool waits = std::any_of(step.locks.begin(), step.locks.end(),
                                 [&](const plan::RelationLock& lock) { return !new_ones.contains(lock.relation); });
  return waits ? 1 : 2;
}

Section changes(const plan::Plan& plan, bool short_of_room) {
  Section section{.name = "the list of changes",
                  .head = "\n#### Changes\n\n| | object | what | declared at |\n|---|---|---|---|\n",
                  .remark = kRemark};
  for (const plan::ChangeNote& one : plan::changes_for_people(plan))
    section.lines.push_back({fmt::format("| {} | {} | {} | {} |\n", markdown_text(one.sign), markdown_code(one.object),
                                         markdown_text(one.detail), markdown_text(one.source)),
                             rank_of(one)});
  if (short_of_room)
    std::stable_sort(section.lines.begin(), section.lines.end(),
                     [](const Lines& one, const Lines& other) { return one.rank < other.rank; });
  return section;
}

// Collapsed: GitHub shows the text between the tags only after a click.
std::string folded(const std::string& summary, const std::string& text) {
  return fmt::format("\n<details>\n<summary>{}</summary>\n\n{}\n</details>\n", markdown_text(summary), text);
}

Section checkboxes(const Checklist& checklist) {
  Section section{.name = "the checklist", .head = "\n#### Checklist\n\n", .remark = kRemark};
  for (const Check& check : checklist)
    section.lines.push_back({fmt::format("- [{}] {}\n", check.done ? 'x' : ' ', markdown_text(check.text)), check.done ? 1 : 0});
  return section;
}

// One collapsed section for each long value that changes, in full.
Section differences(const plan::Plan& plan) {
  Section section{.name = "the texts that change", .remark = kRemark};
  for (const plan::ChangeNote& change : plan.changes)
    for (const plan::TextChange& one : change.texts)
      section.lines.push_back(
          {folded(fmt::format("{}: {}", change.object, one.attribute),
                  fenced("diff", support::visible_lines(fmt::format("{}", fmt::join(unified_diff(one.from, one.to), "\n")))))});
  return section;
}

Section values(const plan::Plan& plan) {
  Section section{.name = "what becomes of values", .remark = kRemark};
  const bool kept =
      std::all_of(plan.values.begin(), plan.values.end(), [](const auto& note) { return note.effect == plan::kKept; });
  if (kept) {
    section.lines.push_back({"\n**Values:** all that is stored is kept.\n"});
    return section;
  }
  section.head = "\n#### Values\n\nAll that is not listed is kept.\n\n| of | values are | how |\n|---|---|---|\n";
  section.remark = "\n*… {} more lines are left out here: of these not all is kept.*\n";
  for (const plan::ValueNote& note : plan.values) {
    const bool lost = note.effect == plan::kLost;
    section.lines.push_back({fmt::format("| {} | {} | {} |\n", markdown_code(note.object), lost ? "**lost**" : note.effect,
                                         markdown_text(cli::cut(one_line(note.how), 240))),
                             lost ? 0 : 1});
  }
  return section;
}

// `for_apply`: it is a plan that apply can run, not one between two states of the files.
Section hazard_list(const std::vector<plan::Hazard>& hazards, bool for_apply) {
  Section section{.name = "the list of hazards",
                  .head = "\n#### Hazards\n\nEach needs consent.\n\n| step | hazard | object | |\n|---|---|---|---|\n",
                  .remark = kRemark};
  for (const plan::Hazard& one : hazards)
    section.lines.push_back({fmt::format("| {} | **{}** | {} | {} |\n", one.step.empty() ? "all" : one.step, one.kind,
                                         markdown_code(one.object), markdown_text(one.message))});
  if (!for_apply) return section;
  section.tail = "\nTo consent to all of them, give `lockstep apply` this:\n\n" +
                 fenced("", support::visible_lines(fleet::consent_flags(hazards)));
  section.tail_if_cut = "\n`lockstep plan` shows all of them, and what to give `lockstep apply` to consent.\n";
  return section;
}

Section steps(const plan::Plan& plan) {
  Section section{.name = "the list of steps",
                  .head = "\n#### Steps\n\n| step | phase | what | lock | work | duration |\n|---|---|---|---|---|---|\n",
                  .remark = kRemark};
  const std::set<std::string> new_ones = new_relations(plan);
  for (const plan::Step& step : plan.steps) {
    std::string what = markdown_text(step.title);
    if (!step.breaking.empty()) what += "<br>*previous application version:* " + markdown_text(step.breaking);
    for (const plan::Loss& loss : step.losses)
      what += fmt::format("<br>*loses* {}{}", markdown_text(loss.what), loss.query.empty() ? "" : " (saved first)");
    section.lines.push_back({fmt::format("| {} | {} | {} | {} | {} | {} |\n", step.id, plan::to_string(step.phase), what,
                                         locks(step), work(step), duration(step, plan.target.database.empty())),
                             rank_of(step, new_ones)});
  }
  return section;
}

Section notes(const plan::Plan& plan) {
  Section section{.name = "the notes", .head = "\n#### Notes\n\n", .remark = kRemark};
  for (const plan::Unproved& one : plan.unproved)
    section.lines.push_back({"- **unproved:** " + markdown_text(one.object + ": " + one.reason) + "\n"});
  for (const std::string& one : plan.notes) section.lines.push_back({"- " + markdown_text(one) + "\n", 1});
  return section;
}

Section sql(const plan::Plan& plan) {
  std::vector<Lines> lines{{support::visible_lines(plan_sql_head(plan)), -1}};
  const std::set<std::string> new_ones = new_relations(plan);
  for (const plan::Step& step : plan.steps) lines.push_back({support::visible_lines(step_sql(step)), rank_of(step, new_ones)});
  std::size_t ticks = 2;
  for (const Lines& one : lines) ticks = std::max(ticks, longest_run(one.text, '`'));
  const std::string fence(ticks + 1, '`');
  Section section{.name = "the SQL",
                  .head = fmt::format("\n<details>\n<summary>SQL</summary>\n\n{}sql\n", fence),
                  .lines = std::move(lines),
                  .tail = fence + "\n\n</details>\n",
                  .remark = "\n-- … {} more lines are left out here\n"};
  section.tail_if_cut = section.tail;
  return section;
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

// The most important parts come first. What doesn't fit is cut: changes of what exists stay longest, and a remark counts what is
// left out.
std::string plan_markdown(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const Checklist& checklist) {
  const bool of_files = plan.target.database.empty();
  std::string text = of_files ? "### Lockstep plan between two states of the files\n\n"
                              : fmt::format("### Lockstep plan for database {}\n\n", markdown_code(plan.target.database));
  text += plan.empty() ? nothing_to_do(plan) + "\n" : counts(plan, hazards);
  const auto sections = [&](bool short_of_room) -> std::vector<Section> {
    if (plan.empty()) return {notes(plan)};
    return {hazard_list(hazards, !of_files),
            changes(plan, short_of_room),
            values(plan),
            steps(plan),
            notes(plan),
            differences(plan),
            sql(plan),
            checkboxes(checklist)};
  };
  const std::size_t room = kMarkdownBytes - std::min(kMarkdownBytes, text.size() + kRoomForTheEnd);
  Fitted fitted = fit(sections(false), room);
  if (!fitted.left_out.empty()) fitted = fit(sections(true), room);
  for (const std::string& one : fitted.texts) text += one;
  if (!fitted.left_out.empty())
    text +=
        fmt::format("\n**Left out, because a comment may have {} characters at most:** {}. `lockstep plan` shows all of it.\n",
                    kMarkdownBytes, fmt::join(fitted.left_out, ", "));
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
