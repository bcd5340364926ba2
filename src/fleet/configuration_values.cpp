// The texts of lockstep.yaml that mean an amount.
#include <charconv>
#include <limits>
#include <map>

#include "fleet/configuration.h"

namespace lockstep::fleet {

std::optional<std::chrono::hours> age_of(std::string_view text) {
  long number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const long factor = unit == "h" ? 1 : unit == "d" ? 24 : unit == "w" ? 168 : 0;
  constexpr long kLongest = 24 * 36500;
  if (failure != std::errc{} || factor == 0 || number <= 0 || number > kLongest / factor) return std::nullopt;
  return std::chrono::hours(number * factor);
}

std::optional<std::chrono::seconds> hold_of(std::string_view text) {
  std::optional<std::chrono::seconds> time;
  if (const auto age = age_of(text)) time = *age;
  if (const auto brief = time_of(text)) time = std::chrono::duration_cast<std::chrono::seconds>(*brief);
  return time && *time >= std::chrono::seconds(1) && *time <= std::chrono::hours(24 * 366) ? time : std::nullopt;
}

std::optional<std::chrono::milliseconds> time_of(std::string_view text) {
  constexpr long kDay = 86400000;
  long number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const long factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60000 : 0;
  if (failure != std::errc{} || factor == 0 || number <= 0 || number > kDay / factor) return std::nullopt;
  return std::chrono::milliseconds(number * factor);
}

std::optional<std::int64_t> size_of(std::string_view text) {
  static const std::map<std::string_view, std::int64_t> kUnits = {
      {"kB", 1LL << 10}, {"MB", 1LL << 20}, {"GB", 1LL << 30}, {"TB", 1LL << 40}};
  if (text == "0") return 0;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = kUnits.find(text.substr(static_cast<std::size_t>(end - text.data())));
  if (failure != std::errc{} || unit == kUnits.end() || number <= 0) return std::nullopt;
  if (number > std::numeric_limits<std::int64_t>::max() / unit->second) return std::nullopt;
  return number * unit->second;
}

}  // namespace lockstep::fleet
