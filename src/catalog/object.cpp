#include "catalog/object.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <set>

#include "catalog/signatures.h"
#include "support/sql_text.h"

namespace lockstep::catalog {

const KindTag* intern_kind(std::string_view name) {
  static std::mutex mutex;
  static std::deque<std::pair<std::string, KindTag>> pool;  // a deque, so that addresses never change
  const std::lock_guard lock(mutex);
  for (const auto& [text, tag] : pool) {
    if (text == name) return &tag;
  }
  pool.emplace_back(std::string(name), KindTag{});
  pool.back().second.name = pool.back().first;
  return &pool.back().second;
}

namespace {

std::set<std::string_view>& signatures() {
  static std::set<std::string_view> kinds;
  return kinds;
}

}  // namespace

void last_name_is_signature(const KindTag& kind) {
  signatures().insert(kind.name);
}

std::string to_string(const ObjectId& id) {
  std::string words(id.kind->name);
  std::replace(words.begin(), words.end(), '_', ' ');
  if (id.path.size() < 2 || !signatures().contains(id.kind->name)) return words + " " + support::join(id.path, ".");
  return words + " " + support::join(Path(id.path.begin(), id.path.end() - 1), ".") + "(" + id.path.back() + ")";
}

std::size_t ObjectIdHash::operator()(const ObjectId& id) const {
  return std::hash<std::string_view>{}(id.kind->name) * 1099511628211U ^ id.path.hash();
}

namespace {
const Value kAbsent{};
}

const Value& Object::value(std::string_view name) const {
  const auto found = std::lower_bound(attributes.begin(), attributes.end(), name,
                                      [](const auto& item, std::string_view key) { return item.first < key; });
  return found != attributes.end() && found->first == name ? found->second : kAbsent;
}

void Object::set(std::string_view name, Value value) {
  if (is_absent(value) && is_absent(this->value(name))) return;
  Attributes::Items& items = attributes.own();
  const auto found =
      std::lower_bound(items.begin(), items.end(), name, [](const auto& item, std::string_view key) { return item.first < key; });
  const bool there = found != items.end() && found->first == name;
  if (is_absent(value)) {
    items.erase(found);
  } else if (there) {
    found->second = std::move(value);
  } else {
    items.emplace(found, name, std::move(value));
  }
}

}  // namespace lockstep::catalog
