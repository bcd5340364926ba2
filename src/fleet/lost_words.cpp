#include "fleet/lost_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lockstep::fleet {
namespace {

using parser::ast::Node;

struct Lost {
  std::string_view property, words;
};
constexpr auto kLost = std::to_array<Lost>({{"renamed_from", "renamed from"},
                                            {"backfill", "backfill"},
                                            {"convert", "convert using"},
                                            {"convert_back", "back using"},
                                            {"map", "map"}});

}  // namespace

void add_lost(const Node& node, bool whole, std::vector<std::string>& lost) {
  const auto add = [&](std::string_view words) {
    if (std::find(lost.begin(), lost.end(), words) == lost.end()) lost.emplace_back(words);
  };
  for (const Lost& row : kLost)
    if (node.find(row.property) != nullptr) add(row.words);
  const bool comments = whole && (!node.comment_open.empty() || !node.comments_inside.empty());
  if (node.comment_in_head || comments) add("a comment");
  for (const Node& child : node.children) {
    if (!whole && node.block && !child.inlined) continue;
    const bool own_lines = std::any_of(child.comments_before.begin(), child.comments_before.end(),
                                       [](const std::string& line) { return !line.empty(); });
    if (whole && (own_lines || !child.comment_after.empty())) add("a comment");
    add_lost(child, whole, lost);
  }
}

}  // namespace lockstep::fleet
