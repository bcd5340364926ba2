#include "elaborator/cache_file.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <vector>

#include "elaborator/build_id.h"
#include "elaborator/catalog_bytes.h"
#include "support/error.h"

namespace lockstep::elaborator {
namespace {

constexpr std::string_view kMagic = "lockstep-elaborated/1 ";

[[noreturn]] void refuse_file(const std::string& name, const std::string& why) {
  throw support::CommandError(support::ExitCode::mismatch,
                              fmt::format("{}: {}. Nothing was imported; make it again with `lockstep cache export`", name, why));
}

// Takes "123\n" off the front; nullopt: something else stands there, or a number above `most`.
std::optional<std::size_t> number_off(std::string_view& rest, std::uintmax_t most) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  const auto digits = static_cast<std::size_t>(end - rest.data());
  if (failure != std::errc() || number > most || digits == rest.size() || rest[digits] != '\n') return std::nullopt;
  rest.remove_prefix(digits + 1);
  return number;
}

// Whether a plan could read it.
bool is_catalog(const std::string& body) {
  try {
    catalog_from(body);
    return true;
  } catch (const support::InternalError&) {
    return false;
  }
}

struct CheckedEntry {
  std::string group, key;
  std::string_view text;
};

}  // namespace

Exported export_entries(const Cache& cache) {
  const Cache::Whole whole = cache.whole(kMostInFile);
  Exported result{
      .text = fmt::format("{}{}\n", kMagic, whole.entries.size()), .entries = whole.entries.size(), .left_out = whole.left_out};
  for (const std::string& entry : whole.entries) {
    result.text += fmt::format("{}\n", entry.size()) + entry;
    result.bytes += entry.size();
  }
  return result;
}

Imported import_entries(const Cache& cache, std::string_view text, const std::string& name) {
  if (!text.starts_with(kMagic))
    throw support::UsageError(name + ": this is no file of `lockstep cache export`. Nothing was imported");
  std::string_view rest = text.substr(kMagic.size());
  const auto count = number_off(rest, kMostInFile.entries);
  if (!count) refuse_file(name, fmt::format("the number of entries can't be read, or is above {}", kMostInFile.entries));
  Imported result;
  std::uintmax_t bodies = 0;
  std::vector<CheckedEntry> entries;
  for (std::size_t i = 1; i <= *count; ++i) {
    const auto size = number_off(rest, rest.size());
    if (!size || *size > rest.size()) refuse_file(name, fmt::format("it ends, or is damaged, at entry {} of {}", i, *count));
    const std::string_view bytes = rest.substr(0, *size);
    rest.remove_prefix(*size);
    const auto entry = entry_in(bytes);
    if (!entry) refuse_file(name, fmt::format("entry {} of {} is damaged", i, *count));
    if (entry->program != build_id()) {
      ++result.other_program;
      continue;
    }
    bodies += entry->body.size();
    if (bodies > kMostInFile.bodies) refuse_file(name, "its entries are larger than any export's");
    if (!is_catalog(entry->body)) refuse_file(name, fmt::format("entry {} of {} is no catalog", i, *count));
    entries.push_back({entry->group, entry->key, bytes});
  }
  if (!rest.empty()) refuse_file(name, fmt::format("there is more in it after its {} entries", *count));
  for (const CheckedEntry& entry : entries) {
    if (cache.take(entry.group, entry.key, std::string(entry.text))) {
      ++result.entries;
      result.bytes += entry.text.size();
    } else {
      ++result.known;
    }
  }
  cache.tidy();
  return result;
}

}  // namespace lockstep::elaborator
