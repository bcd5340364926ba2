#include "reconciler/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "kinds/names/gone_names.h"
#include "kinds/registry.h"
#include "parser/sql_references.h"
#include "reconciler/live_gone_names.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using kinds::GoneName;
using parser::Name;
using parser::Reference;
using What = GoneName::What;

// The names of the live database, looked up as a body would look them up.
class Names {
 public:
  explicit Names(const Catalog& live) {
    for (const Object& object : live.objects()) {
      const auto& path = object.id.path;
      if (path.size() == 2) schemas_[path[1]].insert(path[0]);
      if (path.size() == 3) parts_[{path[0], path[1]}].insert(path[2]);
    }
  }

  struct Found {
    bool same = false, certain = true;
  };
  // Whether the written name refers to {schema, name}. A function without a search_path of its own uses its caller's.
  Found is(const Name& written, const std::string& schema, const std::string& name, const std::vector<std::string>& path) const {
    if (written.size() >= 2) return {written[written.size() - 2] == schema && written.back() == name, true};
    if (written.empty() || written[0] != name) return {};
    const auto found = schemas_.find(name);
    if (path.empty()) return {true, found == schemas_.end() || found->second.size() <= 1};
    if (found == schemas_.end()) return {std::find(path.begin(), path.end(), schema) != path.end(), true};
    for (const std::string& looked : path) {
      if (found->second.contains(looked)) return {looked == schema, true};
    }
    return {};
  }

  bool has_column(const Name& written, const std::string& column, const std::vector<std::string>& path) const {
    return std::any_of(parts_.begin(), parts_.end(), [&](const auto& entry) {
      return entry.second.contains(column) && is(written, entry.first.first, entry.first.second, path).same;
    });
  }

 private:
  std::map<std::string, std::set<std::string>> schemas_;  // maps the name of a relation or type to its schemas
  std::map<std::pair<std::string, std::string>, std::set<std::string>> parts_;  // columns and attributes
};

struct Routine {
  const Object* object = nullptr;
  kinds::RoutineText text;
  parser::BodyReferences read;
  std::vector<catalog::Path> trigger_tables;  // tables whose triggers call it
};

struct Verdict {
  std::set<int> lines;
  bool certain = false;   // at least one line is certain
  bool by_words = false;  // only the occurrence of the word is known

  void add(int line, bool sure) {
    lines.insert(line);
    certain = certain || sure;
  }
};

class Judge {
 public:
  Judge(const Routine& routine, const GoneName& gone, const Names& names, const Catalog& live)
      : routine_(routine), gone_(gone), names_(names), live_(live) {}

  Verdict run() {
    if (!routine_.read.parsed) {
      by_words();
      return std::move(verdict_);
    }
    for (const Reference& reference : routine_.read.references) look_at(reference);
    return std::move(verdict_);
  }

 private:
  const std::string& schema() const { return gone_.path[0]; }
  const std::string& relation() const { return gone_.path[1]; }
  Names::Found is_it(const Name& written) const {
    const auto& path = routine_.text.search_path;
    const Names::Found found = names_.is(written, schema(), relation(), path);
    const auto& now = gone_.renamed_whole;
    return found.same || now.empty() ? found : names_.is(written, now[0], now[1], path);
  }
  bool word(const std::string& text, const std::string& name) const { return !parser::lines_with_word(text, name).empty(); }
  bool mentions_relation(const std::string& text) const {
    return word(text, relation()) || (!gone_.renamed_whole.empty() && word(text, gone_.renamed_whole[1]));
  }

  bool of_its_trigger() const {
    return std::any_of(routine_.trigger_tables.begin(), routine_.trigger_tables.end(),
                       [&](const auto& table) { return table[0] == schema() && table[1] == relation(); });
  }

  bool refers_to_relation() const { return of_its_trigger() || mentions_relation(routine_.text.body) || takes_its_rows(); }

  // Whether an argument or the result is a row of it.
  bool takes_its_rows() const {
    const auto index = live_.index_of(routine_.object->id);
    const auto& edges = live_.edges_from(*index);
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const auto& path = live_.at(edge.referenced).id.path;
      return path.size() == 2 && path[0] == schema() && path[1] == relation();
    });
  }

  void by_words() {
    verdict_.by_words = true;
    if (gone_.what == What::column && !refers_to_relation()) return;
    if (gone_.what == What::value && !mentions_relation(routine_.text.body)) return;
    const std::string& name = gone_.what == What::column || gone_.what == What::value ? gone_.path[2]
                              : gone_.what == What::schema                            ? gone_.path[0]
                                                                                      : gone_.path[1];
    for (const int line : parser::lines_with_word(routine_.text.body, name)) verdict_.add(line, false);
  }

  void look_at(const Reference& reference) {
    if (reference.what == Reference::What::dynamic) return in_a_string(reference);
    switch (gone_.what) {
      case What::schema:
        return of_schema(reference);
      case What::relation:
        return of_relation(reference);
      case What::column:
        return of_column(reference);
      case What::routine:
        return of_routine(reference);
      case What::type:
        return of_type(reference);
      case What::value:
        return of_value(reference);
    }
  }

  void in_a_string(const Reference& reference) {
    const std::string& text = reference.name.front();
    bool found = false;
    switch (gone_.what) {
      case What::schema:
        found = word(text, schema());
        break;
      case What::column:
        found = word(text, gone_.path[2]) && refers_to_relation();
        break;
      case What::value:
        found = text.find("'" + gone_.path[2] + "'") != std::string::npos;
        break;
      default:
        found = word(text, relation());
    }
    if (found) verdict_.add(reference.line, false);
  }

  void of_schema(const Reference& reference) {
    std::vector<Name> all = reference.of;
    all.push_back(reference.name);
    const bool any =
        std::any_of(all.begin(), all.end(), [&](const Name& name) { return name.size() >= 2 && name[0] == schema(); });
    if (any) verdict_.add(reference.line, true);
  }

  void of_relation(const Reference& reference) {
    if (reference.what == Reference::What::literal) {  // 'app.t'::regclass, nextval('s')
      const std::string& text = reference.name.front();
      if (text == schema() + "." + relation() || text == support::qualified(schema(), relation()))
        verdict_.add(reference.line, false);
      return;
    }
    if (reference.what == Reference::What::relation || reference.what == Reference::What::type)
      add(is_it(reference.name), reference);
    if (reference.what == Reference::What::column && reference.through.empty()) {
      for (const Name& name : reference.of) {
        if (name.size() >= 2) add(is_it(name), reference);
      }
    }
  }

  void add(const Names::Found& found, const Reference& reference) {
    if (found.same) verdict_.add(reference.line, found.certain && reference.certain);
  }

  // The name stays and only its type changes, so only code that assumes the old type fails.
  bool sure(bool certain) const { return certain && !gone_.retyped; }

  void of_column(const Reference& reference) {
    const std::string& column = gone_.path[2];
    const bool drops = gone_.becomes == "goes";
    if (reference.what == Reference::What::positions && (drops || gone_.retyped)) {
      for (const Name& name : reference.of) {
        if (is_it(name).same) verdict_.add(reference.line, false);
      }
    }
    const bool shaped = routine_.text.result.starts_with("TABLE(") || routine_.text.result.starts_with("SETOF");
    if (reference.what == Reference::What::star && shaped && (drops || gone_.retyped)) {
      for (const Name& name : reference.of) {
        if (is_it(name).same) verdict_.add(reference.line, false);
      }
    }
    // sku(item) means item.sku if there is no such function.
    const bool as_function = reference.what == Reference::What::routine && reference.name.size() == 1 && reference.arguments == 1;
    if (as_function && reference.name.front() == column && refers_to_relation()) return verdict_.add(reference.line, false);
    if (reference.what != Reference::What::column || reference.name.front() != column) return;
    if (!reference.through.empty()) return of_field(reference);
    if (reference.of.empty()) {
      if (refers_to_relation()) verdict_.add(reference.line, false);
      return;
    }
    for (const Name& name : reference.of) {
      const Names::Found found = is_it(name);
      if (found.same) return verdict_.add(reference.line, sure(found.certain && reference.certain));
      if (names_.has_column(name, column, routine_.text.search_path)) return;
    }
  }

  void of_field(const Reference& reference) {
    if (reference.through == "new" || reference.through == "old") {
      if (of_its_trigger()) verdict_.add(reference.line, sure(true));
      return;
    }
    if (const auto row = routine_.read.rows.find(reference.through); row != routine_.read.rows.end()) {
      const Names::Found found = is_it(row->second);
      if (found.same) verdict_.add(reference.line, sure(found.certain));
      return;
    }
    if (const auto record = routine_.read.filled.find(reference.through); record != routine_.read.filled.end()) {
      const bool any =
          std::any_of(record->second.begin(), record->second.end(), [&](const Name& name) { return is_it(name).same; });
      if (any) verdict_.add(reference.line, false);
      return;
    }
    if (!routine_.read.variables.contains(reference.through)) {  // a relation referred to by its own name instead of an alias
      if (mentions_relation(reference.through) || takes_its_rows()) verdict_.add(reference.line, false);
    } else if (takes_its_rows() || (refers_to_relation() && mentions_relation(routine_.text.arguments))) {
      verdict_.add(reference.line, false);
    }
  }

  void of_routine(const Reference& reference) {
    if (reference.what != Reference::What::routine) return;
    const Names::Found found = is_it(reference.name);
    if (!found.same) return;
    const Object* gone = live_.find(ObjectId{gone_.id.kind, gone_.path});
    bool others = false;
    for (const Object& object : live_.objects()) {
      const auto& path = object.id.path;
      others = others || (path.size() == 3 && path[0] == schema() && path[1] == relation() && path != gone_.path);
    }
    if (gone != nullptr) {
      const auto [least, most] = kinds::argument_counts(*gone);
      if (reference.arguments >= 0 && (reference.arguments < least || (most >= 0 && reference.arguments > most))) return;
    }
    verdict_.add(reference.line, sure(found.certain && !others));
  }

  void of_type(const Reference& reference) {
    if (reference.what != Reference::What::type && reference.what != Reference::What::relation) return;
    add(is_it(reference.name), reference);
  }

  void of_value(const Reference& reference) {
    if (reference.what != Reference::What::literal || reference.name.front() != gone_.path[2]) return;
    if (mentions_relation(routine_.text.body) || mentions_relation(routine_.text.arguments) || uses_column_of_it()) {
      verdict_.add(reference.line, false);
    }
  }

  // Whether the body refers to a relation with a column of the enum.
  bool uses_column_of_it() const {
    const auto index = live_.index_of(ObjectId{gone_.id.kind, {schema(), relation()}});
    if (!index) return false;
    const auto& edges = live_.edges_to(*index);
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const auto& path = live_.at(edge.dependent).id.path;
      if (path.size() != 3) return false;
      const bool its_trigger = std::any_of(routine_.trigger_tables.begin(), routine_.trigger_tables.end(),
                                           [&](const auto& table) { return table[0] == path[0] && table[1] == path[1]; });
      return its_trigger || word(routine_.text.body, path[1]);
    });
  }

  const Routine& routine_;
  const GoneName& gone_;
  const Names& names_;
  const Catalog& live_;
  Verdict verdict_;
};

std::string words_for(const GoneName& gone) {
  const auto joined = [&](std::size_t count) {
    return support::join({gone.path.begin(), gone.path.begin() + static_cast<std::ptrdiff_t>(count)}, ".");
  };
  switch (gone.what) {
    case What::schema:
      return "schema " + gone.path[0];
    case What::column:
      return "column " + gone.path[2] + " of " + joined(2);
    case What::value:
      return "value " + support::quote_literal(gone.path[2]) + " of " + joined(2);
    default:
      return joined(std::min<std::size_t>(2, gone.path.size()));
  }
}

std::string described(const Object& routine) {
  const auto& kind = kinds::of(routine.id);
  return std::string(kind.tag.name) + " " + kind.address(routine.id);
}

std::string lines_text(const std::set<int>& lines) {
  constexpr std::size_t kMost = 10;
  std::string text = lines.size() == 1 ? "line " : "lines ";
  std::size_t shown = 0;
  for (const int line : lines) {
    if (shown == kMost) return text + fmt::format(" and {} more", lines.size() - kMost);
    text += (shown++ > 0 ? ", " : "") + std::to_string(line);
  }
  return text;
}

// The step that removes the name.
plan::Step* step_of(plan::Plan& plan, const GoneName& gone) {
  const auto holds = [&](const std::vector<ObjectId>& ids) { return std::find(ids.begin(), ids.end(), gone.id) != ids.end(); };
  for (plan::Step& step : plan.steps) {
    if (holds(step.destroys)) return &step;
  }
  for (plan::Step& step : plan.steps) {
    if (holds(step.produces)) return &step;
  }
  return plan.steps.empty() ? nullptr : &plan.steps.back();
}

void add_trigger_tables(Routine& routine, const Catalog& catalog, const ObjectId& id) {
  for (const auto& edge : catalog.edges_to(*catalog.index_of(id))) {
    const Object& dependent = catalog.at(edge.dependent);
    if (kinds::is_trigger(dependent.id) && dependent.parent) routine.trigger_tables.push_back(dependent.parent->path);
  }
}

}  // namespace

void name_broken_bodies(plan::Plan& plan, const Catalog& live, const Catalog& desired,
                        const std::vector<catalog::Change>& changes, const std::vector<planner::Rename>& renames) {
  const std::vector<GoneName> gone = gone_names(live, desired, changes, renames);
  if (gone.empty()) return;
  std::set<ObjectId> removed;
  for (const auto& change : changes) {
    if (change.what == catalog::Change::What::removed) removed.insert(change.id);
  }
  const Names names(live);
  for (catalog::Index i = 0; i < live.objects().size(); ++i) {
    const Object& old = live.at(i);
    if (!kinds::routine_text(old) || removed.contains(old.id)) continue;
    const Object* later = desired.find(old.id);
    const auto text = kinds::routine_text(later == nullptr ? old : *later);
    if (!text) continue;
    Routine routine{&old, *text, parser::references_of({text->language, text->arguments, text->result, text->body}), {}};
    add_trigger_tables(routine, live, old.id);
    if (later != nullptr) add_trigger_tables(routine, desired, later->id);  // triggers that the plan creates
    for (const GoneName& name : gone) {
      const Verdict verdict = Judge(routine, name, names, live).run();
      plan::Step* step = verdict.lines.empty() ? nullptr : step_of(plan, name);
      if (step == nullptr) continue;
      step->consequences.push_back({"breaking", old.id.path[0] + "." + old.id.path[1],
                                    fmt::format("{}, {} of its body, {} fail: {} {}{}", described(old), lines_text(verdict.lines),
                                                verdict.certain ? "will" : "may", words_for(name), name.becomes,
                                                verdict.by_words ? " (a search for the word; the body was not parsed)" : "")});
    }
  }
}

}  // namespace lockstep::reconciler
