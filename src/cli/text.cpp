#include "cli/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>

namespace lockstep::cli {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::size_t width(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += continues(c) ? 0 : 1;
  return count;
}

std::string iso_time(std::chrono::system_clock::time_point at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

std::string pad(std::string_view text, std::size_t columns) {
  const std::size_t has = width(text);
  return std::string(text) + std::string(has < columns ? columns - has : 0, ' ');
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if (!continues(text[end]) && ++seen == columns) break;
  return std::string(text.substr(0, end)) + "…";
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && width(line) + 1 + width(word) > columns) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    at = end + 1;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string one_line(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::string result;
  char quote = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = quote != 0 ? at : std::min(text.find_first_not_of(kBlank, at), text.size());
    if (end > at && text.substr(at, end - at).find('\n') != std::string_view::npos) {
      if (!result.empty() && end < text.size()) result += ' ';
      at = end;
      continue;
    }
    if (end > at) {
      result += text.substr(at, end - at);
      at = end;
      continue;
    }
    const char c = text[at++];
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    result += c;
  }
  return result;
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string amount(std::int64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t at = digits.size(); at > 3 + (count < 0 ? 1U : 0U); at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return unit == 0 || value >= 100 ? fmt::format("{:.0f} {}", value, kUnits[unit])
                                   : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string duration_text(std::chrono::milliseconds time) {
  const auto ms = time.count();
  const auto seconds = ms / 1000;
  if (ms < 10000) return fmt::format("{:.2f} s", static_cast<double>(ms) / 1000);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02} h", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string hold_words(std::int64_t seconds) {
  for (const auto& [length, unit] : {std::pair<std::int64_t, std::string_view>{86400, "day"}, {3600, "h"}, {60, "min"}}) {
    if (seconds < 2 * length || seconds % length != 0) continue;
    return unit == "day" ? plural(static_cast<std::size_t>(seconds / length), unit)
                         : fmt::format("{} {}", seconds / length, unit);
  }
  return fmt::format("{} s", seconds);
}

std::string short_time(const std::string& iso) {
  if (iso.size() < 19) return iso;
  return iso.substr(0, 10) + " " + iso.substr(11, 8) + " UTC";
}

std::string run_name(const std::string& uuid) {
  return uuid.substr(0, 8);
}

std::string server_version(int number) {
  return fmt::format("{}.{}", number / 10000, number % 10000);
}

}  // namespace lockstep::cli
