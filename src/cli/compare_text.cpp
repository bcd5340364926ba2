#include <fmt/format.h>

#include "cli/compare_document.h"
#include "cli/differences.h"
#include "cli/text.h"

namespace lockstep::cli {
namespace compare_text {
namespace {

using catalog::Change;

std::vector<Change> of_kind(const std::vector<Change>& all, Change::What what) {
  std::vector<Change> some;
  for (const Change& change : all)
    if (change.what == what) some.push_back(change);
  return some;
}

std::string text_of(const CompareDocument& document, const Look& look) {
  const std::vector<Change>& changes = document.changes;
  std::string text = fmt::format("A  {}\nB  {}\n", document.a, document.b);
  const auto section = [&](Change::What what, std::string_view head) {
    const std::vector<Change> some = of_kind(changes, what);
    if (!some.empty()) text += fmt::format("\n{} ({})\n", head, some.size()) + differences_text(some, 2, look.colour);
  };
  section(Change::What::removed, "only in A");
  section(Change::What::added, "only in B");
  section(Change::What::set, "differs (A → B)");
  return text + (changes.empty() ? "\nequal\n" : fmt::format("\n{}\n", plural(changes.size(), "difference")));
}

}  // namespace
}  // namespace compare_text

constinit const Renderer<CompareDocument> kCompareText{.format = "text", .text = compare_text::text_of};

}  // namespace lockstep::cli
