#include "parser/token_list.h"

#include <algorithm>
#include <limits>

namespace lockstep::parser::syntax {

namespace {

constexpr std::uint16_t kEnd = std::numeric_limits<std::uint16_t>::max();  // of the file; ANTLR's number for it is larger

}  // namespace

TokenList::TokenList(antlr4::Lexer& lexer) : lexer_(lexer) {
  for (;;) {
    const auto token = lexer.nextToken();
    const bool end = token->getType() == antlr4::Token::EOF;
    if (token->getChannel() == antlr4::Token::DEFAULT_CHANNEL) seen_.push_back(static_cast<std::uint32_t>(types_.size()));
    begins_.push_back(static_cast<std::uint32_t>(token->getStartIndex()));
    ends_.push_back(static_cast<std::uint32_t>(token->getStopIndex() + 1));
    types_.push_back(end ? kEnd : static_cast<std::uint16_t>(token->getType()));
    if (end) break;
  }
}

std::size_t TokenList::type_at(std::size_t position) const {
  const std::uint16_t type = types_[seen_[position]];
  return type == kEnd ? antlr4::Token::EOF : type;
}

void TokenList::consume() {
  if (at_ + 1 < seen_.size()) ++at_;
}

antlr4::Token* TokenList::get(std::size_t position) const {
  if (made_.size() <= position) made_.resize(position + 1);
  auto& token = made_[position];
  if (token != nullptr) return token.get();
  if (spare_.empty()) {
    token = std::make_unique<antlr4::CommonToken>(
        std::pair<antlr4::TokenSource*, antlr4::CharStream*>{&lexer_, lexer_.getInputStream()}, type_at(position),
        antlr4::Token::DEFAULT_CHANNEL, 0, 0);
  } else {
    token = std::move(spare_.back());
    spare_.pop_back();
    token->setType(type_at(position));
  }
  const std::size_t index = seen_[position];
  token->setTokenIndex(index);
  token->setStartIndex(begins_[index]);
  token->setStopIndex(static_cast<std::size_t>(ends_[index]) - 1);
  return token.get();
}

void TokenList::forget(std::size_t position) {
  for (std::size_t i = position; i < made_.size(); ++i) {
    if (made_[i] != nullptr) spare_.push_back(std::move(made_[i]));
  }
  made_.resize(std::min(position, made_.size()));
}

}  // namespace lockstep::parser::syntax
