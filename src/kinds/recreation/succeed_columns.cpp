#include "kinds/recreation/succeed_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/back_mirror.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/built_by_partition.h"
#include "kinds/recreation/column_exchange.h"
#include "kinds/recreation/column_successions.h"
#include "kinds/recreation/former_column.h"
#include "kinds/recreation/late_foreign_key.h"
#include "kinds/recreation/mirror.h"
#include "kinds/recreation/partition_columns.h"
#include "kinds/recreation/recreated.h"
#include "kinds/recreation/succession_warnings.h"
#include "kinds/recreation/two_forms.h"
#include "kinds/recreation/two_way_mirror.h"
#include "kinds/recreation/type_succession.h"
#include "kinds/registry.h"
#include "recipes/change_column.h"
#include "recipes/column_succession.h"
#include "recipes/conversion.h"
#include "recipes/fired.h"
#include "recipes/not_null.h"
#include "recipes/published.h"
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

List type_names(const Succession& succession) {
  List names;
  for (const auto& type : succession.types) names.push_back(catalog::to_string(type.id));
  return names;
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
      for (const auto& [table, columns] : tables_) begin(table, columns, steps_.empty());
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
    for (Step& step : after_) steps_.push_back(std::move(step));
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

  const Object& before(const Succession::Column& column) const { return kinds::before(column, context_); }
  const Object& after(const Succession::Column& column) const { return kinds::after(column, context_); }
  static std::string alter(const ObjectId& part) { return "ALTER TABLE " + relation_name(part) + " "; }
  static std::string names(const Columns& columns) {
    List names;
    for (const auto* column : columns) names.push_back(column->id.path[2]);
    return support::identifier_list(names);
  }
  static Columns without_names(Columns columns) {
    std::erase_if(columns, [](const auto* column) { return column->named; });
    return columns;
  }
  // What the column is to be, without what only the declared one has: its value always comes from the old column.
  Object successor_of(const Succession::Column& column) const {
    Object object = after(column);
    object.id.path.set(2, column.successor);
    if (!column.type.empty()) object.set(keys::kType.name, column.type);
    for (const auto& attribute : {keys::kNotNull.name, keys::kIdentity.name, keys::kIdentityOptions.name})
      object.set(attribute, {});
    for (const auto& attribute : {keys::kStatistics.name, keys::kOptions.name})  // changes of these come after
      object.set(attribute, before(column).value(attribute));
    return object;
  }

  void begin(const ObjectId& table, const Columns& columns, bool with_types = false) {
    Step step;
    std::vector<std::string> actions, settings, below;
    for (const auto* column : columns) {
      const Object successor = successor_of(*column);
      actions.push_back("ADD COLUMN " + column_definition(successor));
      for (auto& setting : column_settings(successor)) settings.push_back(std::move(setting));
      for (auto& statement : settings_below(column->id, column->successor, context_)) below.push_back(std::move(statement));
      step.helpers.push_back(recipes::column_helper(recipes::kSuccessorColumn, column->id, column->successor));
      warn_of_conversion(*column, context_, step);
      recipes::warn_subscribers(table, column->successor, context_, step);
    }
    step.title = fmt::format("add successors to {} of {}, and keep them equal in rows written from now on (transitional trigger)",
                             names(columns), catalog::to_string(table));
    step.sql = {"ALTER TABLE " + qualified(table.path) + " " + support::join(actions, ", ")};
    if (!settings.empty()) step.sql.push_back("ALTER TABLE " + qualified(table.path) + " " + support::join(settings, ", "));
    step.sql.insert(step.sql.end(), below.begin(), below.end());
    if (const Columns unnamed = without_names(columns); !unnamed.empty()) Mirror(table, unnamed, context_).create(step);
    for (const auto* column : columns) {
      if (column->named) TwoWayMirror(*column, columns, context_).create(step);
    }
    step.converts = Mirror(table, columns, context_).converts();  // the trigger keeps the settings that the batches have
    step.lock = LockMode::access_exclusive;
    step.locks = locks_of_all(table, step.lock, context_);
    for (const auto* column : columns) {
      for (auto& check : column->type.empty() ? recipes::conversion_tried(before(*column), after(*column), context_)
                                              : labels_tried(*column, context_))
        step.checks.push_back(std::move(check));
    }
    for (const plan::Helper& taken : recipes::taken(step)) ends_.push_back(taken);
    if (with_types) create_types(succession_, context_, step);
    steps_.push_back(std::move(step));
  }

  void copy(const ObjectId& table, const Columns& columns) {
    Step step;
    step.title = fmt::format("copy {} of {} to the successors in batches", names(columns), catalog::to_string(table));
    step.mode = plan::TransactionMode::batches;
    step.phase = Phase::migrate;
    step.lock = LockMode::row_exclusive;
    step.scans = true;
    step.locks = locks_of_all(table, step.lock, context_);
    step.bytes = context_.bytes(table);
    const Mirror mirror(table, columns, context_);
    step.batches = {table.path[0], table.path[1], mirror.assignments(), mirror.differ()};
    for (const auto* column : columns) {  // PostgreSQL doesn't say which row of a batch failed
      auto checks = column->type.empty() ? recipes::conversion_tried_again(before(*column), after(*column), context_)
                                         : labels_tried(*column, context_);
      if (!column->converts || checks.empty()) continue;
      checks.front().upfront = false;
      step.checks.push_back(std::move(checks.front()));
    }
    if (auto fired = recipes::fired_by_update(table, columns.front()->successor, {}, context_))
      step.consequences.push_back(std::move(*fired));
    steps_.push_back(std::move(step));
  }

  void require_values(const ObjectId& table, const Columns& columns) {
    for (const auto* column : columns) {
      Object successor = after(*column);
      successor.id.path.set(2, column->successor);
      if (before(*column).get(keys::kNotNull)) require(table, successor, ColumnExchange(context_).name_of_not_null(*column));
      for (const ObjectId& below : required_below(column->id, context_)) {
        successor.id.path = {below.path[0], below.path[1], column->successor};
        require(relation_of(below), successor, "");
      }
    }
  }

  void require(const ObjectId& table, const Object& successor, const std::string& constraint) {
    for (Step& required : recipes::set_not_null(successor, false, context_, constraint)) {
      required.produces.clear();
      required.checks.clear();
      required.alters.clear();
      required.locks = locks_of_all(table, required.lock, context_);
      steps_.push_back(std::move(required));
    }
  }

  // Of a key only the index is built: a table has one primary key.
  void build(const Succession::Dependent& dependent, Phase phase) {
    if (is_late_foreign_key(dependent.id, context_)) return;  // in the swap
    if (is_built_by_partition(dependent.id, context_)) return build_by_partition(dependent, phase);
    Steps steps = built_beside(dependent.id, dependent.successor, renamed_, context_);
    for (Step& step : steps) {
      step.phase = std::max(step.phase, phase);
      warn_of_upserts(dependent.id, step, context_);
    }
    if (is_key(dependent.id)) {
      swaps_keys_.insert(swaps_keys_.end(), steps.back().sql.begin(), steps.back().sql.end());
      steps.pop_back();
    }
    for (Step& step : steps) lock_its_tables(dependent.id, step);
    if (steps.front().helpers.empty())  // a foreign key
      steps.front().helpers.push_back(recipes::constraint_helper("successor", dependent.id, dependent.successor.path.back()));
    for (auto& taken : recipes::taken(steps.front())) ends_.push_back(std::move(taken));
    for (Step& step : steps) steps_.push_back(std::move(step));
  }

  void build_by_partition(const Succession::Dependent& dependent, Phase phase) {
    BuiltByPartition built = built_by_partition(dependent.id, dependent.successor, renamed_, share_names_, context_);
    swaps_keys_.insert(swaps_keys_.end(), built.keys.begin(), built.keys.end());
    share_renames_.insert(share_renames_.end(), built.renames.begin(), built.renames.end());
    for (plan::Helper& left : built.left) ends_.push_back(std::move(left));
    bool warned = false;
    for (Step& step : built.steps) {
      step.phase = std::max(step.phase, phase);
      if (!warned) warn_of_upserts(dependent.id, step, context_);
      warned = warned || !step.consequences.empty();
      lock_its_tables(dependent.id, step);
      steps_.push_back(std::move(step));
    }
  }

  // Of tables that no foreign key joins to that of the first column.
  void lock_its_tables(const ObjectId& dependent, Step& step) const {
    if (!step.locks.empty() || step.lock == LockMode::none) return;
    step.locks = locks_of_all(relation_of(dependent), step.lock, context_);
    if (!dependent.is(kForeignKey.tag)) return;
    const ObjectId other{&kTable.tag, context_.from.find(dependent)->get(keys::kReferences)};
    for (auto& lock : locks_of_all(other, step.lock, context_)) plan::add_lock(step.locks, std::move(lock));
  }

  // Two unique indexes over the same values hinder concurrent upserts (built_beside.h): not while the run waits at a gate.
  // Foreign keys lean on them.
  bool is_late(const ObjectId& id) const { return !(works_by_name(id) && !id.is(kForeignKey.tag)) && is_unique(id); }

  // Upserts under the new name need it.
  bool works_by_name(const ObjectId& id) const {
    const auto& edges = context_.from.edges_from(*context_.from.index_of(id));
    return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      return is_succeeded_by_name(context_.from.at(edge.referenced).id, context_.successions);
    });
  }

  bool is_unique(const ObjectId& id) const {
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
    step.locks = locks_of_all(table, step.lock, context_);
    steps_.push_back(std::move(step));
  }

  Step swap() {
    Step step;
    const ColumnExchange exchange(context_);
    std::vector<std::string> titles;
    for (const auto& [table, columns] : tables_) {
      warn_of_order(table, columns, context_, step);
      if (succession_.stands) {
        for (const auto* column : columns) {
          const BackMirror back(*column, context_, BackMirror::Names::before);
          back.drop(step.sql);
          Step made;
          made.helpers = back.helpers();
          for (const auto& taken : recipes::taken(made)) ends_.push_back(taken);
          for (auto& taken : show_former(*column, step.sql)) ends_.push_back(std::move(taken));
          Mirror(table, {column}, context_).drop(step.sql, true);
        }
      } else {
        if (const Columns unnamed = without_names(columns); !unnamed.empty()) Mirror(table, unnamed, context_).drop(step.sql);
        for (const auto* column : columns) {
          if (column->named) TwoWayMirror(*column, columns, context_).drop(step.sql);
        }
      }
    }
    exchange.drop_old(succession_, step.sql);
    step.sql.insert(step.sql.end(), swaps_keys_.begin(), swaps_keys_.end());
    for (const auto& column : succession_.columns) {
      exchange.names(column, step.sql);
      const std::string name = qualified(column.id.path);
      titles.push_back(column.type.empty()
                           ? name + " from " + before(column).get(keys::kType) + " to " + after(column).get(keys::kType)
                           : name + " to the new " + after(column).get(keys::kType));
      // A partition that somebody adds below them meanwhile stops the swap.
      for (ObjectId& along : retyped_along(column.id, context_.from)) step.produces.push_back(std::move(along));
    }
    for (const auto& dependent : succession_.dependents) {
      if (is_late_foreign_key(dependent.id, context_)) continue;
      for (auto& statement : renaming(dependent.successor, dependent.id, context_)) step.sql.push_back(std::move(statement));
      exchange.restore(dependent.id, step.sql);
      step.produces.push_back(dependent.id);
    }
    step.sql.insert(step.sql.end(), share_renames_.begin(), share_renames_.end());
    for (const auto& dependent : succession_.dependents) {
      if (is_late_foreign_key(dependent.id, context_)) add_late(dependent, step);
    }
    step.helpers.insert(step.helpers.end(), ends_.begin(), ends_.end());
    for (const auto& column : succession_.columns) {
      const bool held = is_held(column.id, context_);
      if (column.converts) {
        warn_of_new_values(column, context_, step);
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
    for (const auto& type : succession_.types) step.consumes.push_back(type.id);  // under its name
    step.phase = Phase::contract;
    step.lock = LockMode::access_exclusive;
    step.alters = {keys::kType.name, keys::kCollation.name, keys::kStorage.name, keys::kCompression.name};
    for (const auto& column : succession_.columns) {
      recipes::sets_default(step, column.id, context_);
      warn_of_sequence(column, context_, step);
    }
    for (const auto& [table, columns] : tables_) {
      const Mirror mirror(table, columns, context_);
      plan::DataCheck check = recipes::row_check(
          table,
          succession_.stands
              ? fmt::format("every value of {} in {} has one of the old type", names(columns), catalog::to_string(table))
              : fmt::format("the successors of {} have the values of {}", names(columns), catalog::to_string(table)),
          succession_.stands ? lacking_former(columns, context_) : mirror.differ(), mirror.converts(), context_);
      step.converts = step.converts || mirror.by_settings();
      check.upfront = false;
      step.checks.push_back(std::move(check));
    }
    return step;
  }

  void add_late(const Succession::Dependent& dependent, Step& step) {
    const ObjectId& key = dependent.id;
    LateForeignKey late = late_foreign_key(key, dependent.successor.path.back(), context_);
    step.sql.insert(step.sql.end(), late.added.begin(), late.added.end());
    for (plan::Helper& helper : late.helpers) step.helpers.push_back(std::move(helper));
    (late.whole ? step.produces : step.destroys).push_back(key);
    std::vector<std::string> said;
    ColumnExchange(context_).restore(key, said);
    std::vector<std::string>& sql = late.whole ? step.sql : late.after.back().sql;
    sql.insert(sql.end(), said.begin(), said.end());
    for (Step& next : late.after) after_.push_back(std::move(next));
  }

  // It gives the old column a value in every row written from now on.
  void mirror_back(const Succession::Column& column, Step& step) const {
    const Backwards backwards(context_);
    BackMirror(*back_of(column.id, *context_.successions), backwards.context, BackMirror::Names::of_hold).create(step);
  }

  const Succession& succession_;
  const Context& context_;
  const Catalog& renamed_;  // under the successors' names
  std::map<ObjectId, Columns> tables_;
  std::vector<std::string> swaps_keys_;     // statements that make keys of the indexes built
  std::vector<std::string> share_renames_;  // give the partitions' indexes their names
  std::set<std::string> share_names_;
  std::vector<plan::Helper> ends_;
  Steps steps_, after_;
};

}  // namespace

bool is_succeeded(const ObjectId& column, const Context& context) {
  const Succession* succession = succession_of(column, context);
  return succession != nullptr && stands(*succession, context);
}

Steps succeed_columns(const ObjectId& column, const Context& context) {
  const Succession& succession = *succession_of(column, context);
  if (succession.columns.front().id != column) return {};
  return Swap(succession, context).run();
}

// All columns of the types that change, so that these go last.
Steps end_type_succession(const Succession& succession, const Context& context) {
  const bool held = is_held(succession.columns.front().id, context);
  Steps steps;
  for (const auto& column : succession.columns) {
    const auto* back = held ? back_of(column.id, *context.successions) : nullptr;
    for (Step& step : drop_former(column, back, context)) steps.push_back(std::move(step));
    if (!held) continue;
    const Backwards backwards(context);
    steps.back().undo.steps = Swap(*succession_of(column.id, backwards.context), backwards.context).restand(*back);
  }
  steps.push_back(drop_former_types(succession));
  if (!held) return steps;
  const Backwards backwards(context);
  const auto& back = *succession_of(succession.columns.front().id, backwards.context);
  Step again;
  again.title = "create the old " + support::join(type_names(back), ", ") + " once more";
  create_types(back, backwards.context, again);
  again.phase = Phase::contract;
  steps.back().undo.steps = {std::move(again)};
  steps.back().phase = Phase::purge;
  return steps;
}

Steps end_succession(const ObjectId& column, const Context& context) {
  const auto& columns = succession_of(column, context)->columns;
  if (!columns.front().type.empty())
    return columns.front().id == column ? end_type_succession(*succession_of(column, context), context) : Steps();
  const auto own = std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one.id == column; });
  const bool held = is_held(column, context);
  if (!own->converts && !held) return {};
  const auto* back = held ? back_of(column, *context.successions) : nullptr;
  Steps steps = drop_former(*own, back, context);
  if (held && own->named) {
    steps.back().undo.refused = "what " + catalog::to_string(column) + " was has gone for good, with its name";
  } else if (held) {
    const Backwards backwards(context);
    steps.back().undo.steps = Swap(*succession_of(column, backwards.context), backwards.context).restand(*back);
  }
  return steps;
}

}  // namespace lockstep::kinds
