#include <algorithm>

#include "catalog/change.h"

namespace lockstep::catalog {
namespace {

// Merges two attribute lists that are sorted by name, and calls `see` with each name and the two values that differ, until that
// returns false.
template <class See>
void merge(const Object& from, const Object& to, const SameValue& same, const See& see) {
  static const Value kAbsent;
  if (from.attributes.shared_with(to.attributes)) return;
  auto a = from.attributes.begin();
  auto b = to.attributes.begin();
  while (a != from.attributes.end() || b != to.attributes.end()) {
    const bool only_from = b == to.attributes.end() || (a != from.attributes.end() && a->first < b->first);
    const bool only_to = a == from.attributes.end() || (b != to.attributes.end() && b->first < a->first);
    const std::string_view name = only_to ? b->first : a->first;
    if (only_from || only_to || !(a->second == b->second)) {
      if ((!same || !same(from, to, name)) && !see(name, only_to ? kAbsent : a->second, only_from ? kAbsent : b->second)) return;
    }
    if (!only_to) ++a;
    if (!only_from) ++b;
  }
}

std::vector<AttributeChange> differing(const Object& from, const Object& to, const SameValue& same) {
  std::vector<AttributeChange> changes;
  merge(from, to, same, [&](std::string_view name, const Value& before, const Value& after) {
    changes.push_back({name, before, after});
    return true;
  });
  return changes;
}

}  // namespace

bool same_attributes(const Object& from, const Object& to, const SameValue& same) {
  bool equal = true;
  merge(from, to, same, [&](std::string_view, const Value&, const Value&) { return equal = false; });
  return equal;
}

std::vector<Change> diff(const Catalog& from, const Catalog& to, const SameValue& same) {
  std::vector<Change> changes;
  auto a = from.objects().begin();
  auto b = to.objects().begin();
  const auto a_end = from.objects().end();
  const auto b_end = to.objects().end();
  while (a != a_end || b != b_end) {
    if (b == b_end || (a != a_end && a->id < b->id)) {
      changes.push_back({Change::What::removed, a->id, {}});
      ++a;
    } else if (a == a_end || b->id < a->id) {
      changes.push_back({Change::What::added, b->id, {}});
      ++b;
    } else {
      auto attributes = differing(*a, *b, same);
      if (!attributes.empty()) changes.push_back({Change::What::set, a->id, std::move(attributes)});
      ++a;
      ++b;
    }
  }
  return changes;
}

}  // namespace lockstep::catalog
