// The attributes of an object, sorted by name, without absent values. Copies of an object share them until one of them changes:
// most objects of the desired catalog are those of the live one.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/value.h"

namespace lockstep::catalog {

class Attributes {
 public:
  using Item = std::pair<std::string_view, Value>;  // names have static storage
  using Items = std::vector<Item>;

  Items::const_iterator begin() const { return items().begin(); }
  Items::const_iterator end() const { return items().end(); }
  std::size_t size() const { return items().size(); }
  bool empty() const { return items().empty(); }
  // To change them: a copy of one's own, if others share them.
  Items& own();
  bool shared_with(const Attributes& other) const { return items_ == other.items_; }
  friend bool operator==(const Attributes& a, const Attributes& b) { return a.shared_with(b) || a.items() == b.items(); }

 private:
  const Items& items() const;

  std::shared_ptr<Items> items_;  // null: none
};

}  // namespace lockstep::catalog
