#include "kinds/names/gone_names.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/routines/routine.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using What = GoneName::What;

std::optional<What> what_of(const ObjectId& id) {
  for (const KindSpec* kind : {&kTable, &kView, &kMaterializedView, &kForeignTable, &kSequence}) {
    if (id.is(kind->tag)) return What::relation;
  }
  for (const KindSpec* kind : {&kColumn, &kAttribute}) {
    if (id.is(kind->tag)) return What::column;
  }
  for (const KindSpec* kind : {&kFunction, &kProcedure, &kAggregate}) {
    if (id.is(kind->tag)) return What::routine;
  }
  for (const KindSpec* kind : {&kEnum, &kDomain, &kComposite, &kRange}) {
    if (id.is(kind->tag)) return What::type;
  }
  if (id.is(kSchema.tag)) return What::schema;
  return std::nullopt;
}

// In a body, numeric(10,2) and numeric(12,2) are the same type.
std::string without_modifier(const std::string& type) {
  const std::size_t open = type.find('(');
  if (open == std::string::npos) return type;
  const std::size_t close = type.find(')', open);
  return type.substr(0, open) + (close == std::string::npos ? "" : type.substr(close + 1));
}

std::string new_name(const ObjectId& from, const ObjectId& to) {
  const std::size_t last = what_of(from) == What::routine ? 1 : from.path.size() - 1;
  const bool moved = from.path.front() != to.path.front() && from.path.size() > 1 && last == 1;
  return moved ? support::qualified(to.path[0], to.path[last]) : support::quote_identifier(to.path[last]);
}

List missing(const List& old, const List& now) {
  List found;
  std::copy_if(old.begin(), old.end(), std::back_inserter(found),
               [&](const auto& name) { return std::find(now.begin(), now.end(), name) == now.end(); });
  return found;
}

// The names of a view's columns, which the view has as "name type". Empty for other relations.
List view_columns(const Object& view) {
  List names;
  for (const std::string& column : view.get(keys::kColumns)) {
    const bool quoted = column.starts_with('"');
    std::string name;
    for (std::size_t at = quoted ? 1 : 0; at < column.size(); ++at) {
      const bool doubled = quoted && column.compare(at, 2, "\"\"") == 0;
      if (!doubled && column[at] == (quoted ? '"' : ' ')) break;
      name += column[at];
      if (doubled) ++at;
    }
    names.push_back(std::move(name));
  }
  return names;
}

catalog::Path part_of(const ObjectId& whole, const std::string& part) {
  catalog::Path path = whole.path;
  path.push_back(part);
  return path;
}

std::vector<GoneName> of_set(const Change& change, const Object& from, const Object& to) {
  const auto what = what_of(change.id);
  std::vector<GoneName> names;
  if (what == What::relation) {
    for (const std::string& column : missing(view_columns(from), view_columns(to)))
      names.push_back({What::column, part_of(change.id, column), "goes", false, change.id, {}});
  }
  for (const auto& item : change.attributes) {
    if (what == What::column && item.attribute == keys::kType.name) {
      const std::string before = without_modifier(from.get(keys::kType)), after = without_modifier(to.get(keys::kType));
      if (before != after) names.push_back({What::column, change.id.path, "becomes " + to.get(keys::kType), true, change.id, {}});
    }
    if (what == What::routine && item.attribute == keys::kResult.name)
      names.push_back({What::routine, change.id.path, "gives another result", true, change.id, {}});
    if (change.id.is(kEnum.tag) && item.attribute == keys::kValues.name) {
      for (const std::string& value : missing(from.get(keys::kValues), to.get(keys::kValues)))
        names.push_back({What::value, part_of(change.id, value), "goes", false, change.id, {}});
    }
  }
  return names;
}

}  // namespace

std::vector<GoneName> gone_by_rename(const ObjectId& from, const ObjectId& to) {
  const auto what = what_of(from);
  if (!what) return {};
  return {{*what, from.path, "is renamed to " + new_name(from, to), false, to, {}}};
}

std::vector<GoneName> gone_by_change(const Change& change, const Object* from, const Object* to) {
  const auto what = what_of(change.id);
  if (!what || change.what == Change::What::added) return {};
  if (change.what == Change::What::removed) return {{*what, change.id.path, "goes", false, change.id, {}}};
  return from != nullptr && to != nullptr ? of_set(change, *from, *to) : std::vector<GoneName>{};
}

namespace {

// Parses `search_path TO 'app', 'pg_temp'` → app, pg_temp.
std::vector<std::string> search_path_of(const Object& object) {
  constexpr std::string_view kSetting = "search_path";
  std::vector<std::string> path;
  for (const std::string& setting : object.get(routine::kConfiguration)) {
    if (!setting.starts_with(kSetting)) continue;
    std::string name;
    char quote = 0;
    std::size_t at = setting.find_first_of("=\'\"", kSetting.size());
    if (const std::size_t to = setting.find(" TO "); to != std::string::npos) at = to + 4;
    for (; at < setting.size(); ++at) {
      const char c = setting[at];
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          name += c;
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == ',') {
        path.push_back(std::exchange(name, {}));
      } else if (c != ' ' && c != '=') {
        name += c;
      }
    }
    if (!name.empty()) path.push_back(name);
  }
  return path;
}

}  // namespace

std::optional<RoutineText> routine_text(const Object& object) {
  if (!object.id.is(kFunction.tag) && !object.id.is(kProcedure.tag)) return std::nullopt;
  RoutineText text;
  text.language = object.get(keys::kLanguage);
  if (!object.has(keys::kBody) || object.has(routine::kObjectFile)) return std::nullopt;
  if (text.language == "c" || text.language == "internal") return std::nullopt;
  text.arguments = object.get(keys::kArguments);
  text.result = object.get(keys::kResult);
  text.body = object.get(keys::kBody);
  text.search_path = search_path_of(object);
  return text;
}

bool replaces_body(const catalog::Change& change) {
  if (change.what != catalog::Change::What::set || !(change.id.is(kFunction.tag) || change.id.is(kProcedure.tag))) return false;
  return std::all_of(change.attributes.begin(), change.attributes.end(),
                     [](const auto& item) { return item.attribute == keys::kBody.name; });
}

std::pair<int, int> argument_counts(const Object& object) {
  int least = 0, most = 0;
  bool any = false;
  for (const Argument& argument : split_arguments(object.get(keys::kArguments))) {
    const std::string& text = argument.text;
    if (text.empty() || text.starts_with("OUT ")) continue;
    ++most;
    if (text.starts_with("VARIADIC ")) {
      any = true;
    } else if (!argument.has_default) {
      ++least;
    }
  }
  return {least, any ? -1 : most};
}

bool is_trigger(const ObjectId& id) {
  return id.is(kTrigger.tag) || id.is(kEventTrigger.tag);
}

}  // namespace lockstep::kinds
