// A plan as one HTML document, for a reviewer's browser or a CI artefact: what markdown has, in the same order, and nothing left
// out.
//
// It runs nothing and loads nothing: no scripts, no links, no images, and a policy that forbids them. All that somebody else
// wrote (names, bodies, notes) goes through html_text().
#include <fmt/format.h>

#include <algorithm>

#include "cli/plan_document.h"
#include "cli/plan_view.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "fleet/consent.h"
#include "plan/estimate.h"
#include "plan/final_names.h"
#include "plan/phase_name.h"
#include "plan/values.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

constexpr const char* kHead = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{0}</title>
<style>
:root {{ color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --bad: #b42318; --add: #116329; --gone: #a40e26; --dim: #59636e; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --line: #3d444d; --soft: #161b22; --bad: #ff8a80; --add: #7ee787; --gone: #ffa198; --dim: #9198a1; }}
}}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }}
th, td {{ border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }}
th {{ background: var(--soft); }}
code, pre {{ font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }}
pre {{ background: var(--soft); border: 1px solid var(--line); padding: .6rem; white-space: pre-wrap; }}
details {{ margin: .5rem 0; }}
.boxes {{ list-style: none; padding: 0; }}
summary {{ cursor: pointer; }}
.bad {{ color: var(--bad); font-weight: 600; }}
.add {{ color: var(--add); }}
.gone {{ color: var(--gone); }}
.dim {{ color: var(--dim); }}
</style>
</head>
<body>
<h1>{0}</h1>
)html";

void escape(std::string& result, std::string_view text) {
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else {
      result += c;
    }
  }
}

// Lines stay lines.
std::string html_text(std::string_view text) {
  std::string result;
  for (const std::string& line : lines_of(text)) {
    if (!result.empty()) result += "<br>";
    escape(result, support::visible(line));
  }
  return result;
}

std::string html_lines(std::string_view text) {
  std::string result;
  escape(result, support::visible_lines(text));
  return result;
}

std::string code(std::string_view text) {
  return "<code>" + html_text(text) + "</code>";
}

using Row = std::vector<std::string>;

// Cells are HTML already.
std::string table(const Row& head, const std::vector<Row>& rows) {
  std::string text = "<table>\n<tr>";
  for (const std::string& cell : head) text += "<th>" + cell + "</th>";
  text += "</tr>\n";
  for (const Row& row : rows) text += fmt::format("<tr><td>{}</td></tr>\n", fmt::join(row, "</td><td>"));
  return text + "</table>\n";
}

std::string details(const std::string& summary, const std::string& inside) {
  return fmt::format("<details>\n<summary>{}</summary>\n{}</details>\n", html_text(summary), inside);
}

class HtmlView {
 public:
  HtmlView(const PlanDocument& document)
      : plan_(document.plan), hazards_(document.hazards), open_run_(document.open_run), checklist_(document.checklist) {}

  std::string text() const {
    const std::string proof = plan_.proved ? "proved on a scratch copy" : "<span class=\"bad\">not proved</span>";
    std::string text = fmt::format(kHead, html_text("Lockstep: " + title_of(plan_)));
    if (!open_run_.empty()) text += "<p><span class=\"bad\">Open run.</span> " + html_text(open_run_) + "</p>\n";
    if (plan_.empty()) {
      text += "<p>" + html_text(nothing_to_do(plan_)) + "</p>\n" + notes();
    } else {
      text += fmt::format("<p>PostgreSQL {}, {}</p>\n", html_text(server_version(plan_.target.server_version)), proof);
      text += counts() + hazards() + changes() + values() + steps() + notes() + differences();
      text += details("SQL", "<pre>" + html_lines(plan_sql(plan_)) + "</pre>\n") + checkboxes();
    }
    return text + "</body>\n</html>\n";
  }

 private:
  std::string checkboxes() const {
    if (checklist_.empty()) return {};
    std::string text = "<h2>Checklist</h2>\n<ul class=\"boxes\">\n";
    for (const Check& check : checklist_) text += fmt::format("<li>{} {}</li>\n", check.done ? "☑" : "☐", html_text(check.text));
    return text + "</ul>\n";
  }

  std::string counts() const {
    std::size_t phases[std::size(plan::kPhases)] = {};
    for (const plan::Step& step : plan_.steps) ++phases[static_cast<std::size_t>(step.phase)];
    Row head{"changes", "steps"}, row{std::to_string(plan::changes_for_people(plan_).size()), std::to_string(plan_.steps.size())};
    for (const plan::Phase phase : plan::kPhases) {
      const std::size_t at = static_cast<std::size_t>(phase);
      if (phase == plan::Phase::purge && plan_.hold == 0) continue;
      head.emplace_back(plan::to_string(phase));
      row.push_back(std::to_string(phases[at]));
    }
    head.emplace_back("hazards");
    row.push_back(std::to_string(hazards_.size()));
    return table(head, {row});
  }

  std::string hazards() const {
    if (hazards_.empty()) return {};
    std::vector<Row> rows;
    for (const plan::Hazard& one : hazards_)
      rows.push_back({one.step.empty() ? "all" : html_text(one.step), "<span class=\"bad\">" + html_text(one.kind) + "</span>",
                      code(one.object), html_text(one.message)});
    return "<h2>Hazards</h2>\n<p>Each needs consent.</p>\n" + table({"step", "hazard", "object", ""}, rows) +
           (plan_.target.database.empty() ? std::string() : consent());
  }

  std::string consent() const {
    return "<p>To consent to all of them, give <code>lockstep apply</code> this:</p>\n<pre>" +
           html_lines(fleet::consent_flags(hazards_)) + "</pre>\n";
  }

  std::string changes() const {
    std::vector<Row> rows;
    for (const plan::ChangeNote& one : plan::changes_for_people(plan_))
      rows.push_back({html_text(one.sign), code(one.object), html_text(one.detail), html_text(one.source)});
    return "<h2>Changes</h2>\n" + table({"", "object", "what", "declared at"}, rows);
  }

  std::string values() const {
    std::vector<Row> rows;
    for (const plan::ValueNote& note : plan_.values) {
      if (note.effect == plan::kKept && note.how.empty()) continue;
      const bool lost = note.effect == plan::kLost;
      rows.push_back({code(note.object), (lost ? "<span class=\"bad\">" : "<span>") + html_text(note.effect) + "</span>",
                      html_text(note.how)});
    }
    if (std::all_of(plan_.values.begin(), plan_.values.end(), [](const auto& note) { return note.effect == plan::kKept; }))
      return "<p><b>Values:</b> all that is stored is kept.</p>\n";
    return "<h2>Values</h2>\n<p>All that is not listed is kept.</p>\n" + table({"of", "values are", "how"}, rows);
  }

  static std::string locks(const plan::Step& step) {
    std::vector<std::string> parts;
    for (const plan::RelationLock& lock : step.locks)
      parts.push_back(fmt::format("{} on {}", plan::to_string(lock.mode), code(lock.relation)));
    if (parts.empty() && step.lock != plan::LockMode::none) {
      const std::string on = plan::promised_on(step);
      parts.push_back(std::string(plan::to_string(step.lock)) + (on.empty() ? "" : " on " + code(on)));
    }
    return parts.empty() ? "–" : fmt::format("{}", fmt::join(parts, "<br>"));
  }

  static std::string work(const plan::Step& step) {
    std::vector<std::string> parts;
    const bool batches = step.mode == plan::TransactionMode::batches;
    if (step.rewrites) parts.emplace_back("<span class=\"bad\">rewrites the table</span>");
    if (batches) parts.emplace_back("updates in batches");
    if (step.builds) parts.emplace_back("builds an index");
    if (step.scans && !batches && !step.builds) parts.emplace_back("reads the whole table");
    return parts.empty() ? "–" : fmt::format("{}", fmt::join(parts, ", "));
  }

  std::string duration(const plan::Step& step) const {
    if (!step.rewrites && !step.scans && !step.builds && step.mode != plan::TransactionMode::batches) return "short";
    if (!step.estimate.empty()) return html_text(plan::estimate_words(step.estimate));
    if (plan_.target.database.empty()) return "grows with the table";
    return step.bytes > 0 ? "grows with " + html_text(bytes_text(step.bytes)) : "grows with the table (small now)";
  }

  std::string steps() const {
    std::vector<Row> rows;
    for (const plan::Step& step : plan_.steps) {
      std::string what = html_text(step.title);
      if (!step.breaking.empty()) what += "<br><i>previous application version:</i> " + html_text(step.breaking);
      for (const plan::Loss& loss : step.losses)
        what += "<br><i>loses</i> " + html_text(loss.what) + (loss.query.empty() ? "" : " (saved first)");
      rows.push_back(
          {html_text(step.id), std::string(plan::to_string(step.phase)), what, locks(step), work(step), duration(step)});
    }
    return "<h2>Steps</h2>\n" + table({"step", "phase", "what", "lock", "work", "duration"}, rows);
  }

  std::string notes() const {
    std::string items;
    for (const plan::Unproved& one : plan_.unproved)
      items += "<li><span class=\"bad\">unproved:</span> " + html_text(one.object + ": " + one.reason) + "</li>\n";
    for (const std::string& one : plan_.notes) items += "<li>" + html_text(one) + "</li>\n";
    return items.empty() ? "" : "<h2>Notes</h2>\n<ul>\n" + items + "</ul>\n";
  }

  std::string differences() const {
    std::string text;
    for (const plan::ChangeNote& change : plan_.changes) {
      for (const plan::TextChange& one : change.texts) {
        std::string lines;
        for (const std::string& line : unified_diff(one.from, one.to)) {
          const char* style = line.starts_with("+") ? "add" : line.starts_with("-") ? "gone" : "";
          lines += fmt::format("<span class=\"{}\">{}</span>\n", style, html_lines(line));
        }
        text += details(change.object + ": " + one.attribute, "<pre>" + lines + "</pre>\n");
      }
    }
    return text;
  }

  const plan::Plan& plan_;
  const std::vector<plan::Hazard>& hazards_;
  const std::string& open_run_;
  const Checklist& checklist_;
};

std::string html_of(const PlanDocument& document, const Look&) {
  return HtmlView(document).text();
}

}  // namespace

constinit const Renderer<PlanDocument> kPlanHtml{.format = "html", .note = "one document, for a browser", .text = html_of};

}  // namespace lockstep::cli
