// Parses argument lists: where an argument ends and where its default begins.
#include <algorithm>
#include <cctype>

#include "kinds/routines/routine.h"

namespace lockstep::kinds {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Argument> run() {
    while (at_ < text_.size()) {
      const std::size_t end = token_end();
      const std::string_view token = text_.substr(at_, end - at_);
      at_ = end;
      if (depth_ == 0 && token == ",") {
        finish();
      } else if (depth_ == 0 && (token == "=" || is_default(token))) {
        current_.has_default = true;
      } else {
        depth_ += token == "(" || token == "[" ? 1 : token == ")" || token == "]" ? -1 : 0;
        if (!current_.has_default) current_.text += token;
      }
    }
    if (!arguments_.empty() || !trimmed(current_.text).empty()) finish();
    return std::move(arguments_);
  }

 private:
  static bool is_default(std::string_view token) {
    constexpr std::string_view kWord = "default";
    if (token.size() != kWord.size()) return false;
    for (std::size_t i = 0; i < token.size(); ++i) {
      if (std::tolower(static_cast<unsigned char>(token[i])) != kWord[i]) return false;
    }
    return true;
  }

  static std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  }

  void finish() {
    current_.text = trimmed(current_.text);
    arguments_.push_back(std::move(current_));
    current_ = {};
  }

  // The position after the closing mark, or the end of the text.
  std::size_t past(std::string_view mark, std::size_t from) const {
    const auto found = text_.find(mark, from);
    return found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  // For E'it\'s'. `from`: after the opening quote. A doubled quote starts the next token, as in an ordinary string.
  std::size_t past_escaped(std::size_t from) const {
    while (from < text_.size() && text_[from] != '\'') from += text_[from] == '\\' ? 2 : 1;
    return std::min(from + 1, text_.size());
  }

  // Comments nest.
  std::size_t past_comment(std::size_t from) const {
    for (int depth = 0; from < text_.size();) {
      const std::string_view mark = text_.substr(from, 2);
      depth += mark == "/*" ? 1 : mark == "*/" ? -1 : 0;
      from += mark == "/*" || mark == "*/" ? 2 : 1;
      if (depth == 0) return from;
    }
    return text_.size();
  }

  std::size_t token_end() const {
    const char c = text_[at_];
    if ((c == 'e' || c == 'E') && text_.substr(at_ + 1, 1) == "'") return past_escaped(at_ + 2);
    if (c == '\'' || c == '"') return past(std::string_view(&text_[at_], 1), at_ + 1);  // a doubled quote starts the next token
    if (text_.substr(at_, 2) == "--") return past("\n", at_);
    if (text_.substr(at_, 2) == "/*") return past_comment(at_);
    if (c == '$') {
      std::size_t end = at_ + 1;
      while (end < text_.size() && is_word(text_[end])) ++end;
      if (end < text_.size() && text_[end] == '$') return past(text_.substr(at_, end + 1 - at_), end + 1);
    }
    std::size_t end = at_ + 1;
    if (is_word(c)) {
      while (end < text_.size() && (is_word(text_[end]) || text_[end] == '$')) ++end;
    }
    return end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Argument current_;
  std::vector<Argument> arguments_;
};

}  // namespace

std::vector<Argument> split_arguments(std::string_view text) {
  return Splitter(text).run();
}

}  // namespace lockstep::kinds
