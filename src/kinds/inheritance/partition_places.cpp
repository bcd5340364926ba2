#include "kinds/inheritance/partition_places.h"

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "recipes/detach_partition.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::qualified;

constexpr std::string_view kFrom = "FOR VALUES FROM (", kTo = ") TO (", kIn = "FOR VALUES IN (", kWith = "FOR VALUES WITH (";

PartitionPlace place_of(const Object& table) {
  return {{&kTable.tag, table.get(keys::kPartitionOf)}, table.get(keys::kBound)};
}

bool contains(const Step& step, const std::string& statement) {
  return std::find(step.sql.begin(), step.sql.end(), statement) != step.sql.end();
}

// The values of a list that PostgreSQL printed, up to its closing parenthesis. Moves `at` past that.
std::vector<std::string> values(std::string_view bound, std::size_t& at) {
  std::vector<std::string> found(1);
  bool quoted = false;
  for (; at < bound.size(); ++at) {
    const char c = bound[at];
    if (c == '\'') quoted = !quoted;
    if (!quoted && c == ')') break;
    if (!quoted && c == ',') {
      found.emplace_back();
    } else if (quoted || c != ' ') {
      found.back() += c;
    }
  }
  ++at;
  return found;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether both look like "2020-01-01 00:00:00": digits, with equal other characters at equal positions.
bool same_shape(std::string_view a, std::string_view b) {
  constexpr std::string_view kBetween = "-: +.";
  const auto fits = [&](char c, char d) { return (is_digit(c) && is_digit(d)) || (c == d && kBetween.find(c) != kBetween.npos); };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), fits) && std::any_of(a.begin(), a.end(), is_digit);
}

using Compared = std::partial_ordering;

Compared compared(std::string_view a, std::string_view b) {
  constexpr std::string_view kLeast = "MINVALUE", kMost = "MAXVALUE";
  if (a == b) return Compared::equivalent;
  if (a == kLeast || b == kMost) return Compared::less;
  if (a == kMost || b == kLeast) return Compared::greater;
  const auto inner = [](std::string_view text) {
    return text.size() >= 2 && text.front() == '\'' ? text.substr(1, text.size() - 2) : text;
  };
  a = inner(a);
  b = inner(b);
  const auto first = number(a), second = number(b);
  if (first && second) return *first <=> *second;
  return same_shape(a, b) ? Compared(a <=> b) : Compared::unordered;
}

Compared compared(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const Compared order = compared(a[i], b[i]);
    if (order != Compared::equivalent) return order;
  }
  return Compared::equivalent;
}

bool ranges_apart(std::string_view a, std::string_view b) {
  struct Range {
    std::vector<std::string> from, to;
  };
  const auto range = [](std::string_view bound) {
    Range read;
    std::size_t at = kFrom.size();
    read.from = values(bound, at);
    at += kTo.size() - 1;
    read.to = values(bound, at);
    return read;
  };
  const Range one = range(a), other = range(b);
  const auto ends_before = [](const Range& first, const Range& second) {
    const Compared order = compared(first.to, second.from);
    return order == Compared::less || order == Compared::equivalent;
  };
  return ends_before(one, other) || ends_before(other, one);
}

bool lists_apart(std::string_view a, std::string_view b) {
  std::size_t in_a = kIn.size(), in_b = kIn.size();
  const auto one = values(a, in_a), other = values(b, in_b);
  return std::none_of(one.begin(), one.end(),
                      [&](const auto& value) { return std::find(other.begin(), other.end(), value) != other.end(); });
}

// For "FOR VALUES WITH (modulus 4, remainder 1)".
bool hashes_apart(std::string_view a, std::string_view b) {
  const auto part = [](const std::vector<std::string>& parts, std::string_view word) -> std::optional<std::int64_t> {
    for (const std::string& text : parts) {
      if (text.starts_with(word)) return number(std::string_view(text).substr(word.size()));
    }
    return std::nullopt;
  };
  std::size_t in_a = kWith.size(), in_b = kWith.size();
  const auto one = values(a, in_a), other = values(b, in_b);
  const auto modulus = part(one, "modulus"), rest = part(one, "remainder");
  const auto other_modulus = part(other, "modulus"), other_rest = part(other, "remainder");
  if (!modulus || !rest || !other_modulus || !other_rest) return false;
  const std::int64_t common = std::gcd(*modulus, *other_modulus);
  return common != 0 && *rest % common != *other_rest % common;
}

}  // namespace

std::optional<PartitionPlace> place_emptied(const Step& step, const Object& from) {
  if (!from.id.is(kTable.tag) || !from.has(keys::kPartitionOf)) return std::nullopt;
  const bool dropped = contains(step, "DROP TABLE " + qualified(from.id.path));
  const bool detached = contains(step, recipes::detach_statement(from)) ||
                        contains(step, recipes::detach_concurrently_statement(from)) ||
                        contains(step, recipes::detach_finalize_statement(from));
  if (!dropped && !detached) return std::nullopt;
  return place_of(from);
}

std::optional<PartitionPlace> place_taken(const Step& step, const Object& to) {
  if (!to.id.is(kTable.tag) || !to.has(keys::kPartitionOf) || step.sql.empty()) return std::nullopt;
  const std::string made = " TABLE " + qualified(to.id.path) + " PARTITION OF ";
  const bool created = step.sql.front().starts_with("CREATE ") && step.sql.front().find(made) != std::string::npos;
  if (!created && !contains(step, attach_statement(to))) return std::nullopt;
  return place_of(to);
}

bool must_be_emptied(const PartitionPlace& old, const PartitionPlace& taken) {
  if (old.parent != taken.parent) return false;
  if (old.bound == keys::kDefaultBound) return true;
  if (taken.bound == keys::kDefaultBound) return false;
  const auto both = [&](std::string_view prefix) { return old.bound.starts_with(prefix) && taken.bound.starts_with(prefix); };
  if (both(kFrom)) return !ranges_apart(old.bound, taken.bound);
  if (both(kIn)) return !lists_apart(old.bound, taken.bound);
  if (both(kWith)) return !hashes_apart(old.bound, taken.bound);
  return true;
}

bool finishes_detaching(const Step& step, const Object& from) {
  return from.get(recipes::kDetachPending) && contains(step, recipes::detach_finalize_statement(from));
}

bool frees_for_another(const Object& from, const Context& context) {
  const PartitionPlace old = place_of(from);
  const auto partitions = recipes::partitions(context.to, old.parent);
  return std::any_of(partitions.begin(), partitions.end(), [&](const ObjectId& id) {
    const Object &other = *context.to.find(id), *before = context.from.find(id);
    if (id == from.id || !must_be_emptied(old, place_of(other))) return false;
    return before == nullptr || context.is_new(id) || place_of(*before).parent != old.parent ||
           place_of(*before).bound != other.get(keys::kBound);
  });
}

std::string attach_statement(const Object& to) {
  return "ALTER TABLE " + qualified(to.get(keys::kPartitionOf)) + " ATTACH PARTITION " + qualified(to.id.path) + " " +
         to.get(keys::kBound);
}

}  // namespace lockstep::kinds
