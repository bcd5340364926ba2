#include "recipes/widens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace lockstep::recipes {
namespace {

// numeric(12,2) → {12, 2}; without them the type is unlimited.
struct Digits {
  int before = 0, after = 0;
};
std::optional<Digits> digits_of(std::string_view type) {
  if (type == "smallint") return Digits{5, 0};
  if (type == "integer") return Digits{10, 0};
  if (type == "bigint") return Digits{19, 0};
  constexpr std::string_view kNumeric = "numeric(";
  if (!type.starts_with(kNumeric) || !type.ends_with(')')) return std::nullopt;
  int precision = 0, scale = 0;
  const char* end = type.data() + type.size();
  const auto first = std::from_chars(type.data() + kNumeric.size(), end, precision);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ',') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, scale);
  if (second.ec != std::errc() || scale < 0) return std::nullopt;
  return Digits{precision - scale, scale};
}

// "character varying(9)" → {"character varying", 9}; a type without a length has none.
struct Sized {
  std::string name;
  std::optional<int> size;
};
Sized sized(const std::string& type) {
  const std::size_t open = type.find('('), close = type.find(')');
  int size = 0;
  if (open == std::string::npos || close == std::string::npos) return {type, std::nullopt};
  const auto read = std::from_chars(type.data() + open + 1, type.data() + close, size);
  if (read.ec != std::errc() || read.ptr != type.data() + close) return {type, std::nullopt};
  return {type.substr(0, open) + type.substr(close + 1), size};
}

// Whether `to` is the same type with a greater length, or text.
bool gives_room(const std::string& from, const std::string& to) {
  constexpr std::array<std::string_view, 6> kSized = {"character varying",           "bit varying",
                                                      "timestamp without time zone", "timestamp with time zone",
                                                      "time without time zone",      "time with time zone"};
  const Sized before = sized(from), after = sized(to);
  const bool known = std::find(kSized.begin(), kSized.end(), before.name) != kSized.end();
  if (from == "text") return to == "character varying";
  if (before.name == "character varying" && to == "text") return true;
  return known && before.name == after.name && (!after.size || (before.size && *before.size <= *after.size));
}

}  // namespace

bool widens(const std::string& from, const std::string& to) {
  if (from.ends_with("[]") && to.ends_with("[]")) return widens(from.substr(0, from.size() - 2), to.substr(0, to.size() - 2));
  if (gives_room(from, to)) return true;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWider = {{{"smallint", "integer"},
                                                                                    {"smallint", "bigint"},
                                                                                    {"integer", "bigint"},
                                                                                    {"smallint", "real"},
                                                                                    {"smallint", "double precision"},
                                                                                    {"integer", "double precision"},
                                                                                    {"real", "double precision"},
                                                                                    {"date", "timestamp without time zone"},
                                                                                    {"cidr", "inet"}}};
  if (std::any_of(kWider.begin(), kWider.end(), [&](const auto& pair) { return pair.first == from && pair.second == to; }))
    return true;
  const auto narrow = digits_of(from);
  if (!narrow || to == "smallint" || to == "integer" || to == "bigint") return false;
  if (to == "numeric") return true;
  const auto wide = digits_of(to);
  return wide && narrow->before <= wide->before && narrow->after <= wide->after;
}

}  // namespace lockstep::recipes
