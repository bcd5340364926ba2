#include "parser/sql_mask.h"

#include <algorithm>

#include "parser/literals.h"
#include "parser/sql_parse.h"

namespace lockstep::parser {
namespace {

class Masking {
 public:
  explicit Masking(std::string_view text) : text_(text) { result_.text = text; }

  Masked run() {
    for (at_ = 0; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '\\' && starts_line()) {
        command();
      } else if (c == '\'') {
        quoted(c, escapes());
      } else if (c == '"') {
        quoted(c, false);
      } else if (c == '$' && (at_ == 0 || !is_name(text_[at_ - 1]))) {
        dollar();
      } else if (const std::size_t after = skip_blank(text_, at_); after > at_) {
        // A run of blanks is skipped at once. Line starts in it matter only where a comment ends, and that never contains a
        // backslash.
        at_ = after;
      } else {
        if (statement_ == std::string_view::npos) statement_ = at_;
        if (c == ';') end_of_statement();
        ++at_;
      }
    }
    return std::move(result_);
  }

 private:
  bool starts_line() const {
    std::size_t before = at_;
    while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
    return before == 0 || text_[before - 1] == '\n';
  }
  bool escapes() const {
    return at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') && (at_ < 2 || !is_name(text_[at_ - 2]));
  }

  void quoted(char quote, bool backslash) {
    if (statement_ == std::string_view::npos) statement_ = at_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslash && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != quote) break;
        ++at_;  // a doubled quote is one quote inside the text
      }
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  void dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const bool number =
        text_[at_ + 1 < text_.size() ? at_ + 1 : at_] >= '0' && text_[at_ + 1 < text_.size() ? at_ + 1 : at_] <= '9';
    if (end >= text_.size() || text_[end] != '$' || number) {
      ++at_;
      return;
    }
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
  }

  void blank(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      if (result_.text[i] != '\n' && result_.text[i] != '\r') result_.text[i] = ' ';
  }

  void command() {
    std::size_t end = std::min(text_.find('\n', at_), text_.size());
    if (end > at_ && text_[end - 1] == '\r') --end;
    const std::string_view line = text_.substr(at_, end - at_);
    const auto is = [&](std::string_view name) {
      return line.substr(0, name.size()) == name && (line.size() == name.size() || line[name.size()] == ' ');
    };
    if (!is("\\restrict") && !is("\\unrestrict")) result_.commands.push_back({at_, end});
    blank(at_, end);
    at_ = end;
  }

  // After COPY … FROM stdin, rows follow up to a line with \. only. The reader refuses the statement itself.
  void end_of_statement() {
    const std::string_view statement = text_.substr(statement_, at_ - statement_);
    statement_ = std::string_view::npos;
    if (leading_words(statement, 1) != std::vector<std::string>{"COPY"}) return;
    std::string lower(statement);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (lower.find("stdin") == std::string::npos) return;
    const std::size_t begin = std::min(text_.find('\n', at_), text_.size());
    std::size_t end = begin;
    while (end < text_.size()) {
      const std::size_t next = std::min(text_.find('\n', end + 1), text_.size());
      std::string_view line = text_.substr(end + 1, next - std::min(next, end + 1));
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      end = next;
      if (line == "\\.") break;
    }
    blank(begin, end);
    if (end > at_ + 1) at_ = end - 1;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t statement_ = std::string_view::npos;  // start of the present statement
  Masked result_;
};

}  // namespace

Masked mask_psql(std::string_view text) {
  return Masking(text).run();
}

}  // namespace lockstep::parser
