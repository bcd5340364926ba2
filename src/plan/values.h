// The effects that a plan can have on stored values, as one table. The table also generates docs/values.md (a unit test
// compares it byte for byte).
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

// How values of a column are converted when its type changes. The texts are the ones that a plan prints.
struct ConversionRule {
  std::string_view when;
  std::string_view how;    // ValueNote::how begins with it, if the note tells how
  std::string_view asked;  // which check of the rows runs before the first step
  std::string_view needs;  // the consent that is needed
};
std::span<const ConversionRule> conversion_rules();

inline constexpr std::string_view kFree = "as they are stored", kByItself = "by PostgreSQL's assignment cast",
                                  kWrittenOut = "by a cast written out", kByExpression = "by convert using", kByMap = "by map",
                                  kAsText = "written as text and read as the new type";

// The text of docs/values.md.
std::string values_markdown();

}  // namespace lockstep::plan
