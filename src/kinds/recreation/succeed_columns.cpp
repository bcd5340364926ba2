#include "kinds/recreation/succeed_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/back_mirror.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/column_exchange.h"
#include "kinds/recreation/column_successions.h"
#include "kinds/recreation/former_column.h"
#include "kinds/recreation/mirror.h"
#include "kinds/registry.h"
#include "recipes/change_column.h"
#include "recipes/column_succession.h"
#include "recipes/conversion.h"
#include "recipes/fired.h"
#include "recipes/identity.h"
#include "recipes/not_null.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/successor.h"
#include "recipes/transitional.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using plan::LockMode;
using plan::Phase;
using recipes::relation_name;
using recipes::relation_of;
using recipes::Succession;
using support::qualified;
using support::quote_identifier;

const Succession* succession_of(const ObjectId& column, const Context& context) {
  if (context.successions == nullptr) return nullptr;
  for (const Succession& one : context.successions->all) {
    for (const auto& member : one.columns) {
      if (member.id == column) return &one;
    }
  }
  return nullptr;
}

// Whether the plan leaves alone what is to be built a second time.
bool stands(const Succession& succession, const Context& context) {
  return std::none_of(succession.dependents.begin(), succession.dependents.end(),
                      [&](const auto& dependent) { return context.is_new(dependent.id); }) &&
         std::none_of(succession.columns.begin(), succession.columns.end(),
                      [&](const auto& column) { return context.is_new(column.id); });
}

bool is_held(const ObjectId& column, const Context& context) {
  return context.held && context.held(column);
}

class Swap {
 public:
  Swap(const Succession& succession, const Context& context)
      : succession_(succession), context_(context), renamed_(context.successions->renamed) {
    for (const auto& column : succession.columns) tables_[relation_of(column.id)].push_back(&column);
    for (auto& [table, columns] : tables_) {  // among themselves they keep their order
      std::sort(columns.begin(), columns.end(),
                [&](const auto* a, const auto* b) { return position(before(*a)) < position(before(*b)); });
    }
  }

  Steps run() {
    if (!succession_.stands) {
      for (const auto& [table, columns] : tables_) begin(table, columns);
      for (const auto& [table, columns] : tables_) copy(table, columns);
    }
    for (const auto& [table, columns] : tables_) require_values(table, columns);
    for (const auto& dependent : succession_.dependents) {
      if (!is_late(dependent.id)) build(dependent, Phase::migrate);
    }
    for (const auto& [table, columns] : tables_) analyze(table, columns);
    for (const auto& dependent : succession_.dependents) {
      if (is_late(dependent.id)) build(dependent, Phase::contract);
    }
    for (Step& step : steps_) step.prepares = true;
    steps_.push_back(swap());
    return std::move(steps_);
  }

  // The old column, which has gone, once more: what makes the succession stand again.
  Steps restand(const Succession::Column& column) {
    const Columns columns{&column};
    begin(relation_of(column.id), columns);
    copy(relation_of(column.id), columns);
    for (Step& step : steps_) step.phase = Phase::contract;
    return std::move(steps_);
  }

 private:
  using Columns = Mirror::Columns;

  const Object& before(const Succession::Column& column) const { return *context_.from.find(column.id); }
  const Object& after(const Succession::Column& column) const { return *context_.to.find(column.id); }
  static std::string alter(const ObjectId& part) { return "ALTER TABLE " + relation_name(part) + " "; }
  static std::string names(const Columns& columns) {
    List names;
    for (const auto* column : columns) names.push_back(column->id.path[2]);
    return support::identifier_list(names);
  }
  // What the column is to be, without what only the declared one has: its value always comes from the old column.
  Object successor_of(const Succession::Column& column) const {
    Object object = after(column);
    object.id.path[2] = column.successor;
    for (const auto& attribute : {keys::kNotNull.name, keys::kIdentity.name, keys::kIdentityOptions.name})
      object.set(attribute, {});
    for (const auto& attribute : {keys::kStatistics.name, keys::kOptions.name})  // changes of these come after
      object.set(attribute, before(column).value(attribute));
    return object;
  }

  void begin(const ObjectId& table, const Columns& columns) {
    Step step;
    std::vector<std::string> actions, settings;
    const Mirror mirror(table, columns, context_);
    for (const auto* column : columns) {
      const Object successor = successor_of(*column);
      actions.push_back("ADD COLUMN " + column_definition(successor));
      for (auto& setting : column_settings(successor)) settings.push_back(std::move(setting));
      step.helpers.push_back(recipes::column_helper("successor column", column->id, column->successor));
      will_convert(*column, step);
    }
    step.title = fmt::format("add successors to {} of {}, and keep them equal in rows written from now on (transitional trigger)",
                             names(columns), catalog::to_string(table));
    step.sql = {"ALTER TABLE " + qualified(table.path) + " " + support::join(actions, ", ")};
    if (!settings.empty()) step.sql.push_back("ALTER TABLE " + qualified(table.path) + " " + support::join(settings, ", "));
    mirror.create(step);
    step.converts = mirror.converts();  // the trigger keeps the settings that the batches have
    step.lock = LockMode::access_exclusive;
    step.locks = {{qualified(table.path), LockMode::access_exclusive}};
    for (const auto* column : columns) {
      for (auto& check : recipes::conversion_tried(before(*column), after(*column), context_))
        step.checks.push_back(std::move(check));
    }
    for (const plan::Helper& taken : recipes::taken(step)) ends_.push_back(taken);
    steps_.push_back(std::move(step));
  }

  void will_convert(const Succession::Column& column, Step& step) const {
    if (!column.converts) return;
    const std::string name = catalog::to_string(column.id);
    for (const auto& edge : context_.to.edges_from(*context_.to.index_of(column.id))) {
      if (const ObjectId& id = context_.to.at(edge.referenced).id; context_.is_new(id)) step.consumes.push_back(id);
    }
    step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                                 "from here on a row is refused as it is written if its value in " + name +
                                     " can't be converted to " + after(column).get(keys::kType) +
                                     (after(column).get(keys::kNotNull) ? ", or gets none" : "") +
                                     "; the conversion runs with the rights of who writes"});
  }

  void copy(const ObjectId& table, const Columns& columns) {
    Step step;
    step.title = fmt::format("copy {} of {} to the successors in batches", names(columns), catalog::to_string(table));
    step.mode = plan::TransactionMode::batches;
    step.phase = Phase::migrate;
    step.lock = LockMode::row_exclusive;
    step.scans = true;
    step.locks = {{qualified(table.path), step.lock}};
    step.bytes = context_.bytes(table);
    const Mirror mirror(table, columns, context_);
    step.batches = {table.path[0], table.path[1], mirror.assignments(), mirror.differ()};
    for (const auto* column : columns) {  // PostgreSQL doesn't say which row of a batch failed
      auto checks = recipes::conversion_tried_again(before(*column), after(*column), context_);
      if (column->converts && !checks.empty()) step.checks.push_back(std::move(checks.front()));
    }
    if (auto fired = recipes::fired_by_update(table, columns.front()->successor, {}, context_))
      step.consequences.push_back(std::move(*fired));
    steps_.push_back(std::move(step));
  }

  void require_values(const ObjectId& table, const Columns& columns) {
    for (const auto* column : columns) {
      if (!before(*column).get(keys::kNotNull)) continue;
      Object successor = after(*column);
      successor.id.path[2] = column->successor;
      for (Step& required :
           recipes::set_not_null(successor, false, context_, ColumnExchange(context_).name_of_not_null(*column))) {
        required.produces.clear();
        required.checks.clear();
        required.alters.clear();
        required.locks = {{qualified(table.path), required.lock}};
        steps_.push_back(std::move(required));
      }
    }
  }

  // Of a key only the index is built: a table has one primary key.
  void build(const Succession::Dependent& dependent, Phase phase) {
    Steps steps = built_beside(dependent.id, dependent.successor, renamed_, context_);
    for (Step& step : steps) {
      step.phase = std::max(step.phase, phase);
      warn_of_upserts(dependent.id, step, context_);
    }
    if (is_key(dependent.id)) {
      swaps_keys_.insert(swaps_keys_.end(), steps.back().sql.begin(), steps.back().sql.end());
      steps.pop_back();
    }
    if (steps.front().helpers.empty())  // a foreign key
      steps.front().helpers.push_back(recipes::constraint_helper("successor", dependent.id, dependent.successor.path.back()));
    for (auto& taken : recipes::taken(steps.front())) ends_.push_back(std::move(taken));
    for (Step& step : steps) steps_.push_back(std::move(step));
  }

  // Two unique indexes over the same values hinder concurrent upserts (built_beside.h): not while the run waits at a gate.
  // Foreign keys lean on them.
  bool is_late(const ObjectId& id) const {
    return is_key(id) || id.is(kForeignKey.tag) || context_.from.find(id)->get(keys::kUnique);
  }

  void analyze(const ObjectId& table, const Columns& columns) {
    List successors;
    for (const auto* column : columns) successors.push_back(column->successor);
    Step step;
    step.title = "collect statistics for the successors of " + catalog::to_string(table);
    step.sql = {"ANALYZE " + qualified(table.path) + " (" + support::identifier_list(successors) + ")"};
    step.phase = Phase::migrate;
    step.lock = LockMode::share_update_exclusive;
    step.locks = {{qualified(table.path), step.lock}};
    steps_.push_back(std::move(step));
  }

  Step swap() {
    Step step;
    const ColumnExchange exchange(context_);
    std::vector<std::string> titles;
    for (const auto& [table, columns] : tables_) {
      warn_of_order(table, columns, step);
      if (succession_.stands) {
        for (const auto* column : columns) {
          const BackMirror back(*column, context_);
          back.drop(step.sql);
          Step made;
          made.helpers = back.helpers();
          for (const auto& taken : recipes::taken(made)) ends_.push_back(taken);
          for (auto& taken : show_former(*column, step.sql)) ends_.push_back(std::move(taken));
          Mirror(table, {column}, context_).drop(step.sql, true);
        }
      } else {
        Mirror(table, columns, context_).drop(step.sql);
      }
    }
    exchange.drop_old(succession_, step.sql);
    step.sql.insert(step.sql.end(), swaps_keys_.begin(), swaps_keys_.end());
    for (const auto& column : succession_.columns) {
      exchange.names(column, step.sql);
      const std::string name = relation_name(column.id) + "." + quote_identifier(column.id.path[2]);
      titles.push_back(name + " from " + before(column).get(keys::kType) + " to " + after(column).get(keys::kType));
      step.produces.push_back(column.id);
    }
    for (const auto& dependent : succession_.dependents) {
      for (auto& statement : renaming(dependent.successor, dependent.id, context_)) step.sql.push_back(std::move(statement));
      exchange.restore(dependent.id, step.sql);
      step.produces.push_back(dependent.id);
    }
    step.helpers = std::move(ends_);
    for (const auto& column : succession_.columns) {
      const bool held = is_held(column.id, context_);
      if (column.converts) {
        change_values(column, step);
      } else if (!held) {
        step.sql.push_back(alter(column.id) + "DROP COLUMN " + quote_identifier(column.former));
      }
      if (column.converts || held) hide_former(column, held, context_, step);
      if (held) mirror_back(column, step);
      if (const std::string name = ColumnExchange(context_).name_of_not_null(column); !name.empty())
        step.sql.push_back(alter(column.id) + "RENAME CONSTRAINT " + quote_identifier(name) + " TO " +
                           quote_identifier(before(column).get(keys::kNotNullName)));
    }
    step.title = "change type of " + support::join(titles, ", ") + ": the successors take their places";
    step.phase = Phase::contract;
    step.lock = LockMode::access_exclusive;
    step.alters = {keys::kType.name, keys::kCollation.name, keys::kStorage.name, keys::kCompression.name};
    for (const auto& column : succession_.columns) recipes::sets_default(step, column.id, context_);
    for (const auto& [table, columns] : tables_) {
      const Mirror mirror(table, columns, context_);
      plan::DataCheck check = recipes::row_check(
          table,
          succession_.stands
              ? fmt::format("every value of {} in {} has one of the old type", names(columns), catalog::to_string(table))
              : fmt::format("the successors of {} have the values of {}", names(columns), catalog::to_string(table)),
          succession_.stands ? lacking(columns) : mirror.differ(), mirror.converts(), context_);
      step.converts = step.converts || mirror.by_settings();
      check.upfront = false;
      step.checks.push_back(std::move(check));
    }
    return step;
  }

  void change_values(const Succession::Column& column, Step& step) const {
    const Object &from = before(column), &to = after(column);
    step.consequences.push_back({"breaking", support::join(column.id.path, "."),
                                 "statements that treat " + relation_name(column.id) + "." + quote_identifier(column.id.path[2]) +
                                     " as " + from.get(keys::kType) + " may fail"});
    auto checks = recipes::conversion_tried_again(from, to, context_);
    if (!checks.empty()) checks.erase(checks.begin());  // the comparison asks that too
    for (auto& check : checks) step.checks.push_back(std::move(check));
    const auto intent = context_.intents.find(column.id);
    if (intent == context_.intents.end() || !intent->second.convert)
      recipes::warn_of_time_zones(step, column.id, from.get(keys::kType), to.get(keys::kType), context_);
  }

  // It gives the old column a value in every row written from now on.
  void mirror_back(const Succession::Column& column, Step& step) const {
    const Backwards backwards(context_);
    BackMirror(*back_of(column.id, *context_.successions), backwards.context).create(step);
  }

  // A condition: the old column of a held run isn't what it is to be.
  std::string lacking(const Columns& columns) const {
    std::vector<std::string> conditions;
    for (const auto* column : columns) {
      const std::string differ = "(" + Mirror(relation_of(column->id), {column}, context_).differ() + ")";
      conditions.push_back(column->exact ? differ : BackMirror(*column, context_).lost(differ, columns));
    }
    return support::join(conditions, " OR ");
  }

  // A new column is the last one of its table.
  void warn_of_order(const ObjectId& table, const Columns& columns, Step& step) const {
    const auto children = context_.from.children(*context_.from.index_of(table));
    const bool moves = std::any_of(children.begin(), children.end(), [&](const auto child) {
      const Object& other = context_.from.at(child);
      const bool stays = other.id.is(kColumn.tag) &&
                         std::none_of(columns.begin(), columns.end(), [&](const auto* column) { return column->id == other.id; });
      return stays && position(other) > position(before(*columns.front()));
    });
    if (!moves) return;
    for (const auto* column : columns) {
      step.consequences.push_back({"breaking", support::join(column->id.path, "."),
                                   catalog::to_string(column->id) +
                                       " moves to the end of its table: INSERTs without a column list, and readers of "
                                       "SELECT * by position, meet another order"});
    }
  }

  const Succession& succession_;
  const Context& context_;
  const Catalog& renamed_;  // under the successors' names
  std::map<ObjectId, Columns> tables_;
  std::vector<std::string> swaps_keys_;  // statements that make keys of the indexes built
  std::vector<plan::Helper> ends_;
  Steps steps_;
};

}  // namespace

bool is_succeeded(const ObjectId& column, const Context& context) {
  const Succession* succession = succession_of(column, context);
  return succession != nullptr && stands(*succession, context);
}

bool is_carried_by_succession(const ObjectId& dependent, const recipes::Successions* successions) {
  return successions != nullptr &&
         std::any_of(successions->all.begin(), successions->all.end(), [&](const Succession& succession) {
           return std::any_of(succession.dependents.begin(), succession.dependents.end(),
                              [&](const auto& one) { return one.id == dependent; });
         });
}

Steps succeed_columns(const ObjectId& column, const Context& context) {
  const Succession& succession = *succession_of(column, context);
  if (succession.columns.front().id != column) return {};
  return Swap(succession, context).run();
}

Steps end_succession(const ObjectId& column, const Context& context) {
  const auto& columns = succession_of(column, context)->columns;
  const auto own = std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one.id == column; });
  const bool held = is_held(column, context);
  if (!own->converts && !held) return {};
  const auto* back = held ? back_of(column, *context.successions) : nullptr;
  Steps steps = drop_former(*own, back, context);
  if (held) {
    const Backwards backwards(context);
    steps.back().undo.steps = Swap(*succession_of(column, backwards.context), backwards.context).restand(*back);
  }
  return steps;
}

const Succession::Column* back_of(const ObjectId& column, const recipes::Successions& successions) {
  if (successions.back == nullptr) return nullptr;
  for (const Succession& one : successions.back->all) {
    for (const auto& member : one.columns) {
      if (member.id == column) return &member;
    }
  }
  return nullptr;
}

}  // namespace lockstep::kinds
