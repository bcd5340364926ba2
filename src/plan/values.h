// What a plan can do to stored values. One table; it also writes docs/values.md (a test compares to the byte).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lockstep::plan {

struct ValueEffect {
  std::string_view name;     // "kept"
  std::string_view meaning;  // one sentence
};
std::span<const ValueEffect> value_effects();

inline constexpr std::string_view kKept = "kept", kConverted = "converted", kComputed = "computed again", kFilled = "filled",
                                  kLost = "lost";

// How values of a column are converted when its type changes, in the words that a plan says.
struct ConversionRule {
  std::string_view when;
  std::string_view how;    // ValueNote::how begins with it where it says how
  std::string_view asked;  // what is asked of the rows before the first step
  std::string_view needs;  // consent
};
std::span<const ConversionRule> conversion_rules();

inline constexpr std::string_view kFree = "as they are stored", kByItself = "by PostgreSQL's assignment cast",
                                  kWrittenOut = "by a cast written out", kByExpression = "by convert using",
                                  kAsText = "written as text and read as the new type";

// docs/values.md
std::string values_markdown();

}  // namespace lockstep::plan
