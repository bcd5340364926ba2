// Flyway's folder: V<version>__<description>.sql in the order of their versions, then R__<description>.sql by description.
// B<version>__… is a baseline: it stands for all versions up to its own, as on an empty database. ${name} is a placeholder.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "importer/files.h"
#include "support/error.h"

namespace lockstep::importer {
namespace {

using support::UsageError;

using Version = std::vector<std::string>;  // numbers, as digits

int compare(const Version& a, const Version& b) {
  static const std::string kNone = "0";
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const int order = compare_numbers(i < a.size() ? a[i] : kNone, i < b.size() ? b[i] : kNone);
    if (order != 0) return order;
  }
  return 0;
}

struct Name {
  char prefix = 0;
  Version version;  // empty for R
  std::string description;
  std::string path;
};

// nullopt: not a name of Flyway's.
std::optional<Name> parsed(const Entry& entry) {
  constexpr std::string_view kSuffix = ".sql";
  std::string_view rest = entry.name;
  if (!rest.ends_with(kSuffix) || rest.size() < 2) return std::nullopt;
  Name name{rest.front(), {}, {}, entry.path};
  rest = rest.substr(1, rest.size() - 1 - kSuffix.size());
  const std::size_t separator = rest.find("__");
  const std::string_view version = rest.substr(0, separator);
  name.description = separator == std::string_view::npos ? "" : rest.substr(separator + 2);
  if (name.prefix == 'R') return version.empty() ? std::optional(name) : std::nullopt;
  if (name.prefix != 'V' && name.prefix != 'U' && name.prefix != 'B') return std::nullopt;
  std::string number;
  for (const char c : version) {
    if (c >= '0' && c <= '9') {
      number += c;
    } else if ((c == '.' || c == '_') && !number.empty()) {
      name.version.push_back(std::move(number));
      number.clear();
    } else {
      return std::nullopt;
    }
  }
  if (number.empty()) return std::nullopt;
  name.version.push_back(std::move(number));
  return name;
}

// With the values of its placeholders. `unknown`: those that have none, with their places.
support::SourcePtr filled(const support::SourcePtr& source, const Variables& variables, std::set<std::string>& used,
                          std::vector<std::string>& unknown) {
  const std::string_view text = source->text();
  std::string result;
  std::size_t at = 0;
  for (std::size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${", at)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string name(text.substr(open + 2, close - open - 2));
    const auto value = variables.find(name);
    result += text.substr(at, open - at);
    if (value == variables.end()) {
      const auto place = source->line_column(open);
      unknown.push_back(fmt::format("{}:{}:{}: ${{{}}}", shown(source->name()), place.line, place.column, shown(name)));
    } else {
      used.insert(name);
      result += value->second;
    }
    at = close + 1;
  }
  if (at == 0) return source;
  result += text.substr(at);
  return std::make_shared<support::SourceText>(source->name(), std::move(result));
}

// A migration that Flyway would run and this can't: leaving it out would give another schema.
void refuse_code(const std::string& folder, const Entry& entry) {
  const std::string_view name = entry.name;
  const bool code = name.ends_with(".java") || name.ends_with(".kt") || name.ends_with(".class");
  const bool versioned = name.size() > 2 && ((name[0] == 'V' && name[1] >= '0' && name[1] <= '9') || name.starts_with("R__"));
  if (code && versioned)
    throw UsageError(
        fmt::format("{}: a migration in code, which Lockstep doesn't run. Write what it does to the schema as SQL "
                    "under the same name in a copy of the folder, or import a `pg_dump -s`",
                    shown(folder + "/" + entry.path)));
}

struct Found {
  std::vector<Name> versioned, repeatable, baselines;
  std::vector<std::string> undo, others;
};

Found look_through(const std::string& folder) {
  Found found;
  for (const Entry& entry : entries(folder, true)) {
    if (entry.folder) continue;
    refuse_code(folder, entry);
    const auto name = parsed(entry);
    if (!name) {
      if (entry.name.ends_with(".sql")) found.others.push_back(shown(entry.path));
    } else if (name->prefix == 'U') {
      found.undo.push_back(shown(entry.path));
    } else {
      (name->prefix == 'V' ? found.versioned : name->prefix == 'B' ? found.baselines : found.repeatable).push_back(*name);
    }
  }
  const auto by_version = [](const Name& a, const Name& b) { return compare(a.version, b.version) < 0; };
  for (auto* list : {&found.versioned, &found.baselines}) {
    std::stable_sort(list->begin(), list->end(), by_version);
    const auto twice = std::adjacent_find(list->begin(), list->end(),
                                          [](const Name& a, const Name& b) { return compare(a.version, b.version) == 0; });
    if (twice != list->end())
      throw UsageError(fmt::format("{} and {} have the same version: Flyway refuses them too", shown(folder + "/" + twice->path),
                                   shown(folder + "/" + (twice + 1)->path)));
  }
  std::stable_sort(found.repeatable.begin(), found.repeatable.end(),
                   [](const Name& a, const Name& b) { return a.description < b.description; });
  return found;
}

std::string names(const std::vector<std::string>& list) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + list[i];
  return list.size() > kShown ? fmt::format("{} and {} more", text, list.size() - kShown) : text;
}

}  // namespace

Migrations read_flyway(const std::string& path, const Variables& variables) {
  if (!is_folder(path)) throw UsageError(fmt::format("{} is no folder: give the one with Flyway's V*.sql", shown(path)));
  Found found = look_through(path);
  Migrations result;
  if (!found.undo.empty()) result.notes.push_back("undo migrations are not read: " + names(found.undo));
  if (!found.others.empty())
    result.notes.push_back("no versioned or repeatable migrations (callbacks of Flyway are not run), so not read: " +
                           names(found.others));
  std::vector<Name> order;
  if (!found.baselines.empty()) {
    const Name& baseline = found.baselines.back();
    const auto before =
        std::erase_if(found.versioned, [&](const Name& name) { return compare(name.version, baseline.version) <= 0; });
    result.notes.push_back(fmt::format("{} is the baseline: {} older version{} not read", shown(baseline.path), before,
                                       before == 1 ? " is" : "s are"));
    order.push_back(baseline);
  }
  order.insert(order.end(), found.versioned.begin(), found.versioned.end());
  order.insert(order.end(), found.repeatable.begin(), found.repeatable.end());
  if (order.empty()) throw UsageError(fmt::format("{}: no migrations of Flyway in it (V1__what.sql)", shown(path)));
  std::set<std::string> used;
  std::vector<std::string> unknown;
  for (const Name& name : order)
    result.files.push_back(filled(read_inside(path + "/" + name.path, path), variables, used, unknown));
  if (!unknown.empty())
    throw UsageError(
        fmt::format("placeholders without a value: {}\nGive each one as --variable NAME=VALUE, as Flyway gets it (where "
                    "Flyway doesn't replace them, give the same text: --variable 'x=${{x}}')",
                    names(unknown)));
  for (const auto& [name, value] : variables)
    if (!used.contains(name)) throw UsageError(fmt::format("--variable {}: no migration has ${{{}}}", shown(name), shown(name)));
  return result;
}

}  // namespace lockstep::importer
