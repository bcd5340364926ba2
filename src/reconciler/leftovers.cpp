#include "reconciler/leftovers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "executor/run_record.h"
#include "plan/plan_file.h"
#include "plan/undo.h"
#include "planner/planner.h"
#include "recipes/descendants.h"
#include "recipes/fill.h"
#include "recipes/tags.h"
#include "recipes/transitional.h"
#include "reconciler/comparer.h"
#include "reconciler/comparison.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::reconciler {
namespace {

using executor::Transitional;
using plan::Helper;
using plan::Step;

using Key = std::pair<std::string, std::vector<std::string>>;
Key key_of(const Transitional& one) {
  return {one.type, one.names};
}
Key key_of(const Helper& helper) {
  return {helper.type, helper.names};
}

std::string short_run(const Transitional& one) {
  return one.run.substr(0, 8);
}

Helper helper_of(const Transitional& one) {
  return {Helper::Change::made, one.role, one.type, one.names, one.subject, one.undo};
}

// One row an object, the last created first: objects that PostgreSQL created after it in partitions are dropped with it.
std::vector<Transitional> backwards(std::vector<Transitional> all) {
  std::set<Key> seen, as_recorded;
  for (const Transitional& one : all)
    if (one.named.empty()) as_recorded.insert(key_of(one));
  std::erase_if(all, [&](const Transitional& one) { return !one.named.empty() && as_recorded.contains(key_of(one)); });
  std::erase_if(all, [&](const Transitional& one) { return !seen.insert(key_of(one)).second; });
  std::reverse(all.begin(), all.end());
  return all;
}

void refuse_renamed(const Transitional& one) {
  if (one.named.empty()) return;
  throw support::RefusedError(support::visible(fmt::format(
      "run {} left the {} of {} behind, which somebody has renamed since: it was {} and is {} now. "
      "Nothing was changed. Give it its name back, then plan again.",
      short_run(one), one.role, support::qualified(one.subject), support::qualified(one.names), support::qualified(one.named))));
}

// Whether the undo of a step takes it. Not one that has made an object of that name itself: it may never come to run.
bool takes_back(const plan::Plan& plan, const Transitional& one) {
  const auto takes = [&](const Step& step) {
    for (const Step& back : step.undo.steps) {
      for (const Helper& helper : back.helpers) {
        if (key_of(helper) != key_of(one)) continue;
        if (helper.change == Helper::Change::made) return false;
        if (helper.undo.empty()) return true;
      }
    }
    return false;
  };
  return std::any_of(plan.steps.begin(), plan.steps.end(), takes);
}

// Of runs that have left something, each read once it is needed.
class Plans {
 public:
  explicit Plans(postgres::Session& target) : target_(target) {}
  const plan::Plan& of(const std::string& run) {
    const auto known = plans_.find(run);
    if (known != plans_.end()) return known->second;
    for (const auto& record : executor::runs(target_))
      if (record.id == run) return plans_.emplace(run, plan::from_json(record.plan_json)).first->second;
    throw support::InternalError("lockstep.object names run " + run + ", which the journal doesn't have");
  }

 private:
  postgres::Session& target_;
  std::map<std::string, plan::Plan> plans_;
};

class Tidier {
 public:
  Tidier(postgres::Session& target, const postgres::Snapshot& live, const catalog::Catalog* desired, const std::string& closing,
         const std::string& only = {})
      : target_(target), live_(live), desired_(desired), closing_(closing), only_(only) {}

  Tidying run() {
    auto all = backwards(executor::left_behind(target_, closing_));
    if (!only_.empty()) std::erase_if(all, [&](const Transitional& one) { return one.run != only_; });
    std::erase_if(all, [&](const Transitional& one) { return is_taken_back(one); });
    for (const Transitional& one : all) refuse_renamed(one);
    for (const Transitional& one : all)
      if (is_unwanted_column(one)) finish(one, all);
    last_ = {};
    for (const Transitional& one : all)
      if (!finished_.contains(key_of(one))) undo(one, all);
    return std::move(result_);
  }

 private:
  // The way back from the run that is closing takes it in a step of its own.
  bool is_taken_back(const Transitional& one) {
    return !closing_.empty() && one.run == closing_ && takes_back(plans_.of(closing_), one);
  }

  // Whether it is a column that was hidden before its drop, of a table that the files declare without it; or the old column of a
  // type change, whose values were converted.
  bool is_unwanted_column(const Transitional& one) const {
    if (plan::holds_converted_values(helper_of(one))) return true;
    if (one.attnum == 0 || !plan::holds_former_values(helper_of(one)) || desired_ == nullptr) return false;
    for (const auto& [address, object] : live_.transitional) {
      if (address.object != static_cast<std::uint32_t>(one.object_oid) || address.sub != one.attnum) continue;
      return object.parent && desired_->contains(*object.parent) && !desired_->contains({object.id.kind, one.subject});
    }
    return false;
  }

  // Does what the run that was given up had still to do with it: the same steps, with the same consent.
  void finish(const Transitional& column, const std::vector<Transitional>& all) {
    const plan::Plan& old = plans_.of(column.run);
    const auto loses_it = [&](const Step& step) {
      return std::any_of(step.losses.begin(), step.losses.end(), [&](const plan::Loss& loss) {
        return loss.hidden == column.names.back() && loss.relation == support::qualified(column.names[0], column.names[1]);
      });
    };
    const auto takes_it = [&](const Step& step) {
      return std::any_of(step.helpers.begin(), step.helpers.end(), [&](const Helper& helper) {
        return helper.change == Helper::Change::taken && key_of(helper) == key_of(column);
      });
    };
    const auto save = std::find_if(old.steps.begin(), old.steps.end(), loses_it);
    const auto drop = std::find_if(old.steps.begin(), old.steps.end(), takes_it);
    if (save == old.steps.end() || drop == old.steps.end()) {
      if (!plan::holds_converted_values(helper_of(column)) || !old.undoes.empty()) return;  // a way back has only copied it
      throw support::InternalError("no step of run " + column.run + " saves " + support::qualified(column.names));
    }
    for (Step step : {*save, *drop}) {
      step.title += fmt::format(" (hidden by run {})", short_run(column));
      step.source.clear();
      step.sql.clear();  // statements stored in the journal are never run
      step.expects.clear();
      result_.steps.push_back(std::move(step));
    }
    Step& last = result_.steps.back();
    last.sql.clear();
    for (const Transitional& guard : all) {  // those that still exist
      if (guard.run != column.run || guard.step != column.step || guard.subject != column.subject) continue;
      finished_.insert(key_of(guard));
      if (guard.attnum == 0) last.sql.push_back(guard.undo);
    }
    last.sql.push_back("ALTER TABLE " + support::qualified(column.names[0], column.names[1]) + " DROP COLUMN " +
                       support::quote_identifier(column.names[2]));
    note(column, "saved and dropped, as that run would have done");
  }

  // A column that was added as a copy of another one is dropped without saving it: only while the other one is there.
  void refuse_last_copy(const Transitional& one) const {
    if (one.attnum == 0 || plan::holds_former_values(helper_of(one))) return;
    for (const auto& [address, object] : live_.transitional) {
      const bool same = address.object == static_cast<std::uint32_t>(one.object_oid) && address.sub == one.attnum;
      if (!same || !object.parent || live_.catalog.contains({object.id.kind, one.subject})) continue;
      throw support::RefusedError(
          support::visible(fmt::format("column {} was dropped by hand, and {} {}, which run {} had added as its copy, has its "
                                       "values now. Nothing was changed. Rename {} "
                                       "back to {} and delete its row from lockstep.object, then plan again.",
                                       support::qualified(one.subject), one.role, support::qualified(one.names), short_run(one),
                                       one.names.back(), one.subject.back())));
    }
  }

  // Whether NOT NULL can be taken from the column, and the files don't ask for it.
  bool may_become_null(const catalog::ObjectId& column) const {
    const catalog::Object* wanted = desired_ == nullptr ? nullptr : desired_->find(column);
    if (wanted != nullptr && wanted->get(catalog::keys::kNotNull)) return false;
    return !target_
                .query(
                    "SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND "
                    "a.attnotnull AND a.attidentity = '' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = "
                    "a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey::pg_catalog.int2[]))",
                    {support::qualified(column.path[0], column.path[1]), column.path[2]})
                .empty();
  }

  // Before the first of the triggers that fill a column goes: tables that inherit from its table have one each.
  void allow_null(const Transitional& trigger, const std::vector<Transitional>& all, Step& step) {
    const auto root = std::find_if(all.begin(), all.end(), [&](const Transitional& other) {
      return other.names.front() == "lockstep" && other.run == trigger.run && other.step == trigger.step &&
             other.names.back() == trigger.names.back();
    });
    const catalog::ObjectId column{recipes::kColumn, root == all.end() ? trigger.subject : root->subject};
    if (!nullable_.insert(column.path).second || !may_become_null(column)) return;
    const std::string table = support::qualified(column.path[0], column.path[1]);
    step.title += ", and allow NULL in it";
    step.sql.insert(step.sql.begin(),
                    "ALTER TABLE " + table + " ALTER COLUMN " + support::quote_identifier(column.path[2]) + " DROP NOT NULL");
    step.produces.push_back(column);
    plan::add_lock(step.locks, {table, plan::LockMode::access_exclusive});
  }

  // One trigger fills all successors of a table's columns: they go with it, or a NOT NULL one would refuse the next row.
  static bool is_filled_by(const Step& before, const Transitional& one) {
    const Helper& trigger = before.helpers.front();
    return trigger.role == recipes::kMirrorTrigger && one.role == recipes::kSuccessorColumn && trigger.subject.size() > 2 &&
           one.subject.size() > 2 && std::equal(one.subject.begin(), one.subject.begin() + 2, trigger.subject.begin());
  }

  void undo(const Transitional& one, const std::vector<Transitional>& all) {
    refuse_last_copy(one);
    const Helper helper = helper_of(one);
    const std::string subject = support::qualified(one.subject);
    const bool hidden = plan::holds_former_values(helper);
    Step step = recipes::undo_step(
        helper, hidden ? fmt::format("give {} its name back, which run {} had taken from it", subject, short_run(one))
                       : fmt::format("remove the {} of {} that run {} left behind", one.role, subject, short_run(one)));
    if (recipes::fills(helper)) allow_null(one, all, step);
    note(one, hidden ? "gets its name back, with its values" : "removed");
    Step* before = result_.steps.empty() ? nullptr : &result_.steps.back();
    const bool together =
        before != nullptr && before->mode == plan::TransactionMode::inside && step.mode == before->mode &&
        last_.first == one.run &&
        ((last_.second == one.step && before->helpers.front().subject == one.subject) || is_filled_by(*before, one));
    last_ = {one.run, one.step};
    if (!together) {
      result_.steps.push_back(std::move(step));
      return;
    }
    if (hidden) before->title = step.title;
    before->sql.insert(before->sql.end(), step.sql.begin(), step.sql.end());
    before->helpers.push_back(step.helpers.front());
    before->produces.insert(before->produces.end(), step.produces.begin(), step.produces.end());
    before->lock = std::max(before->lock, step.lock);
    if (before->locks.empty()) before->locks = step.locks;
  }

  void note(const Transitional& one, const std::string& what) {
    const std::string object = one.role + " of " + support::qualified(one.subject);
    const bool noted = std::any_of(result_.changes.begin(), result_.changes.end(),
                                   [&](const plan::ChangeNote& other) { return other.object == object; });
    if (!noted) result_.changes.push_back({"~", object, fmt::format("left behind by run {}: {}", short_run(one), what), ""});
  }

  postgres::Session& target_;
  const postgres::Snapshot& live_;
  const catalog::Catalog* desired_;
  const std::string closing_;
  const std::string only_;  // one run; empty: all
  Plans plans_{target_};
  std::set<Key> finished_;
  std::set<std::vector<std::string>> nullable_;  // columns whose fill triggers have been seen
  std::pair<std::string, std::string> last_;
  Tidying result_;
};

// With the columns that may be NULL once `steps` have run, and those that inherit from them.
void allow_null(catalog::Catalog& live, const plan::Steps& steps) {
  std::vector<catalog::ObjectId> columns;
  for (const Step& step : steps) {
    const bool tidies = std::any_of(step.helpers.begin(), step.helpers.end(), [](const Helper& helper) {
      return helper.change == Helper::Change::taken && !helper.undo.empty() && recipes::fills(helper);
    });
    if (!tidies) continue;
    for (const catalog::ObjectId& column : step.produces) {
      columns.push_back(column);
      for (const catalog::ObjectId& descendant : recipes::descendants(live, column)) columns.push_back(descendant);
    }
  }
  if (columns.empty()) return;
  std::vector<catalog::Object> objects = live.objects();
  for (catalog::Object& object : objects)
    if (plan::names(columns, object.id)) object.set(catalog::keys::kNotNull.name, {});
  live = catalog::Catalog(std::move(objects), live.edges());
}

}  // namespace

Tidying tidy(postgres::Session& target, const postgres::Snapshot& live, const catalog::Catalog* desired,
             const std::string& closing) {
  return Tidier(target, live, desired, closing).run();
}

Tidying tidy_run(postgres::Session& target, const postgres::Snapshot& live, const std::string& run) {
  return Tidier(target, live, nullptr, {}, run).run();
}

void take_in(plan::Plan& plan, const Tidying& tidying) {
  if (tidying.empty()) return;
  plan.steps.insert(plan.steps.begin(), tidying.steps.begin(), tidying.steps.end());
  plan.changes.insert(plan.changes.begin(), tidying.changes.begin(), tidying.changes.end());
  planner::number(plan.steps);
}

postgres::Snapshot introspect_tidied(postgres::Session& target, const plan::Steps& steps, postgres::IntrospectOptions options,
                                     const std::string& closing) {
  std::map<Key, std::string> names;
  std::vector<Transitional> shown;
  Plans plans(target);
  for (const Step& step : steps) {
    for (const Helper& helper : step.helpers) {
      if (recipes::gives_name_back(helper)) names[key_of(helper)] = helper.subject.back();
    }
  }
  if (!names.empty() || !closing.empty()) {
    for (const Transitional& one : executor::left_behind(target, closing)) {
      // The old column of a type change, and its enum: the way back exchanges it with the one that has its name.
      const bool column = one.attnum != 0 && plan::stands_for_former_type(helper_of(one));
      if (!closing.empty() && one.run == closing && (column || plan::is_type(helper_of(one))) && one.named.empty() &&
          takes_back(plans.of(closing), one)) {
        names[key_of(one)] = one.names.back();
        shown.push_back(one);
      }
      const auto found = names.find(key_of(one));
      if (found == names.end() || one.object_oid == 0) continue;
      const postgres::Address address{static_cast<std::uint32_t>(one.class_oid), static_cast<std::uint32_t>(one.object_oid),
                                      one.attnum};
      options.former_names.emplace_back(address, found->second);
      if (one.names.size() == 2 && one.named.empty() &&
          !plan::is_type(helper_of(one)))  // a table or sequence: what belongs to it names it
        options.as_if.push_back("ALTER TABLE " + support::Sql::relation(support::qualified(one.names)) + " RENAME TO " +
                                support::Sql::identifier(found->second));
    }
  }
  postgres::Snapshot live = postgres::introspect(target, options);
  for (const Transitional& one : shown) {  // it is transitional all the same
    const catalog::Object* object = live.catalog.find({one.attnum != 0 ? recipes::kColumn : recipes::kEnum, one.names});
    if (object != nullptr)
      live.transitional.emplace_back(
          postgres::Address{static_cast<std::uint32_t>(one.class_oid), static_cast<std::uint32_t>(one.object_oid), one.attnum},
          *object);
  }
  allow_null(live.catalog, steps);
  return live;
}

void require_tidied(postgres::Session& target, const plan::Plan& plan) {
  std::set<Key> made, taken;  // what the plan creates under such a name it drops later, so that is not what exists now
  for (const Step& step : plan.steps) {
    for (const Helper& helper : step.helpers) {
      if (helper.change == Helper::Change::made) {
        made.insert(key_of(helper));
      } else if (!made.contains(key_of(helper))) {
        taken.insert(key_of(helper));
      }
    }
  }
  std::string lines;
  for (const Transitional& one : backwards(executor::left_behind(target)))
    if (!taken.contains(key_of(one))) lines += "\n  " + support::visible(describe(one));
  if (lines.empty()) return;
  throw support::CommandError(
      support::ExitCode::stale,
      "stale plan: a run that was given up left objects behind that the plan knows nothing of; nothing was "
      "changed. Plan again: the new plan takes them away or finishes them. Left behind:" +
          lines);
}

std::string describe(const Transitional& one) {
  return fmt::format("{} {} of {}", one.role, support::qualified(one.names), support::qualified(one.subject));
}

}  // namespace lockstep::reconciler
