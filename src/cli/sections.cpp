#include "cli/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/text.h"

namespace lockstep::cli {
namespace {

constexpr std::size_t kRoomForNumber = 20;

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// The size up to which no section is cut if all of them are to fit.
std::size_t share(const std::vector<Section>& sections, std::size_t room) {
  std::vector<std::size_t> sizes;
  for (const Section& section : sections) sizes.push_back(section.size());
  std::sort(sizes.begin(), sizes.end());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t each = room / (sizes.size() - i);
    if (sizes[i] > each) return each;
    room -= sizes[i];
  }
  return sizes.empty() ? 0 : sizes.back();
}

std::string cut(const Section& section, std::size_t room, std::vector<std::string>& left_out) {
  std::vector<std::size_t> order(section.lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return section.lines[a].rank < section.lines[b].rank; });
  std::size_t used = section.head.size() + section.tail_if_cut.size() + section.remark.size() + kRoomForNumber, gone = 0;
  std::vector<bool> stays(section.lines.size());
  bool any = false;
  for (const std::size_t at : order) {
    const std::string& text = section.lines[at].text;
    stays[at] = used + text.size() <= room;
    if (stays[at]) used += text.size();
    if (!stays[at]) gone += lines_in(text);
    any = any || stays[at];
  }
  left_out.push_back(plural(gone, "line") + " of " + section.name);
  if (!any) return {};
  std::string text = section.head;
  for (std::size_t at = 0; at < stays.size(); ++at)
    if (stays[at]) text += section.lines[at].text;
  return text + fmt::format(fmt::runtime(section.remark), gone) + section.tail_if_cut;
}

}  // namespace

std::size_t Section::size() const {
  if (lines.empty()) return 0;
  std::size_t sum = head.size() + tail.size();
  for (const Lines& one : lines) sum += one.text.size();
  return sum;
}

Fitted fit(const std::vector<Section>& sections, std::size_t room) {
  Fitted fitted;
  const std::size_t each = share(sections, room);
  std::size_t kept = 0;  // for those that are still to come
  for (const Section& section : sections) kept += std::min(section.size(), each);
  for (const Section& section : sections) {
    kept -= std::min(section.size(), each);
    std::string text;
    if (section.size() <= room - kept) {
      if (!section.lines.empty()) text = section.head;
      for (const Lines& one : section.lines) text += one.text;
      if (!section.lines.empty()) text += section.tail;
    } else {
      text = cut(section, room - kept, fitted.left_out);
    }
    room -= text.size();
    fitted.texts.push_back(std::move(text));
  }
  return fitted;
}

}  // namespace lockstep::cli
