#include "fleet/text_edits.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fleet/line_ends.h"

namespace lockstep::fleet {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t found = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  if (found != std::string_view::npos) return found + 1;
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlank) == std::string_view::npos;
}

// Whether the line from `at` on has nothing but a comment that ends with it.
bool only_comment(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, line_end(text, at) - at);
  const std::size_t first = rest.find_first_not_of(kBlank);
  return first == std::string_view::npos || rest.substr(first, 2) == "--";
}

bool line_is_blank(std::string_view text, std::size_t begin) {
  return begin < text.size() && is_blank(text.substr(begin, line_end(text, begin) - begin));
}

// A blank line, the end of a block or the end of the text.
bool ends_here(std::string_view text, std::size_t begin) {
  if (begin >= text.size()) return true;
  const std::string_view line = text.substr(begin, line_end(text, begin) - begin);
  const std::size_t first = line.find_first_not_of(kBlank);
  return first == std::string_view::npos || line[first] == '}';
}

}  // namespace

void TextEdits::replace(std::size_t begin, std::size_t end, std::string text, ItemEdit done) {
  edits_.push_back({begin, end, std::move(text), true, std::move(done)});
}

void TextEdits::remove(std::size_t begin, std::size_t end, ItemEdit done) {
  const std::string_view text = source_->text();
  const std::size_t line = line_begin(text, begin), next = line_end(text, end);
  if (!is_blank(text.substr(line, begin - line)) || !is_blank(text.substr(end, next - end))) {
    while (begin > line && text[begin - 1] == ' ' && !is_blank(text.substr(line, begin - line))) --begin;
    edits_.push_back({begin, end, "", true, std::move(done)});
    return;
  }
  begin = line;
  end = std::min(next + 1, text.size());
  if (begin > 0 && ends_here(text, end)) {  // one blank line, not two
    const std::size_t before = line_begin(text, begin - 1);
    if (line_is_blank(text, before)) begin = before;
  }
  edits_.push_back({begin, end, "", true, std::move(done)});
}

void TextEdits::insert_after(std::size_t at, const std::string& text, ItemEdit done) {
  std::size_t place = only_comment(source_->text(), at) ? line_end(source_->text(), at) : at;
  if (place > at && source_->text()[place - 1] == '\r') --place;
  edits_.push_back({place, place, "\n" + text, true, std::move(done)});
}

void TextEdits::insert_last(std::size_t at, bool block, const std::string& text, ItemEdit done) {
  const std::string_view whole = source_->text();
  const std::size_t line = line_begin(whole, at);
  if (!block) {
    edits_.push_back({at + 1, at + 1, "\n" + text, true, std::move(done)});
  } else if (is_blank(whole.substr(line, at - line))) {
    edits_.push_back({line, line, text + "\n", true, std::move(done)});
  } else {  // the "}" shares its line with what is before it
    const std::size_t place = whole.find_last_not_of(" \t\r\n", at - 1) + 1;
    edits_.push_back({place, place, "\n" + text, true, std::move(done)});
  }
}

void TextEdits::open_block(std::size_t at) {
  opened_ = at + 1;
  edits_.push_back({at, at + 1, " {", false, {}});
}

void TextEdits::close_block(std::size_t depth) {
  edits_.push_back({opened_, opened_, "\n" + std::string(depth * 2, ' ') + "}", false, {}});
}

std::string TextEdits::apply(const std::function<bool(const ItemEdit&)>& bodies) {
  if (has_crlf(source_->text()))
    for (Edit& edit : edits_) edit.text = with_crlf(edit.text, bodies(edit.done));

  const auto place = [](const Edit& edit) { return std::make_pair(edit.begin, edit.end != edit.begin); };
  std::stable_sort(edits_.begin(), edits_.end(), [&](const Edit& a, const Edit& b) { return place(a) < place(b); });
  const std::string_view text = source_->text();
  std::string result;
  std::size_t at = 0;
  for (Edit& edit : edits_) {
    if (edit.begin < at) continue;  // within what goes
    result += text.substr(at, edit.begin - at);
    at = edit.end;
    if (edit.told) {
      const std::size_t lead = edit.text.find_first_not_of(" \r\n");
      const std::string before = result + edit.text.substr(0, lead == std::string::npos ? 0 : lead);
      edit.done.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
      done_.push_back(std::move(edit.done));
    }
    result += edit.text;
  }
  return result + std::string(text.substr(at));
}

}  // namespace lockstep::fleet
