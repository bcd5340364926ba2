#include "kinds/names/body_words.h"

#include "catalog/keys.h"
#include "support/sql_words.h"

namespace lockstep::kinds {

bool has_body(const catalog::Object& object) {
  return object.has(keys::kBody);
}

std::set<std::string> words_of_body(const catalog::Object& object) {
  return support::sql_words(object.get(keys::kBody));
}

}  // namespace lockstep::kinds
