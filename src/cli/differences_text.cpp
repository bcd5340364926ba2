#include <map>

#include "cli/console.h"
#include "cli/differences.h"
#include "cli/text.h"
#include "cli/text_diff.h"
#include "kinds/columns/column_text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using catalog::Change;

constexpr std::size_t kValueLines = 40;

std::string shown(const catalog::Value& value) {
  if (catalog::is_absent(value)) return "none";
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return catalog::to_string(value);
}

// Short values on one line; a function's body as a diff, shortened if it is long.
std::string attribute_text(const catalog::AttributeChange& change, const std::string& margin) {
  const std::string from = shown(change.from), to = shown(change.to);
  const std::string name(change.attribute);
  if (from.find('\n') == std::string::npos && to.find('\n') == std::string::npos && from.size() + to.size() < 160)
    return margin + name + ": " + support::visible(from) + " → " + support::visible(to) + "\n";
  std::string text = margin + name + ":\n";
  const std::vector<std::string> lines = unified_diff(from, to);
  for (std::size_t i = 0; i < lines.size() && i < kValueLines; ++i) text += margin + "  " + support::visible(lines[i]) + "\n";
  if (lines.size() > kValueLines) text += margin + "  … " + plural(lines.size() - kValueLines, "more line") + "\n";
  return text;
}

// Parts of an object that is listed already (a new table's columns, a comment's table) are only counted.
class Parts {
 public:
  explicit Parts(const std::vector<Change>& changes) {
    for (const Change& change : changes)
      if (change.what != Change::What::set) counts_[{change.what, change.id.path}] = 0;
    for (const Change& change : changes)
      if (auto whole = outermost(change); whole != counts_.end()) ++whole->second;
  }
  bool told_with_another(const Change& change) { return outermost(change) != counts_.end(); }
  std::size_t of(const Change& change) const {
    const auto found = counts_.find({change.what, change.id.path});
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  using Counts = std::map<std::pair<Change::What, catalog::Path>, std::size_t>;

  // The path of a comment or grant begins with its target's kind.
  Counts::iterator outermost(const Change& change) {
    if (change.what == Change::What::set) return counts_.end();
    const catalog::Path& path = change.id.path;
    for (std::size_t begin = 0; begin < 2; ++begin) {
      catalog::Path outer;
      for (std::size_t i = begin; i + 1 < path.size(); ++i) {
        outer.push_back(path[i]);
        if (const auto found = counts_.find({change.what, outer}); found != counts_.end()) return found;
      }
    }
    return counts_.end();
  }

  Counts counts_;
};

}  // namespace

std::string differences_text(const std::vector<Change>& changes, std::size_t indent, bool colour) {
  std::string text;
  const std::string margin(indent, ' ');
  Parts parts(changes);
  for (const Change& change : changes) {
    if (parts.told_with_another(change)) continue;
    const std::size_t more = parts.of(change);
    const bool added = change.what == Change::What::added, removed = change.what == Change::What::removed;
    const char* sign = added ? "+" : removed ? "-" : "~";
    const Style style = added ? Style::green : removed ? Style::red : Style::yellow;
    text += margin + paint(colour, style, sign) + " " + support::visible(catalog::to_string(change.id));
    text += more > 0 ? " (" + plural(more, "object") + " with it)\n" : "\n";
    if (kinds::is_said_elsewhere(change)) {
      text += margin + "    " + kinds::said_where(change) + "\n";
      continue;
    }
    for (const auto& attribute : change.attributes) text += attribute_text(attribute, margin + "    ");
  }
  return text;
}

}  // namespace lockstep::cli
