#include "importer/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "support/error.h"
#include "support/inside.h"
#include "support/visible.h"

namespace lockstep::importer {

namespace fs = std::filesystem;
using support::UsageError;

std::string shown(const std::string& path) {
  return support::visible(path);
}

support::SourcePtr read_file(const std::string& path) {
  static constexpr std::string_view kMark = "\xEF\xBB\xBF";
  auto source = support::read_source(path);
  const std::string_view text = source->text();
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos)
    throw UsageError(fmt::format("{}: a NUL at byte {}: not a text of SQL", shown(path), zero));
  if (!text.starts_with(kMark)) return source;
  return std::make_shared<support::SourceText>(source->name(), std::string(text.substr(kMark.size())));
}

support::SourcePtr read_inside(const std::string& path, const std::string& folder) {
  if (!support::is_inside(path, folder))
    throw UsageError(fmt::format("{} is a link that leads out of {}: it is not read", shown(path), shown(folder)));
  return read_file(path);
}

std::vector<Entry> entries(const std::string& folder, bool deep) {
  std::vector<Entry> list;
  std::error_code failure;
  const auto add = [&](const fs::directory_entry& item) {
    std::error_code ignored;
    const std::string path = item.path().lexically_relative(folder).generic_string();
    list.push_back({path, item.path().filename().string(), item.is_directory(ignored)});
  };
  if (deep) {
    for (auto at = fs::recursive_directory_iterator(folder, failure); !failure && at != fs::recursive_directory_iterator();
         at.increment(failure))
      add(*at);
  } else {
    for (auto at = fs::directory_iterator(folder, failure); !failure && at != fs::directory_iterator(); at.increment(failure))
      add(*at);
  }
  if (failure) throw UsageError(fmt::format("{}: {}", shown(folder), failure.message()));
  std::sort(list.begin(), list.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return list;
}

int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

void refuse_variables(std::string_view format, const Variables& variables) {
  if (!variables.empty())
    throw UsageError(fmt::format("--variable {}: only migrations of flyway have variables, those of {} have none",
                                 shown(variables.begin()->first), format));
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace lockstep::importer
