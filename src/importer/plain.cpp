// A folder of .sql files. Names that begin with a number go by that number, as the tools for such folders do.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <tuple>

#include "importer/files.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::importer {
namespace {

std::string_view number_of(std::string_view name) {
  return name.substr(0, std::min(name.find_first_not_of("0123456789"), name.size()));
}

// By the parts of the path; a name with a number before one without.
bool goes_before(std::string_view a, std::string_view b) {
  for (;;) {
    const std::string_view left = a.substr(0, a.find('/')), right = b.substr(0, b.find('/'));
    if (left != right) {
      const std::string_view n = number_of(left), m = number_of(right);
      if (n.empty() != m.empty()) return m.empty();
      const int order = compare_numbers(n, m);
      return order != 0 ? order < 0 : left < right;
    }
    if (left.size() == a.size() || right.size() == b.size()) return a.size() < b.size();
    a.remove_prefix(left.size() + 1);
    b.remove_prefix(right.size() + 1);
  }
}

bool takes_back(const std::string& name) {
  return name == "down.sql" || name.ends_with(".down.sql") || name.ends_with("_down.sql");
}

// Where the part begins that takes the migration back: dbmate, goose and sql-migrate have it in the same file.
std::size_t way_back(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line;
    for (const char c : text.substr(begin, end - begin))
      if (c != ' ' && c != '\t' && c != '\r') line += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (line.starts_with("--migrate:down") || line == "--+goosedown" || line.starts_with("--+migratedown")) return begin;
    begin = end + 1;
  }
  return std::string_view::npos;
}

support::SourcePtr way_there(support::SourcePtr source, std::vector<std::string>& cut) {
  const std::size_t end = way_back(source->text());
  if (end == std::string_view::npos) return source;
  cut.push_back(source->name());
  return std::make_shared<support::SourceText>(source->name(), std::string(source->text().substr(0, end)));
}

}  // namespace

Migrations read_sql(const std::string& path, const Variables& variables) {
  refuse_variables("sql", variables);
  Migrations found;
  std::vector<std::string> back, cut;
  if (!is_folder(path)) {
    found.files.push_back(way_there(read_file(path), cut));
  } else {
    std::vector<std::string> names;
    for (const Entry& entry : entries(path, true)) {
      if (entry.folder || !entry.name.ends_with(".sql")) continue;
      (takes_back(entry.name) ? back : names).push_back(entry.path);
    }
    const std::vector<std::string> by_name = names;
    std::sort(names.begin(), names.end(), goes_before);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == by_name[i]) continue;
      found.notes.push_back(
          fmt::format("the files go by the numbers that their names begin with: {} is number {}, where by its "
                      "letters {} would be",
                      shown(names[i]), i + 1, shown(by_name[i])));
      break;
    }
    for (const std::string& name : names) found.files.push_back(way_there(read_inside(path + "/" + name, path), cut));
  }
  const std::string files = back.size() == 1 ? "1 file that takes a migration back is not read"
                                             : fmt::format("{} files that take a migration back are not read", back.size());
  const std::string left_out = fmt::format("{} (down.sql, *.down.sql, *_down.sql):{}", files, support::listed(back));
  if (found.files.empty())
    throw support::UsageError(back.empty() ? fmt::format("{}: no .sql files in it", shown(path))
                                           : fmt::format("{}: no .sql files to read in it: {}", shown(path), left_out));
  if (!back.empty()) found.notes.push_back(left_out);
  if (!cut.empty())
    found.notes.push_back(fmt::format("the part that takes the migration back (-- migrate:down and the like) is not read of:{}",
                                      support::listed(cut)));
  return found;
}

}  // namespace lockstep::importer
