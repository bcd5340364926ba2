// Texts, widths and amounts for people. Widths count code points.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::cli {

std::size_t width(std::string_view text);
std::string pad(std::string_view text, std::size_t columns);  // spaces after it
std::string cut(std::string_view text, std::size_t columns);  // "long te…"
// Wraps at spaces. A word longer than a line is alone on its line, uncut.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);
std::vector<std::string> lines_of(std::string_view text);
// Replaces white space around a line break by one space, except inside quotation marks, so that a multi-line expression fits in
// a sentence.
std::string one_line(std::string_view text);

std::string iso_time(std::chrono::system_clock::time_point at);  // "2026-11-23T10:15:00Z"
std::string plural(std::size_t count, std::string_view noun);    // "1 step", "2 steps"
std::string amount(std::int64_t count);                          // "1,234,567"
std::string bytes_text(std::int64_t bytes);                      // "1.2 GB"
std::string duration_text(std::chrono::milliseconds time);       // "0.34 s", "2:05 min", "1:02:03 h"
std::string hold_words(std::int64_t seconds);                    // "90 s", "24 h", "7 days": whole units
std::string short_time(const std::string& iso);                  // "2026-11-23T10:15:00.123456Z" → "2026-11-23 10:15:00 UTC"
std::string run_name(const std::string& uuid);                   // its first 8 characters
std::string server_version(int number);                          // 150014 → "15.14"

}  // namespace lockstep::cli
