// The value of one attribute of an object: one of five types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lockstep::catalog {

using List = std::vector<std::string>;
// monostate: the attribute is absent (its PostgreSQL default, or "not stated" on the declared side).
using Value = std::variant<std::monostate, bool, std::int64_t, std::string, List>;

inline bool is_absent(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}
// For reports and digests: one unambiguous line. Absent prints as "-".
std::string to_string(const Value& value);

// A typed key, so that object.get(kStart) is checked at compile time. T is bool, std::int64_t, std::string or List.
template <class T>
struct Attr {
  std::string_view name;
};

}  // namespace lockstep::catalog
