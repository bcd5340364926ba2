#include "support/sql_words.h"

#include <cctype>

namespace lockstep::support {

namespace {

bool is_part_of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80U;
}

// What begins behind the quotation mark before `at`. Two of them stand for one in a name.
std::string quoted_word(std::string_view text, std::size_t at) {
  std::string word;
  for (; at < text.size(); ++at) {
    if (text[at] == '"' && (++at == text.size() || text[at] != '"')) break;
    word += text[at];
  }
  return word;
}

}  // namespace

std::set<std::string> sql_words(std::string_view text) {
  std::set<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      words.insert(quoted_word(text, ++at));  // and what is in it by itself: a string may contain a single quotation mark
    } else if (is_part_of_word(text[at])) {
      std::string word;
      for (; at < text.size() && is_part_of_word(text[at]); ++at)
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at])));
      words.insert(std::move(word));
    } else {
      ++at;
    }
  }
  return words;
}

}  // namespace lockstep::support
