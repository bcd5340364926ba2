#include "executor/expectation.h"

#include <algorithm>
#include <set>

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
};

Touch touch_of(const plan::Step& step, const std::string& relation, const Lines& now) {
  Touch touch;
  touch.whole = step.rewrites;
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
  if (touch.whole || added.part == "itself") return true;
  if (touch.parts.empty()) return false;
  if (added.part == "child") return true;
  const bool named = std::any_of(added.columns.begin(), added.columns.end(),
                                 [&](const std::string& column) { return touch.parts.contains(column); });
  return named || (added.columns.empty() && touch.alters);
}

// `shape`: the expected lines, sorted.
void compare(const plan::Step& step, const std::string& relation, const std::vector<std::string>& shape, const Lines& now,
             std::set<std::string>& moved) {
  const Touch touch = touch_of(step, relation, now);
  std::vector<std::string> texts;
  for (const ShapeLine& line : now) {
    texts.push_back(line.text);
    if (!contains(shape, line.text) && matters(line, touch)) moved.insert(relation + ": " + line.text + " is new");
  }
  for (const std::string& text : shape)
    if (!contains(texts, text)) moved.insert(relation + ": " + text + " is gone");
}

bool touches(const plan::Step& step, const std::string& relation) {
  const auto locks = [&](const plan::RelationLock& lock) { return lock.relation == relation; };
  const auto names = [&](const catalog::ObjectId& id) {
    return id.path.size() > 1 && support::qualified(id.path[0], id.path[1]) == relation;
  };
  return std::any_of(step.locks.begin(), step.locks.end(), locks) ||
         std::any_of(step.produces.begin(), step.produces.end(), names) ||
         std::any_of(step.destroys.begin(), step.destroys.end(), names);
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

std::vector<std::string> moved_since(postgres::Session& session, const plan::Step& step) {
  std::vector<std::string> relations;
  for (const plan::Expectation& expected : step.expects) relations.push_back(expected.relation);
  auto lines = relation_lines(session, relations);
  std::set<std::string> moved;
  for (const plan::Expectation& expected : step.expects)
    compare(step, expected.relation, expected.shape, lines[expected.relation], moved);
  return as_list(moved);
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
  std::set<std::string> moved;
  std::vector<const plan::Step*> before;
  for (const plan::Step& step : plan.steps) {
    const auto state = states.find(step.id);
    if (state != states.end() && state->second.done) continue;
    plan::Step rest = step;
    // The step may be partly done: it finds that out itself.
    if (state != states.end() && (state->second.intent || !state->second.cursors.empty())) rest.expects.clear();
    std::erase_if(rest.expects, [&](const plan::Expectation& expected) {
      return std::any_of(before.begin(), before.end(),
                         [&](const plan::Step* earlier) { return touches(*earlier, expected.relation); });
    });
    before.push_back(&step);
    if (rest.expects.empty()) continue;
    ReadOnly transaction(session);
    for (std::string& line : moved_since(session, rest)) moved.insert(std::move(line));
    transaction.end();
  }
  return as_list(moved);
}

}  // namespace lockstep::executor
