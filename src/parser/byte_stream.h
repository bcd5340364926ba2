// A text for ANTLR's lexer whose positions are bytes: the runtime's own copies it into four bytes for each character, and counts
// those.
#pragma once

#include <antlr4-runtime.h>

#include <string>
#include <string_view>

namespace lockstep::parser::syntax {

class ByteStream : public antlr4::CharStream {
 public:
  // `text` is valid UTF-8 and outlives it.
  explicit ByteStream(std::string_view text) : text_(text) {}

  void consume() override { at_ = next(at_); }
  // `i` counts characters.
  std::size_t LA(ssize_t i) override {
    std::size_t at = at_;
    for (; i > 1; --i) at = next(at);
    for (; i < 0; ++i) {
      if (at == 0) return EOF;
      at = previous(at);
    }
    return character(at);
  }
  ssize_t mark() override { return -1; }  // any position can be sought at any time
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return {}; }
  std::string getText(const antlr4::misc::Interval& interval) override {
    const auto begin = static_cast<std::size_t>(interval.a);
    return std::string(text_.substr(begin, static_cast<std::size_t>(interval.b) + 1 - begin));
  }
  std::string toString() const override { return std::string(text_); }

 private:
  static bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }
  std::size_t next(std::size_t at) const {
    if (at < text_.size()) ++at;
    while (at < text_.size() && continues(text_[at])) ++at;
    return at;
  }
  std::size_t previous(std::size_t at) const {
    --at;
    while (at > 0 && continues(text_[at])) --at;
    return at;
  }
  std::size_t character(std::size_t at) const {
    if (at >= text_.size()) return EOF;
    const auto first = static_cast<unsigned char>(text_[at]);
    if (first < 0x80U) return first;
    std::size_t code = first >= 0xF0U ? first & 0x07U : first >= 0xE0U ? first & 0x0FU : first & 0x1FU;
    for (std::size_t end = next(at); ++at < end;) code = (code << 6U) | (static_cast<unsigned char>(text_[at]) & 0x3FU);
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace lockstep::parser::syntax
