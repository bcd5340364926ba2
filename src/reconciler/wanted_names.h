// Names of objects as people give them: as `verify` prints them ("table shop.orders"), the same without the kind, or globs of
// either. Remembers which of them have matched something.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::reconciler {

inline constexpr std::string_view kWantedNames =
    "Names are those that `plan` and `verify` print (table shop.orders), also without the kind (shop.orders); * and ? match any "
    "text and any character";

class WantedNames {
 public:
  explicit WantedNames(const std::vector<std::string>& globs) : globs_(globs), matched_(globs.size(), false) {}

  // Whether the object, what it belongs to, or its schema has one of the names.
  bool match(const catalog::Catalog& side, catalog::Index index);
  std::vector<std::string> unmatched() const;

 private:
  bool match(const catalog::ObjectId& id);
  bool match_text(const std::string& text);

  const std::vector<std::string>& globs_;
  std::vector<bool> matched_;
};

}  // namespace lockstep::reconciler
