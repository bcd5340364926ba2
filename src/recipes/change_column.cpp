#include "recipes/change_column.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/column_settings.h"
#include "recipes/descendants.h"
#include "recipes/fill.h"
#include "recipes/identity.h"
#include "recipes/not_null.h"
#include "recipes/numbering.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "recipes/widens.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::Change;
using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::quote_identifier;

namespace {

class Changer {
 public:
  Changer(const Change& change, const Object& from, const Object& to, const ColumnText& text, const Context& context)
      : change_(change), from_(from), to_(to), text_(text), context_(context) {}

  Steps run() {
    if (changed(keys::kType.name) || changed(keys::kCollation.name)) retype();
    if (changed(keys::kGenerated.name) || changed(keys::kVirtual.name)) regenerate();
    if (changed(keys::kIdentity.name) && !from_.has(keys::kIdentity)) not_null();  // an identity column must be NOT NULL before
    if (changed(keys::kIdentity.name) || changed(keys::kIdentityOptions.name)) identity();
    if (!(changed(keys::kIdentity.name) && !from_.has(keys::kIdentity))) not_null();
    settings();
    return std::move(steps_);
  }

 private:
  bool changed(std::string_view name) const {
    return std::any_of(change_.attributes.begin(), change_.attributes.end(),
                       [&](const auto& item) { return item.attribute == name; });
  }
  std::string name() const { return quote_identifier(to_.id.path[2]); }
  std::string alter() const { return "ALTER TABLE " + relation_name(to_.id) + " "; }
  std::string alter_column() const { return alter() + "ALTER COLUMN " + name() + " "; }
  std::string shown() const { return relation_name(to_.id) + "." + name(); }

  Step& add(std::string title, std::vector<std::string> sql, LockMode lock = LockMode::access_exclusive) {
    steps_.push_back(step_for(to_, std::move(title), std::move(sql)));
    steps_.back().lock = lock;
    return steps_.back();
  }

  const catalog::Intent* intent() const {
    const auto found = context_.intents.find(to_.id);
    return found == context_.intents.end() ? nullptr : &found->second;
  }

  void retype() {
    const std::string type = to_.get(keys::kType);
    const bool converts = intent() != nullptr && intent()->convert && changed(keys::kType.name);
    if (changed(keys::kType.name) && !converts && !from_.has(keys::kGenerated)) refuse_without_cast();
    Step step = retype_step(to_, type, changed(keys::kType.name) ? using_of(from_, to_, context_) : "", context_);
    step.title = "change type of " + shown() + " from " + from_.get(keys::kType) + " to " + type;
    if (!changed(keys::kType.name)) step.title = "change collation of " + shown();
    step.converts = converts;
    const ColumnProbe* probe = retype_probe(to_.id, context_);
    const bool rows = context_.online(relation_of(to_.id));
    step.rewrites = probe != nullptr && probe->rewrites && rows;
    step.scans = probe != nullptr && probe->scans && rows;
    step.builds = probe != nullptr && probe->builds && rows;
    if (rows) step.bytes = context_.bytes(relation_of(to_.id));
    const bool computes = probe == nullptr || probe->rewrites || probe->scans || converts;
    if (rows && changed(keys::kType.name) && computes) step.checks = conversion_tried(from_, to_, context_);
    if (rows && changed(keys::kType.name) && !from_.has(keys::kGenerated) && !converts)
      warn_of_time_zones(step, to_.id, from_.get(keys::kType), type, context_);
    step.alters = {keys::kType.name, keys::kCollation.name, keys::kStorage.name, keys::kCompression.name};
    sets_default(step, to_.id, context_);
    steps_.push_back(std::move(step));
    const bool widened = !converts && widens(from_.get(keys::kType), type);
    if (changed(keys::kCollation.name) && !changed(keys::kType.name)) {
      steps_.back().phase = Phase::contract;
      steps_.back().breaking = "comparisons and the order of " + shown() + " follow another collation";
    } else if (probe == nullptr || probe->rewrites || converts) {  // else every value stays as it is
      steps_.back().phase = Phase::contract;
      if (!widened) add_loss(steps_.back());
    }
  }

  void add_loss(Step& step) const {
    step.breaking = "statements that treat " + shown() + " as " + from_.get(keys::kType) + " may fail";
    if (from_.has(keys::kGenerated)) return;  // computed again
    step.losses = {
        {.hazard = "lossy-type",
         .object = support::join(to_.id.path, "."),
         .what = "the values of " + shown() + " as " + from_.get(keys::kType),
         .relation = relation_name(to_.id),
         .query = "SELECT " + saved_columns(context_, relation_of(to_.id), to_.id.path[2]) + " FROM " + relation_name(to_.id)}};
  }

  // The probe tried PostgreSQL's assignment cast and an explicit cast, and neither exists.
  void refuse_without_cast() const {
    const ColumnProbe* probe = retype_probe(to_.id, context_);
    if (probe != nullptr || context_.elaborating || !context_.online(relation_of(to_.id))) return;
    throw support::RefusedError("the values of " + catalog::to_string(to_.id) + " can't be turned from " +
                                from_.get(keys::kType) + " into " + to_.get(keys::kType) +
                                ": PostgreSQL has no cast that does it.\nNothing was changed. " +
                                "Say in the column's declaration how: convert using (expression).");
  }

  void regenerate() {
    if (!to_.has(keys::kGenerated)) {
      add("make " + shown() + " an ordinary column", {alter_column() + "DROP EXPRESSION"}).alters = {keys::kGenerated.name,
                                                                                                     keys::kVirtual.name};
    } else {  // PostgreSQL 17 or later; before that, and if it was an ordinary column, it is dropped and recreated
      Step& step =
          add("change the expression of " + shown(), {alter_column() + "SET EXPRESSION AS (" + to_.get(keys::kGenerated) + ")"});
      step.alters = {keys::kGenerated.name, keys::kVirtual.name};
      step.rewrites = !to_.get(keys::kVirtual) && context_.online(relation_of(to_.id));
      step.bytes = context_.bytes(relation_of(to_.id));
    }
  }

  void identity() {
    const bool begins = to_.has(keys::kIdentity) && !from_.has(keys::kIdentity);
    std::vector<std::string> sql = identity_statements(from_, to_, alter_column());
    const auto before = hands_over(context_, to_.id);
    if (before) hand_over(*before, sql);
    if (text_.had_default && begins) sql.insert(sql.begin(), alter_column() + "DROP DEFAULT");
    const bool counts = begins && !before && context_.online(relation_of(to_.id));
    if (counts) sql.push_back(beyond_the_last(to_.id, identity_numbers(to_)));
    const auto moves = move_into_bounds(from_, to_, alter_column());
    sql.insert(sql.begin(), moves.begin(), moves.end());
    if (text_.had_default) keep_of_descendants(sql, keys::kDefault.name);
    const auto next = to_.has(keys::kIdentity) ? std::nullopt : drawn_from(context_.to, to_.id);
    const bool hands_down = next && context_.is_new(*next);
    if (hands_down) hand_down(*next, sql);
    Step& step = add("change identity of " + shown(), sql);
    step.alters = {keys::kIdentity.name, keys::kIdentityOptions.name};
    if (!moves.empty()) {
      step.title += ": its sequence goes on within the new bounds";
      step.phase = Phase::contract;
      step.breaking = "the identity of " + shown() +
                      " has fewer values; where its sequence stands outside the new bounds it begins again within them";
    }
    if ((counts || (!moves.empty() && context_.online(relation_of(to_.id)))) && reads_all(to_.id, context_)) {
      step.scans = true;
      step.bytes = context_.bytes(relation_of(to_.id));
    }
    // this step drops it, and the sequence that it used may be dropped afterwards
    if (text_.had_default && to_.has(keys::kIdentity)) {
      step.destroys = {{kDefault, to_.id.path}};
    }
    if (before) step.destroys.push_back(*before);
    const std::string numbered = identity_numbers(from_).sequence;
    if (from_.has(keys::kIdentity) && to_.has(keys::kIdentity) && numbered != identity_numbers(to_).sequence) {
      step.phase = Phase::contract;
      step.breaking = "statements that use sequence " + numbered + " by its name fail";
      if (step.sql.size() > 1) step.locks = {{relation_name(to_.id), step.lock}};
      step.locks.push_back({numbered, plan::LockMode::access_exclusive});
    }
    if (hands_down) step.consumes.push_back(*next);
    if (!to_.has(keys::kIdentity) && next != identity_sequence(from_))
      step.destroys.push_back(identity_sequence(from_));  // another object may take its name
    if (before && support::qualified(before->path) != identity_numbers(to_).sequence) {
      step.phase = Phase::contract;
      step.breaking = "statements that use " + catalog::to_string(*before) + " fail";
    }
    if (to_.get(keys::kIdentity) == "always" || !to_.has(keys::kIdentity)) {
      step.phase = Phase::contract;
      const bool defaulted = context_.to.contains({kDefault, to_.id.path});  // set in the same transaction
      step.breaking = to_.has(keys::kIdentity) ? "INSERTs that give " + shown() + " a value fail"
                      : defaulted ? "INSERTs that leave " + shown() + " out get its default, with the rights of who inserts"
                                  : "INSERTs that leave " + shown() + " out get no value";
    }
  }

  // The old sequence's position passes to the column's own new sequence, which may need its name.
  void hand_over(const ObjectId& sequence, std::vector<std::string>& sql) const {
    const std::string own = identity_numbers(to_).sequence;
    std::string old = support::qualified(sequence.path);
    if (old == own) {
      const std::string aside = short_name(sequence.path[1] + "_lockstep_old");
      sql.insert(sql.begin(), "ALTER SEQUENCE " + old + " RENAME TO " + quote_identifier(aside));
      old = support::qualified(sequence.path[0], aside);
    }
    sql.push_back("SELECT pg_catalog.setval(" + support::quote_literal(own) + ", last_value, is_called) FROM " + old);
    sql.push_back("DROP SEQUENCE " + old);
  }

  // The sequence that the column's new default draws from goes on after the numbers that the identity's own one has given out. If
  // it has that one's name, that one makes way for it first.
  void hand_down(const ObjectId& next, std::vector<std::string>& sql) {
    const ObjectId own = identity_sequence(from_);
    std::string former = support::qualified(own.path);
    if (next == own) {
      const std::string aside = short_name(own.path[1] + "_lockstep_old");
      Step& step = add("set the sequence of " + shown() + "'s identity aside",
                       {"ALTER SEQUENCE " + former + " RENAME TO " + quote_identifier(aside)});
      step.phase = Phase::contract;
      step.breaking = "statements that use sequence " + former + " by its name fail";
      step.locks = {{former, plan::LockMode::access_exclusive}};
      step.destroys = {own};
      former = support::qualified(own.path[0], aside);
    }
    sql.insert(sql.begin(), beyond_what_it_gave(former, numbers_of(*context_.to.find(next))));
  }

  void not_null() {
    if (!changed(keys::kNotNull.name)) return;
    if (!to_.get(keys::kNotNull)) {
      Step& step = add("allow NULL in " + shown(), {alter_column() + "DROP NOT NULL"});
      step.phase = Phase::contract;
      step.alters = {keys::kNotNull.name};
      step.breaking = "readers of " + shown() + " may meet a NULL";
      return;
    }
    if (!context_.online(relation_of(to_.id))) {
      Step& step = add("set " + shown() + " NOT NULL", {alter_column() + "SET NOT NULL"});
      step.phase = Phase::contract;
      step.alters = {keys::kNotNull.name};
      step.breaking = "INSERTs and UPDATEs that leave " + shown() + " NULL fail";
      return;
    }
    const bool backfill = intent() != nullptr && intent()->backfill;
    if (!backfill) {
      for (auto& step : set_not_null(to_, true, context_)) steps_.push_back(std::move(step));
      steps_[steps_.size() - 3].checks = {no_nulls(to_, true, context_)};  // checked before anything runs
      return;
    }
    const Fill fill{to_.id.path[2], *intent()->backfill, text_.default_expression.empty()};
    for (auto& step : start_fill(to_, fill, context_)) steps_.push_back(std::move(step));
    for (auto& step : set_not_null(to_, false, context_)) steps_.push_back(std::move(step));
    for (auto& step : end_fill(to_, fill, context_)) steps_.push_back(std::move(step));
  }

  void settings() {
    std::vector<std::string> sql;
    const bool retyped = changed(keys::kType.name) || changed(keys::kCollation.name);  // that step has set them
    if (changed(keys::kStorage.name) && !retyped) {
      sql.push_back(alter_column() + storage_clause(from_.get(keys::kStorage), to_.get(keys::kStorage), context_.server_version));
      keep_of_descendants(sql, keys::kStorage.name);
    }
    if (changed(keys::kCompression.name) && !retyped) {
      sql.push_back(alter_column() + compression_clause(to_.get(keys::kCompression)));
      for (auto& statement : set_compression_of_descendants(to_.id, context_)) sql.push_back(std::move(statement));
    }
    if (changed(keys::kStatistics.name)) {
      const auto target = to_.has(keys::kStatistics) ? std::optional(to_.get(keys::kStatistics)) : std::nullopt;
      sql.push_back(alter_column() + statistics_clause(target));
      keep_of_descendants(sql, keys::kStatistics.name);
    }
    if (changed(keys::kOptions.name)) {
      for (const auto& clause : option_clauses(from_.get(keys::kOptions), to_.get(keys::kOptions)))
        sql.push_back(alter_column() + clause);
    }
    if (sql.empty()) return;
    Step& step = add("change storage settings of " + shown(), sql);
    step.alters = {keys::kStatistics.name, keys::kOptions.name};
    if (!retyped) step.alters.insert(step.alters.end(), {keys::kStorage.name, keys::kCompression.name});
  }

  // ALTER recurses to the descendants, so their own settings are set again.
  void keep_of_descendants(std::vector<std::string>& sql, std::string_view attribute) const {
    for (auto& kept : say_again(to_.id, attribute, context_)) sql.push_back(std::move(kept));
  }

  const Change& change_;
  const Object& from_;
  const Object& to_;
  const ColumnText& text_;
  const Context& context_;
  Steps steps_;
};

// A retyped column keeps the storage and compression that were set for the old type, here and in its descendants.
std::vector<std::string> set_again_after_retype(const Object& column, const Context& context) {
  std::vector<std::string> sql;
  const auto alter = [](const ObjectId& id) {
    return "ALTER TABLE " + relation_name(id) + " ALTER COLUMN " + quote_identifier(id.path[2]) + " ";
  };
  if (column.has(keys::kStorage))
    sql.push_back(alter(column.id) + storage_clause({}, column.get(keys::kStorage), context.server_version));
  for (auto& kept : say_again(column.id, keys::kStorage.name, context)) sql.push_back(std::move(kept));
  if (column.has(keys::kCompression)) sql.push_back(alter(column.id) + compression_clause(column.get(keys::kCompression)));
  for (const ObjectId& descendant : descendants(context.from, column.id)) {
    const std::string wanted = state_of(context.to, descendant).compression;
    if (!wanted.empty()) sql.push_back(alter(descendant) + compression_clause(wanted));
  }
  return sql;
}

}  // namespace

Step retype_step(const Object& column, const std::string& type, const std::string& using_text, const Context& context) {
  const ObjectId value{kDefault, column.id.path};
  const std::string alter_column = "ALTER COLUMN " + quote_identifier(column.id.path[2]) + " ";
  std::vector<std::string> actions;
  if (context.from.contains(value) || descendants_have_defaults(column.id, context))
    actions.push_back(alter_column + "DROP DEFAULT");
  actions.push_back(alter_column + "TYPE " + type +
                    (column.has(keys::kCollation) ? " COLLATE " + column.get(keys::kCollation) : "") + using_text);
  const Object* wanted = context.to.find(value);
  if (wanted != nullptr && !context.is_new(value)) {
    actions.push_back(alter_column + "SET DEFAULT " + wanted->get(keys::kExpression));
  }
  Step step = step_for(column, {}, {"ALTER TABLE " + relation_name(column.id) + " " + support::join(actions, ", ")});
  for (auto& kept : say_again(column.id, keys::kDefault.name, context, true)) step.sql.push_back(std::move(kept));
  for (auto& lost : set_again_after_retype(column, context)) step.sql.push_back(std::move(lost));
  step.lock = LockMode::access_exclusive;
  return step;
}

void sets_default(Step& step, const ObjectId& column, const Context& context) {
  const ObjectId value{kDefault, column.path};
  const Object *before = context.from.find(value), *after = context.to.find(value);
  if (before == nullptr || after == nullptr || context.is_new(value)) return;
  if (before->get(keys::kExpression) == after->get(keys::kExpression)) return;
  step.produces.push_back(value);
  if (!std::count(step.alters.begin(), step.alters.end(), keys::kExpression.name)) step.alters.push_back(keys::kExpression.name);
}

bool join_retypes(Step& head, const Step& part) {
  const auto retypes = [](const Step& step) {  // as made by retype_step
    if (step.produces.empty() || step.produces.front().path.size() != 3 || step.sql.empty()) return false;
    const ObjectId& column = step.produces.front();
    const std::string alter = "ALTER TABLE " + relation_name(column) + " ALTER COLUMN " + quote_identifier(column.path[2]) + " ";
    return step.sql.front().starts_with(alter + "TYPE ") || step.sql.front().starts_with(alter + "DROP DEFAULT, ALTER COLUMN ");
  };
  if (!retypes(head) || !retypes(part) || relation_of(head.produces.front()) != relation_of(part.produces.front())) return false;
  if (!(head.rewrites || head.builds || head.scans) || !(part.rewrites || part.builds || part.scans)) return false;
  head.sql.front() += ", " + part.sql.front().substr(("ALTER TABLE " + relation_name(part.produces.front()) + " ").size());
  head.sql.insert(head.sql.end(), part.sql.begin() + 1, part.sql.end());
  head.title += "; " + part.title;
  head.phase = std::max(head.phase, part.phase);
  head.rewrites = head.rewrites || part.rewrites;
  head.scans = head.scans || part.scans;
  head.builds = head.builds || part.builds;
  head.converts = head.converts || part.converts;
  head.produces.insert(head.produces.end(), part.produces.begin(), part.produces.end());
  head.consumes.insert(head.consumes.end(), part.consumes.begin(), part.consumes.end());
  for (const auto& attribute : part.alters) {
    if (!std::count(head.alters.begin(), head.alters.end(), attribute)) head.alters.push_back(attribute);
  }
  const auto object = [](const Step& step) {
    return step.produces.empty() ? std::string() : support::join(step.produces.front().path, ".");
  };
  plan::join_breaking(head, object(head), part, object(part));
  head.losses.insert(head.losses.end(), part.losses.begin(), part.losses.end());
  head.consequences.insert(head.consequences.end(), part.consequences.begin(), part.consequences.end());
  head.checks.insert(head.checks.end(), part.checks.begin(), part.checks.end());
  return true;
}

Steps change_column(const Change& change, const Object& from, const Object& to, const ColumnText& text, const Context& context) {
  return Changer(change, from, to, text, context).run();
}

}  // namespace lockstep::recipes
