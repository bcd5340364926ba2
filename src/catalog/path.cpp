#include "catalog/path.h"

#include <array>
#include <functional>
#include <mutex>
#include <unordered_set>

namespace lockstep::catalog {

// In parts, so that threads seldom wait for each other.
struct Path::Pool {
  struct Hash {
    std::size_t operator()(const One& one) const { return one.hash; }
  };
  struct Equal {  // from the innermost name on, because the outer ones are those of many objects
    bool operator()(const One& a, const One& b) const {
      return std::equal(a.names.rbegin(), a.names.rend(), b.names.rbegin(), b.names.rend());
    }
  };
  struct Part {
    std::mutex mutex;
    std::unordered_set<One, Hash, Equal> all;  // their addresses never change
  };
  std::array<Part, 64> parts;
};

const Path::One* Path::of(Names names) {
  static Pool& pool = *new Pool;  // never freed: paths may be used until the process ends
  One one{std::move(names), 0};
  for (const auto& name : one.names) one.hash = one.hash * 1099511628211U ^ std::hash<std::string>{}(name);
  one.names.shrink_to_fit();
  Pool::Part& part = pool.parts[one.hash % pool.parts.size()];
  const std::lock_guard lock(part.mutex);
  return &*part.all.insert(std::move(one)).first;
}

Path::Path() {
  static const One* const empty = of({});
  one_ = empty;
}

Path::Path(Names names) : one_(of(std::move(names))) {}

void Path::set(std::size_t index, std::string name) {
  Names changed = names();
  changed.at(index) = std::move(name);
  one_ = of(std::move(changed));
}

void Path::overwrite(std::size_t first, const Names& names) {
  Names changed = this->names();
  for (std::size_t i = 0; i < names.size(); ++i) changed.at(first + i) = names[i];
  one_ = of(std::move(changed));
}

void Path::push_back(std::string name) {
  Names changed;
  changed.reserve(size() + 1);
  changed = names();
  changed.push_back(std::move(name));
  one_ = of(std::move(changed));
}

void Path::pop_back() {
  one_ = of(Names(begin(), end() - 1));
}

void Path::pop_front() {
  one_ = of(Names(begin() + 1, end()));
}

void Path::append(const Names& more) {
  Names changed = names();
  changed.insert(changed.end(), more.begin(), more.end());
  one_ = of(std::move(changed));
}

}  // namespace lockstep::catalog
