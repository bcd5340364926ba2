// All tokens of a text for ANTLR's parser, as a list of numbers. The runtime's own stream keeps an object of 112 bytes for each,
// which was a half of what a large schema takes in memory. Here such an object exists only while the parser may ask it something.
#pragma once

#include <antlr4-runtime.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::parser::syntax {

class TokenList : public antlr4::TokenStream {
 public:
  struct Item {
    std::size_t begin, end;  // bytes, half-open
    std::size_t type;
  };

  // Reads the whole text, which is far below 4 GiB (support/source_text.h). `lexer` outlives it.
  explicit TokenList(antlr4::Lexer& lexer);

  // With comments, without the end of the text.
  std::size_t count() const { return types_.size() - 1; }
  Item item(std::size_t token) const { return {begins_[token], ends_[token], types_[token]}; }

  // Frees the objects of the tokens from `position` (an index()) on. REQUIRES: nothing refers to them any more.
  void forget(std::size_t position);

  // Positions count what the parser sees, which is all but comments. A token's own index counts all.
  void consume() override;
  std::size_t LA(ssize_t i) override { return type_at(ahead(i)); }
  antlr4::Token* LT(ssize_t k) override { return k < 0 && at_ == 0 ? nullptr : get(ahead(k)); }
  antlr4::Token* get(std::size_t position) const override;
  ssize_t mark() override { return -1; }  // any position can be sought at any time
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = std::min(index, seen_.size() - 1); }
  std::size_t size() override { return seen_.size(); }
  std::string getSourceName() const override { return {}; }
  antlr4::TokenSource* getTokenSource() const override { return &lexer_; }
  // Messages are made from the source text.
  std::string getText() override { return {}; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  std::size_t type_at(std::size_t position) const;
  std::size_t ahead(ssize_t i) const {
    if (i < 0) return at_ - std::min(at_, static_cast<std::size_t>(-i));
    return std::min(at_ + static_cast<std::size_t>(i > 0 ? i - 1 : 0), seen_.size() - 1);
  }

  antlr4::Lexer& lexer_;
  std::vector<std::uint32_t> begins_, ends_;
  std::vector<std::uint16_t> types_;
  std::vector<std::uint32_t> seen_;  // those that the parser sees
  std::size_t at_ = 0;
  // Objects of some of the tokens, by position; and those that were freed, for others.
  mutable std::vector<std::unique_ptr<antlr4::CommonToken>> made_, spare_;
};

}  // namespace lockstep::parser::syntax
