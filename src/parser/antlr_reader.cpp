// The only entry point to ANTLR: text → tokens and a tree of rules.
//
// There are two passes. SLL prediction is fast and parses every text without errors. Only if it fails, full LL with error
// recovery reports every error of the file. Recovery is at items (rules named …Item): an error unwinds to the item that
// contains it, and parsing continues after the item's ";" or block.
#include <antlr4-runtime.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include "LockstepLexer.h"
#include "LockstepParser.h"
#include "parser/byte_stream.h"
#include "parser/sql_depth.h"
#include "parser/syntax_error.h"
#include "parser/syntax_tree.h"
#include "parser/token_list.h"
#include "support/deep_stack.h"
#include "support/utf8.h"

namespace lockstep::parser::syntax {
namespace {

using antlr4::RecognitionException;
using support::Diagnostics;
using support::Span;

// PostgreSQL prints 1+1+1 with parentheses around each sum, so a live database may contain deep nesting. Errors are explained
// only in texts that a person may have written, because the time of full prediction grows with the square of the depth.
constexpr std::size_t kDeepest = 5000, kDeepestExplained = 200;
// The grammar lists punctuation, then the keywords of the language, then everything else.
constexpr std::size_t kFirstWord = LockstepLexer::PLUS + 1;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Rule contexts are the whole tree: tokens are found again by index, which saves most of the tree's memory.
class RuleParser : public LockstepParser {
 public:
  using LockstepParser::LockstepParser;
  antlr4::Token* consume() override {
    antlr4::Token* token = getCurrentToken();
    if (token->getType() != EOF) _input->consume();
    return token;
  }
};

std::string word_of(const antlr4::dfa::Vocabulary& vocabulary, std::size_t type) {
  std::string word = vocabulary.getSymbolicName(type);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (ends_with(word, "_")) word.pop_back();
  return word;
}

bool is_keyword(std::size_t type) {
  return type != antlr4::Token::EOF && type >= kFirstWord && type < LockstepLexer::IDENTIFIER;
}

std::vector<std::string> words_of(const antlr4::dfa::Vocabulary& vocabulary) {
  std::vector<std::string> words;
  for (std::size_t type = kFirstWord; type < LockstepLexer::IDENTIFIER; ++type) words.push_back(word_of(vocabulary, type));
  return words;
}

Expectation expectation(const antlr4::misc::IntervalSet& types, const antlr4::dfa::Vocabulary& vocabulary) {
  const auto has = [&](std::size_t type) { return types.contains(type); };
  Expectation result;
  result.expression = has(LockstepLexer::OPERATOR_CHARACTER);
  result.name = has(LockstepLexer::IDENTIFIER) && has(LockstepLexer::PRIMARY);
  result.type = has(LockstepLexer::IDENTIFIER) && !result.name;
  result.text = has(LockstepLexer::STRING);
  result.number = has(LockstepLexer::NUMBER);
  for (const auto signed_type : types.toList()) {
    if (signed_type <= 0) continue;
    const auto type = static_cast<std::size_t>(signed_type);
    const std::string literal = vocabulary.getLiteralName(type);
    if (is_keyword(type)) {
      result.words.push_back(word_of(vocabulary, type));
    } else if (literal.size() > 2) {
      result.marks.push_back(literal.substr(1, literal.size() - 2));
    }
  }
  return result;
}

// ----------------------------------------------------------------------------------------------------------- recovery

// First pass: ends at any error.
class GiveUp : public antlr4::DefaultErrorStrategy {
 public:
  void sync(antlr4::Parser*) override {}
  void recover(antlr4::Parser*, std::exception_ptr) override { throw antlr4::ParseCancellationException(); }
  antlr4::Token* recoverInline(antlr4::Parser*) override { throw antlr4::ParseCancellationException(); }
  void reportError(antlr4::Parser*, const RecognitionException&) override {}
  void reportMatch(antlr4::Parser*) override {}
};

class Recovery : public antlr4::DefaultErrorStrategy {
 public:
  Recovery(const Tree& tree, const antlr4::dfa::Vocabulary& vocabulary, Diagnostics& diagnostics)
      : tree_(tree), vocabulary_(vocabulary), words_(words_of(vocabulary)), diagnostics_(diagnostics) {
    for (const auto& name : rule_names()) {
      item_.push_back(ends_with(name, "Item"));
      block_.push_back(ends_with(name, "Block") || name == "file");
    }
  }

  void reportMatch(antlr4::Parser*) override {}
  antlr4::Token* recoverInline(antlr4::Parser* parser) override { throw antlr4::InputMismatchException(parser); }

  // Only between the items of a block: a token that can't begin an item is reported and skipped.
  void sync(antlr4::Parser* parser) override {
    const auto& atn = parser->getATN();
    const auto expected = atn.nextTokens(atn.states[parser->getState()]);
    if (!block_[parser->getRuleContext()->getRuleIndex()]) {
      remember(parser->getCurrentToken()->getTokenIndex(), expected);
      return;
    }
    for (std::size_t type = next(parser); !expected.contains(type) && type != antlr4::Token::EOF; type = next(parser)) {
      report(expected, *parser->getCurrentToken(), parser->getCurrentToken()->getTokenIndex());
      skip_item(parser);
      if (next(parser) == LockstepParser::CLOSE_BRACE && !expected.contains(std::size_t{LockstepParser::CLOSE_BRACE}))
        parser->consume();
    }
  }

  void reportError(antlr4::Parser* parser, const RecognitionException& error) override {
    if (unwinding_) return;
    unwinding_ = true;
    antlr4::misc::IntervalSet expected;
    if (const auto* choice = dynamic_cast<const antlr4::NoViableAltException*>(&error)) {
      expected = after_prediction(parser, *choice);
    } else {
      expected = error.getExpectedTokens();
      if (error.getOffendingToken()->getTokenIndex() == optional_at_) expected.addAll(optional_);
    }
    resumable_ = expected.contains(std::size_t{LockstepParser::SEMICOLON}) &&
                 first_on_its_line(tree_, error.getOffendingToken()->getTokenIndex());
    report(expected, *error.getOffendingToken(), item_start(parser));
  }

  void recover(antlr4::Parser* parser, std::exception_ptr error) override {
    if (!item_[parser->getRuleContext()->getRuleIndex()] && parser->getRuleContext()->parent != nullptr)
      std::rethrow_exception(error);
    unwinding_ = false;
    const std::size_t start = parser->getContext()->start->getTokenIndex();
    if (resumable_ && parser->getCurrentToken()->getTokenIndex() > start) return;  // only the ";" is missing
    if (parser->getCurrentToken()->getTokenIndex() == start && next(parser) != LockstepParser::CLOSE_BRACE) parser->consume();
    skip_item(parser);
  }

 private:
  static std::size_t next(antlr4::Parser* parser) { return parser->getCurrentToken()->getType(); }

  // Skips to the position after the ";" or block that ends the item, or to the "}" of the enclosing block.
  static void skip_item(antlr4::Parser* parser) {
    for (std::size_t depth = 0; next(parser) != antlr4::Token::EOF; parser->consume()) {
      if (next(parser) == LockstepParser::OPEN_BRACE) ++depth;
      if (next(parser) == LockstepParser::CLOSE_BRACE && depth == 0) return;
      const bool closes = next(parser) == LockstepParser::CLOSE_BRACE && --depth == 0;
      if (closes || (next(parser) == LockstepParser::SEMICOLON && depth == 0)) {
        parser->consume();
        return;
      }
    }
  }

  // What the prediction would have accepted where it failed.
  static antlr4::misc::IntervalSet after_prediction(antlr4::Parser* parser, const antlr4::NoViableAltException& error) {
    antlr4::misc::IntervalSet expected;
    if (error.getDeadEndConfigs() == nullptr) return parser->getExpectedTokens();
    for (const auto& config : error.getDeadEndConfigs()->configs) {
      for (const auto* transition : config->state->transitions) {
        if (!transition->isEpsilon()) expected.addAll(transition->label());
      }
    }
    return expected;
  }

  // First token of the present item.
  std::size_t item_start(antlr4::Parser* parser) const {
    const antlr4::RuleContext* context = parser->getRuleContext();
    while (context->parent != nullptr && !item_[context->getRuleIndex()])
      context = dynamic_cast<antlr4::RuleContext*>(context->parent);
    return dynamic_cast<const antlr4::ParserRuleContext*>(context)->start->getTokenIndex();
  }

  // Also remembers the optional tokens that were possible before the required one.
  void remember(std::size_t at, const antlr4::misc::IntervalSet& expected) {
    if (at != optional_at_) optional_.clear();
    optional_at_ = at;
    optional_.addAll(expected);
  }

  void report(const antlr4::misc::IntervalSet& expected, const antlr4::Token& found, std::size_t item) {
    const bool at_end = found.getType() == antlr4::Token::EOF;
    if (at_end && end_reported_) return;  // one error for an unclosed block is enough
    end_reported_ = end_reported_ || at_end;
    Expectation wanted = expectation(expected, vocabulary_);
    wanted.found = found.getTokenIndex();
    wanted.item = item;
    diagnostics_.add(syntax_error(tree_, wanted, words_));
  }

  const Tree& tree_;
  const antlr4::dfa::Vocabulary& vocabulary_;
  const std::vector<std::string> words_;
  Diagnostics& diagnostics_;
  std::vector<bool> item_, block_;
  std::size_t optional_at_ = 0;
  antlr4::misc::IntervalSet optional_;
  bool unwinding_ = false, resumable_ = false, end_reported_ = false;
};

// ------------------------------------------------------------------------------------------------------------- tokens

TokenKind kind_of(std::size_t type) {
  if (is_keyword(type) || type == LockstepLexer::IDENTIFIER) return TokenKind::word;
  switch (type) {
    case LockstepLexer::QUOTED:
      return TokenKind::quoted;
    case LockstepLexer::STRING:
      return TokenKind::string;
    case LockstepLexer::DOLLAR_STRING:
      return TokenKind::dollar_string;
    case LockstepLexer::NUMBER:
      return TokenKind::number;
    case LockstepLexer::LINE_COMMENT:
    case LockstepLexer::BLOCK_COMMENT:
      return TokenKind::comment;
    default:
      return TokenKind::punctuation;
  }
}

void copy_tokens(const TokenList& tokens, std::size_t skipped, Tree& tree) {
  tree.tokens.reserve(tokens.count());
  for (std::size_t i = 0; i < tokens.count(); ++i) {
    const auto token = tokens.item(i);
    tree.tokens.push_back({token.begin + skipped, token.end + skipped, kind_of(token.type)});
  }
}

void too_deep(std::size_t limit, const Span& span, Diagnostics& diagnostics) {
  diagnostics.error("LS0102", fmt::format("more than {} levels of parentheses and blocks inside one another", limit), span);
}

// Checks for text that would make parsing meaningless or its recursion too deep. False: don't parse. `deep`: the first token
// deeper than errors are explained.
bool sound(const TokenList& tokens, const Tree& tree, std::optional<Span>& deep, Diagnostics& diagnostics) {
  std::size_t depth = 0, cases = 0;
  for (std::size_t i = 0; i < tree.tokens.size(); ++i) {
    const Span span{tree.source, tree.tokens[i].begin, tree.tokens[i].end};
    const std::string_view text = tree.text(tree.tokens[i]);
    const std::size_t type = tokens.item(i).type;
    if (type == LockstepLexer::UNTERMINATED) {
      const std::string_view what = text[0] == '/'   ? "comment"
                                    : text[0] == '"' ? "quoted name"
                                    : text[0] == '$' ? "dollar-quoted text"
                                                     : "text";
      diagnostics.error("LS0103", fmt::format("this {} is never closed", what), {tree.source, span.begin, span.begin + 1});
      return false;
    }
    if (tree.tokens[i].kind == TokenKind::comment && deep_comment(text, 0, text.size())) {
      diagnostics.error("LS0102", fmt::format("more than {} comments inside one another", kDeepestComment),
                        {tree.source, span.begin, span.begin + 1});
      return false;
    }
    if (type == LockstepLexer::CASE) ++cases;
    if (type == LockstepLexer::END && cases > 0) --cases;
    if (tree.tokens[i].kind == TokenKind::punctuation) {
      if (text == ";" || text == "}") cases = 0;
      if (text == "(" || text == "[" || text == "{") ++depth;
      if ((text == ")" || text == "]" || text == "}") && depth > 0) --depth;
    }
    if (depth + cases > kDeepestExplained && !deep) deep = span;
    if (depth + cases <= kDeepest) continue;
    too_deep(kDeepest, span, diagnostics);
    return false;
  }
  return true;
}

// Items that were copied already. Taken out as they are used: another context can have the same address later.
using Kept = std::unordered_map<const antlr4::ParserRuleContext*, Branch>;

Branch copy_branch(const antlr4::ParserRuleContext& context, Kept* kept = nullptr) {
  if (kept != nullptr) {
    if (auto found = kept->extract(&context)) return std::move(found.mapped());
  }
  Branch branch;
  branch.rule = static_cast<std::uint16_t>(context.getRuleIndex());
  branch.broken = context.exception != nullptr;
  branch.first = context.start->getTokenIndex();
  branch.last = context.stop == nullptr || context.stop->getTokenIndex() + 1 < branch.first ? branch.first
                                                                                            : context.stop->getTokenIndex() + 1;
  // A sequence of tokens: its nesting is irrelevant here and may be deep.
  const std::size_t kind = context.getRuleIndex();
  if (kind == LockstepParser::RuleParens || kind == LockstepParser::RuleBrackets || kind == LockstepParser::RuleCaseExpression)
    return branch;
  branch.children.reserve(context.children.size());
  for (const auto* child : context.children) {
    if (const auto* rule = dynamic_cast<const antlr4::ParserRuleContext*>(child))
      branch.children.push_back(copy_branch(*rule, kept));
  }
  return branch;
}

// Copies each item of a file or schema as soon as it is read, and frees ANTLR's tree and tokens of it.
class ItemByItem : public antlr4::tree::ParseTreeListener {
 public:
  ItemByItem(antlr4::tree::ParseTreeTracker& tracker, TokenList& tokens) : tracker_(tracker), tokens_(tokens) {}
  void visitTerminal(antlr4::tree::TerminalNode*) override {}
  void visitErrorNode(antlr4::tree::ErrorNode*) override {}
  void enterEveryRule(antlr4::ParserRuleContext* context) override {
    if (!is_item(*context)) return;
    outer_.push_back({std::move(tracker_), tokens_.index()});  // it has the context itself
    tracker_ = {};
  }
  void exitEveryRule(antlr4::ParserRuleContext* context) override {
    if (!is_item(*context)) return;
    if (context->exception == nullptr) kept_.emplace(context, copy_branch(*context, &kept_));
    context->children.clear();
    tracker_.reset();
    tracker_ = std::move(outer_.back().tracker);
    tokens_.forget(outer_.back().begin + 1);  // what contains the item may begin with the same token
    outer_.pop_back();
  }
  Kept& kept() { return kept_; }

 private:
  static bool is_item(const antlr4::ParserRuleContext& context) {
    const std::size_t rule = context.getRuleIndex();
    return rule == LockstepParser::RuleFileItem || rule == LockstepParser::RuleSchemaItem;
  }

  struct Outer {
    antlr4::tree::ParseTreeTracker tracker;
    std::size_t begin;  // of the item
  };

  antlr4::tree::ParseTreeTracker& tracker_;
  TokenList& tokens_;
  std::vector<Outer> outer_;
  Kept kept_;
};

void read_tree(TokenList& stream, Tree& tree, const std::optional<Span>& deep, Diagnostics& diagnostics) {
  RuleParser parser(&stream);
  parser.removeErrorListeners();
  auto* interpreter = parser.getInterpreter<antlr4::atn::ParserATNSimulator>();
  try {
    interpreter->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    parser.setErrorHandler(std::make_shared<GiveUp>());
    ItemByItem items(parser.getTreeTracker(), stream);
    parser.addParseListener(&items);
    tree.root = copy_branch(*parser.file(), &items.kept());
  } catch (const antlr4::ParseCancellationException&) {
    if (deep) return too_deep(kDeepestExplained, *deep, diagnostics);
    parser.removeParseListeners();
    parser.reset();
    interpreter->setPredictionMode(antlr4::atn::PredictionMode::LL);
    parser.setErrorHandler(std::make_shared<Recovery>(tree, parser.getVocabulary(), diagnostics));
    tree.root = copy_branch(*parser.file());
  }
}

}  // namespace

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> names = [] {
    antlr4::ANTLRInputStream input;
    LockstepLexer lexer(&input);
    antlr4::CommonTokenStream stream(&lexer);
    return LockstepParser(&stream).getRuleNames();
  }();
  return names;
}

Tree parse(const support::SourcePtr& source, Diagnostics& diagnostics) {
  Tree tree;
  tree.source = source;
  const std::string_view text = source->text();
  if (const auto bad = support::invalid_utf8(text)) {
    diagnostics.error("LS0101",
                      fmt::format("byte 0x{:02x} at offset {} is not UTF-8", static_cast<unsigned char>(text[*bad]), *bad),
                      {source, *bad, *bad});
    return tree;
  }
  rule_names();
  // All parsers share the runtime's prediction caches; its own locking is not relied on.
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  const std::size_t skipped = text.substr(0, kByteOrderMark.size()) == kByteOrderMark ? kByteOrderMark.size() : 0;
  ByteStream input(text.substr(skipped));
  LockstepLexer lexer(&input);
  lexer.removeErrorListeners();
  TokenList stream(lexer);
  copy_tokens(stream, skipped, tree);
  std::optional<Span> deep;
  if (sound(stream, tree, deep, diagnostics)) support::on_deep_stack([&] { read_tree(stream, tree, deep, diagnostics); });
  return tree;
}

}  // namespace lockstep::parser::syntax
