#include "executor/expectation.h"

#include <algorithm>
#include <set>

#include "plan/undo.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using Lines = std::vector<ShapeLine>;

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The effects of a step on one relation.
struct Touch {
  bool whole = false;           // destroys, recreates or rewrites it
  std::set<std::string> parts;  // names of the parts that it creates, alters or destroys
  bool alters = false;          // an existing part
  bool fires = false;           // what is evaluated as rows are written
};

Touch touch_of(const plan::Step& step, const std::string& relation, const Lines& now) {
  Touch touch;
  touch.whole = step.rewrites;
  touch.fires = step.mode == plan::TransactionMode::batches;
  for (const auto* ids : {&step.produces, &step.destroys}) {
    for (const catalog::ObjectId& id : *ids) {
      if (id.path.size() < 2 || support::qualified(id.path[0], id.path[1]) != relation) continue;
      if (id.path.size() == 2) touch.whole = touch.whole || ids == &step.destroys;
      if (id.path.size() > 2) touch.parts.insert(id.path[2]);
    }
  }
  for (const ShapeLine& line : now) {
    if (line.part == "itself" && line.text != kIsTable) touch.whole = true;  // a view is recreated as a whole
    if (line.part == "member" && touch.parts.contains(line.columns.front())) touch.alters = true;
  }
  return touch;
}

bool matters(const ShapeLine& added, const Touch& touch) {
  if (added.part == "code") return touch.fires;
  if (touch.whole || added.part == "itself") return true;
  const auto begins = [&](std::string_view word) { return added.text.starts_with(word); };
  if (touch.fires && (begins("trigger ") || begins("constraint ") || begins("policy "))) return true;
  if (touch.parts.empty()) return false;
  if (added.part == "child") return true;
  const bool named = std::any_of(added.columns.begin(), added.columns.end(),
                                 [&](const std::string& column) { return touch.parts.contains(column); });
  return named || (added.columns.empty() && touch.alters);
}

bool is_code(std::string_view line) {
  return std::any_of(std::begin(kCodeLines), std::end(kCodeLines), [&](std::string_view word) { return line.starts_with(word); });
}

// `shape`: the expected lines, sorted.
void compare(const plan::Step& step, const std::string& relation, const std::vector<std::string>& shape, const Lines& now,
             std::set<std::string>& moved) {
  const Touch touch = touch_of(step, relation, now);
  std::vector<std::string> texts;
  for (const ShapeLine& line : now) {
    texts.push_back(line.text);
    if (contains(shape, line.text) || !matters(line, touch)) continue;
    const std::string_view head = without_digest(line.text);
    const bool was = head != line.text && std::any_of(shape.begin(), shape.end(),
                                                      [&](const std::string& text) { return without_digest(text) == head; });
    moved.insert(relation + ": " + std::string(head) + (was ? " has changed" : " is new"));
  }
  for (const std::string& text : shape) {
    if (touch.fires && text.starts_with("child ")) continue;  // the batches find what rows there are
    if (is_code(text)) continue;                              // what no longer runs does no harm
    if (!contains(texts, text)) moved.insert(relation + ": " + text + " is gone");
  }
}

bool of_relation(const catalog::ObjectId& id, const std::string& relation) {
  return id.path.size() > 1 && support::qualified(id.path[0], id.path[1]) == relation;
}

// How an unfinished step leaves the shape of a relation.
enum class Effect { none, helpers, unknown };

Effect effect_of(const plan::Step& step, const std::string& relation) {
  const auto its = [&](const catalog::ObjectId& id) {
    const bool schema = step.renames && id.path.size() == 1;  // everything in it gets another name
    return schema ? relation.starts_with(support::quote_identifier(id.path[0]) + ".") : of_relation(id, relation);
  };
  if (std::any_of(step.produces.begin(), step.produces.end(), its) ||
      std::any_of(step.destroys.begin(), step.destroys.end(), its))
    return Effect::unknown;
  const bool may = std::any_of(step.locks.begin(), step.locks.end(), [&](const plan::RelationLock& lock) {
    return lock.relation == relation && lock.mode >= plan::LockMode::share_update_exclusive;  // weaker ones alter nothing
  });
  if (!may) return Effect::none;
  const bool only_helpers = step.produces.empty() && step.destroys.empty() && !step.helpers.empty();
  return only_helpers ? Effect::helpers : Effect::unknown;
}

// Names, as they are printed, of what unfinished steps make, alter or drop: relations and types, and "old." for all that is in a
// schema that they rename. Shapes of other relations speak of these.
using Altered = std::set<std::string>;

void add_altered(const plan::Step& step, Altered& altered) {
  for (const auto* ids : {&step.produces, &step.destroys}) {
    for (const catalog::ObjectId& id : *ids) {
      if (id.path.size() > 1) altered.insert(support::qualified(id.path[0], id.path[1]));
      if (id.path.size() == 1 && step.renames) altered.insert(support::quote_identifier(id.path[0]) + ".");
    }
  }
  for (const plan::RelationLock& lock : step.locks)
    if (lock.mode >= plan::LockMode::share_update_exclusive) altered.insert(lock.relation);
}

// Whether it names the object, or one of the schema. PostgreSQL doesn't quote every name that Lockstep does.
bool names_whole(const std::string& line, const std::string& name) {
  constexpr std::string_view kMayFollow = " [(";  // "reads it", an array, a type's modifier
  for (std::size_t at = line.find(" " + name); at != std::string::npos; at = line.find(" " + name, at + 1)) {
    const std::size_t end = at + 1 + name.size();
    if (name.ends_with('.') || end == line.size() || kMayFollow.find(line[end]) != std::string_view::npos) return true;
  }
  return false;
}

std::string without_quotes(std::string text) {
  std::erase(text, '"');
  return text;
}

// Whether the line of a relation's shape speaks of another relation, or of a type, that the steps alter: it says then what is
// true once they have run.
bool speaks_of(const std::string& line, const Altered& altered) {
  constexpr std::string_view kOfOthers[] = {"foreign key ", "child ", "view ", "column ", "check "};
  if (std::none_of(std::begin(kOfOthers), std::end(kOfOthers), [&](std::string_view part) { return line.starts_with(part); }))
    return false;
  const std::string plain = without_quotes(line);
  return std::any_of(altered.begin(), altered.end(),
                     [&](const std::string& name) { return names_whole(plain, without_quotes(name)); });
}

// What a relation must be now, by the first unfinished step that expects something of it.
struct Known {
  const std::vector<std::string>* shape = nullptr;  // null: not known, an unfinished step before that one alters it
  std::set<std::string> apart;  // names of transitional objects that unfinished steps before that one make or take away
  Altered altered = {};         // by unfinished steps before that one
};

// Whether the line of a shape is about one of the names.
bool about(const std::string& line, const std::set<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return line.find(" " + name) != std::string::npos; });
}

void compare(const plan::Step& step, const std::string& relation, const Known& known, Lines now, std::set<std::string>& moved) {
  std::vector<std::string> shape = *known.shape;
  const auto is_apart = [&](const std::string& line) { return about(line, known.apart) || speaks_of(line, known.altered); };
  std::erase_if(shape, is_apart);
  std::erase_if(now, [&](const ShapeLine& line) { return is_apart(line.text); });
  compare(step, relation, shape, now, moved);
}

void add_triggers(const plan::Step& step, plan::Helper::Change change, std::set<std::string>& names) {
  for (const plan::Helper& helper : step.helpers)
    if (helper.change == change && plan::is_trigger(helper)) names.insert(helper.names.back());
}

// Another run's, which the copy didn't have: those of a held run, when it is undone. Each step meets them until one takes them
// away.
std::set<std::string> triggers_of_others(const plan::Plan& plan) {
  std::set<std::string> made, taken;
  for (const plan::Step& step : plan.steps) {
    add_triggers(step, plan::Helper::Change::made, made);
    add_triggers(step, plan::Helper::Change::taken, taken);
  }
  std::erase_if(taken, [&](const std::string& name) { return made.contains(name); });
  return taken;
}

class ReadOnly {
 public:
  explicit ReadOnly(postgres::Session& session) : transaction_(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
    session.execute("SET LOCAL statement_timeout = 0");
  }
  void end() { transaction_.commit(); }

 private:
  postgres::Transaction transaction_;
};

std::vector<std::string> as_list(const std::set<std::string>& lines) {
  return {lines.begin(), lines.end()};
}

}  // namespace

std::vector<std::string> moved_since(postgres::Session& session, const plan::Plan& plan, const plan::Step& step) {
  std::vector<std::string> relations;
  for (const plan::Expectation& expected : step.expects) relations.push_back(expected.relation);
  auto lines = relation_lines(session, relations);
  std::set<std::string> moved;
  std::set<std::string> apart = triggers_of_others(plan);
  add_triggers(step, plan::Helper::Change::taken, apart);
  for (const plan::Expectation& expected : step.expects)
    compare(step, expected.relation, {&expected.shape, apart}, lines[expected.relation], moved);
  return as_list(moved);
}

std::vector<std::string> code_beside(postgres::Session& session, const plan::Step& step,
                                     const std::vector<std::string>& relations) {
  std::set<std::string> known;
  std::vector<std::string> others;
  for (const plan::Expectation& expected : step.expects) known.insert(expected.shape.begin(), expected.shape.end());
  for (const std::string& relation : relations) {
    const bool expected = std::any_of(step.expects.begin(), step.expects.end(),
                                      [&](const plan::Expectation& one) { return one.relation == relation; });
    if (!expected && !step.expects.empty()) others.push_back(relation);
  }
  const std::string table = support::qualified(step.batches.schema, step.batches.table);
  std::set<std::string> found;
  for (const auto& [relation, lines] : relation_lines(session, others)) {
    for (const ShapeLine& line : lines) {
      const bool runs = line.part == "code" || line.text.starts_with("policy ");
      if (runs && !known.contains(line.text) && without_digest(line.text) != "partition of " + table)
        found.insert(relation + " is new, with " + std::string(without_digest(line.text)));
    }
  }
  return as_list(found);
}

std::vector<std::string> moved_before(postgres::Session& session, const plan::Plan& plan) {
  if (plan.before.empty()) return {};
  ReadOnly transaction(session);
  std::vector<std::string> relations;
  for (const plan::Expectation& was : plan.before) relations.push_back(was.relation);
  auto lines = relation_lines(session, relations);
  transaction.end();
  std::set<std::string> moved;
  for (const plan::Expectation& was : plan.before) {
    for (const plan::Step& step : plan.steps) {
      const bool expects = std::any_of(step.expects.begin(), step.expects.end(),
                                       [&](const plan::Expectation& one) { return one.relation == was.relation; });
      if (expects) compare(step, was.relation, was.shape, lines[was.relation], moved);
    }
  }
  return as_list(moved);
}

std::vector<std::string> moved_of_rest(postgres::Session& session, const plan::Plan& plan,
                                       const std::map<std::string, StepState>& states) {
  const auto state_of = [&](const plan::Step& step) {
    const auto found = states.find(step.id);
    return found == states.end() ? StepState{} : found->second;
  };
  std::vector<const plan::Step*> rest;
  std::set<std::string> relations;
  for (const plan::Step& step : plan.steps) {
    if (state_of(step).done) continue;
    rest.push_back(&step);
    for (const plan::Expectation& expected : step.expects) relations.insert(expected.relation);
  }
  if (relations.empty()) return {};
  ReadOnly transaction(session);
  auto lines = relation_lines(session, as_list(relations));
  transaction.end();
  std::set<std::string> moved;
  std::map<std::string, Known> known;
  std::map<std::string, std::set<std::string>> helpers;  // of the unfinished steps so far, by relation
  Altered altered;
  const std::set<std::string> of_others = triggers_of_others(plan);
  for (const plan::Step* step : rest) {
    const StepState state = state_of(*step);
    const bool begun = state.intent || !state.cursors.empty();  // it may be partly done, and finds that out itself
    for (const plan::Expectation& expected : step->expects) {
      const auto [entry, first] =
          known.try_emplace(expected.relation, Known{begun ? nullptr : &expected.shape, helpers[expected.relation], altered});
      if (first) entry->second.apart.insert(of_others.begin(), of_others.end());
      add_triggers(*step, plan::Helper::Change::taken, entry->second.apart);
      if (!begun && entry->second.shape != nullptr)
        compare(*step, expected.relation, entry->second, lines[expected.relation], moved);
    }
    for (const std::string& relation : relations) {
      const Effect effect = effect_of(*step, relation);
      if (effect == Effect::unknown) known.try_emplace(relation);
      if (effect == Effect::helpers)
        for (const plan::Helper& helper : step->helpers)
          for (const auto* names : {&helper.names, &helper.subject})
            if (!names->empty()) helpers[relation].insert(names->back());
    }
    add_altered(*step, altered);
  }
  return as_list(moved);
}

}  // namespace lockstep::executor
