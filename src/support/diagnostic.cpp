#include "support/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "support/utf8.h"
#include "support/visible.h"

namespace lockstep::support {
namespace {

// Of a longer line only a window around the place is shown, so that a minified file doesn't flood a terminal.
constexpr std::size_t kBefore = 100, kWidth = 160;

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

// The source line, and a caret below the place. Control characters are not passed on to a terminal. A tab stays a tab in both
// lines, so that the caret is in the right column whatever the tab's width.
std::string excerpt(const Span& span) {
  if (!span) return {};
  const LineColumn at = span.source->line_column(span.begin);
  const std::string_view line = span.source->line(at.line);
  const std::size_t offset =
      std::min(line.size(), span.begin - static_cast<std::size_t>(line.data() - span.source->text().data()));
  std::size_t first = offset > kBefore && line.size() > kWidth ? offset - kBefore : 0;
  while (first < offset && !starts_character(line[first])) ++first;
  std::size_t last = std::min(line.size(), first + kWidth);
  while (last < line.size() && !starts_character(line[last])) ++last;
  // Each character that can't be shown becomes one "?", so that the caret stays in the right column.
  std::string shown, caret;
  for (std::size_t i = first; i < last;) {
    std::size_t end = i + 1;
    while (end < last && !starts_character(line[end])) ++end;
    const std::string_view character = line.substr(i, end - i);
    shown += character == "\t" || visible(character) == character ? character : "?";
    i = end;
  }
  for (std::size_t i = first; i < last; ++i) {
    if (i < offset && starts_character(line[i])) caret += line[i] == '\t' ? '\t' : ' ';
  }
  return "  " + shown + "\n  " + caret + "^\n";
}

std::string located(const Span& span) {
  const std::string place = span.place();
  return place.empty() ? place : visible(place) + ": ";
}

auto order(const Diagnostic& item) {
  return std::make_tuple(item.span ? std::string_view(item.span.source->name()) : std::string_view{}, item.span.begin,
                         std::string_view(item.code), std::string_view(item.message));
}

// Optimal string alignment distance: swapping two neighbours counts as one edit, since that is a common typing error.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

void Diagnostics::error(std::string code, std::string message, Span span, std::string hint) {
  list_.push_back({Severity::error, std::move(code), std::move(message), std::move(span), {}, std::move(hint)});
}

void Diagnostics::warning(std::string code, std::string message, Span span, std::string hint) {
  list_.push_back({Severity::warning, std::move(code), std::move(message), std::move(span), {}, std::move(hint)});
}

bool Diagnostics::has_errors() const {
  return std::any_of(list_.begin(), list_.end(), [](const Diagnostic& item) { return item.severity == Severity::error; });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> list = list_;
  std::stable_sort(list.begin(), list.end(), [](const Diagnostic& a, const Diagnostic& b) { return order(a) < order(b); });
  const auto same = [](const Diagnostic& a, const Diagnostic& b) { return order(a) == order(b); };
  list.erase(std::unique(list.begin(), list.end(), same), list.end());
  return list;
}

std::string render(const Diagnostic& diagnostic) {
  std::string text =
      fmt::format("{}{} {}: {}\n", located(diagnostic.span), diagnostic.severity == Severity::error ? "error" : "warning",
                  diagnostic.code, visible(diagnostic.message));
  text += excerpt(diagnostic.span);
  for (const auto& note : diagnostic.notes)
    text += located(note.span) + "note: " + visible(note.message) + "\n" + excerpt(note.span);
  if (!diagnostic.hint.empty()) text += "  hint: " + visible(diagnostic.hint) + "\n";
  return text;
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::size_t best = word.size() / 3 + 1;
  std::string found;
  const auto begins_alike = [&](const std::string& other) { return other.substr(0, 1) == word.substr(0, 1); };
  for (const auto& candidate : candidates) {
    if (candidate.size() > word.size() + best || word.size() > candidate.size() + best) continue;
    const std::size_t apart = distance(word, candidate);
    // Of two that are equally near: people seldom mistype the first letter.
    if (apart < best || (apart == best && !found.empty() && begins_alike(candidate) && !begins_alike(found))) {
      best = apart;
      found = candidate;
    }
  }
  return found;
}

}  // namespace lockstep::support
