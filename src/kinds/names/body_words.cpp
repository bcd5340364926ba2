#include "kinds/names/body_words.h"

#include <algorithm>
#include <cctype>

#include "catalog/keys.h"

namespace lockstep::kinds {
namespace {

bool is_part_of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80U;
}

}  // namespace

bool has_body(const catalog::Object& object) {
  return object.has(keys::kBody);
}

std::set<std::string> words_of_body(const catalog::Object& object) {
  return words_of(object.get(keys::kBody));
}

std::set<std::string> words_of(const std::string& body) {
  std::set<std::string> words;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t begin = at;
    if (body[at] == '"') {
      const std::size_t end = std::min(body.find('"', at + 1), body.size());
      words.insert(body.substr(at + 1, end - at - 1));
      at = end + 1;
    } else if (is_part_of_word(body[at])) {
      while (at < body.size() && is_part_of_word(body[at])) ++at;
      std::string word = body.substr(begin, at - begin);
      for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      words.insert(std::move(word));
    } else {
      ++at;
    }
  }
  return words;
}

}  // namespace lockstep::kinds
