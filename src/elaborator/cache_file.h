// What files elaborate to, moved from one machine to another as one file (`lockstep cache export`, `cache import`).
//
// "lockstep-elaborated/1 ", the number of entries and a newline; then each entry: its size in bytes, a newline, and the bytes of
// its file in the cache (cache.h), which are compressed already and contain their own checksum. There are no names: what an entry
// is called follows from the key in it. Numbers are decimal.
//
// The checks find damage, not malice: anybody can compute a checksum. Whoever can write the file decides what files elaborate to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "elaborator/cache.h"

namespace lockstep::elaborator {

// Of one file. What is beyond them is left out by an export; a file that exceeds them is refused.
inline constexpr Cache::Limits kMostInFile{.entries = 20'000, .bytes = kMostElaborated, .bodies = std::uintmax_t{4} << 30U};
inline constexpr std::uintmax_t kMostFileBytes = kMostInFile.bytes + (std::uintmax_t{1} << 20U);  // with the sizes

struct Exported {
  std::string text;
  std::size_t entries = 0, left_out = 0;
  std::uintmax_t bytes = 0;  // of the entries
};
// The same entries make the same text. REQUIRES: cache.on().
Exported export_entries(const Cache& cache);

struct Imported {
  std::size_t entries = 0, known = 0, other_program = 0;  // new here; here already; of another build of Lockstep, left out
  std::uintmax_t bytes = 0;                               // of the new ones
};
// `name` is for messages. Nothing is stored before all of it is checked. Throws UsageError if it is no such file, and
// CommandError{mismatch} if it is damaged or too large, {failed} if the cache can't be written. REQUIRES: cache.on().
Imported import_entries(const Cache& cache, std::string_view text, const std::string& name);

}  // namespace lockstep::elaborator
