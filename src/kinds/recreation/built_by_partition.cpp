#include "kinds/recreation/built_by_partition.h"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/keys.h"
#include "kinds/constraints/key_constraint.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/partition_columns.h"
#include "kinds/registry.h"
#include "recipes/concurrent_index.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using plan::Phase;
using recipes::IndexText;
using recipes::relation_of;
using support::qualified;
using support::quote_identifier;

namespace {

IndexText text_of(const Object& index, std::string name) {
  IndexText text;
  text.unique = index.get(keys::kUnique);
  text.name = std::move(name);
  text.definition = index.get(keys::kDefinition);
  text.successor = true;
  return text;
}

class Builder {
 public:
  Builder(const Object& now, const Object& successor, const Catalog& renamed, std::set<std::string>& taken,
          const Context& context)
      : now_(now),
        successor_(successor),
        taken_(taken),
        context_(context),
        beside_{.from = context.from,
                .to = renamed,
                .facts = context.facts,
                .server_version = context.server_version,
                .is_new = [this](const ObjectId& one) { return !context_.from.contains(one); },
                .online = [](const ObjectId&) { return true; },
                .default_privileges = context.default_privileges} {}

  BuiltByPartition run() {
    const ObjectId table = relation_of(now_.id);
    if (now_.id.is(kIndex.tag)) {
      const IndexText text = text_of(successor_, successor_.id.path[2]);
      result_.steps = recipes::create_index_concurrently(successor_, table, text, beside_);
      IndexText own = text_of(now_, now_.id.path[2]);
      own.successor = false;
      name_shares(table, text, own);
    } else {
      key_of(table, successor_.id.path[2]);
    }
    std::vector<plan::Helper>& left = result_.left;
    for (Step& step : result_.steps) {
      tidy(step);
      for (const plan::Helper& helper : step.helpers) {
        if (helper.change == plan::Helper::Change::made)
          left.push_back(recipes::taken(helper));
        else
          std::erase_if(left, [&](const plan::Helper& one) { return one.names == helper.names; });
      }
    }
    return std::move(result_);
  }

 private:
  void tidy(Step& step) const {
    if (step.mode == plan::TransactionMode::outside)
      step.title = "build the successor of " + catalog::to_string(now_.id) + " on " + step.locks.front().relation +
                   " without blocking writers";
    step.phase = Phase::migrate;
    step.produces.clear();
    step.consumes.clear();
    step.checks.clear();
    step.alters.clear();
    step.breaking.clear();
  }

  void name_shares(const ObjectId& table, const IndexText& built, const IndexText& own) {
    for (const ObjectId& part : recipes::partitions(context_.from, table)) {
      const IndexText share = recipes::share_of(built, part);
      IndexText wanted = recipes::share_of(own, part);
      wanted.name = free_name(part.path[0], wanted.name);
      result_.renames.push_back("ALTER INDEX " + qualified(part.path[0], share.name) + " RENAME TO " +
                                quote_identifier(wanted.name));
      name_shares(part, share, wanted);
    }
  }

  // The key of `table` in its swap, with those of its partitions.
  void key_of(const ObjectId& table, const std::string& name) {
    Object key = successor_;
    key.id.path = {table.path[0], table.path[1], name};
    if (!recipes::is_partitioned(context_.from, table)) {
      Object named = key;
      const std::string built = recipes::short_name(table.path[1] + "_" + successor_.id.path[2]);
      named.id.path.set(2, built);
      Steps steps = of(named.id).create(named, beside_);
      for (Step& step : steps)
        std::erase_if(step.helpers, [](const plan::Helper& helper) { return helper.change == plan::Helper::Change::taken; });
      result_.keys.push_back(key_using_index(key, built));
      steps.pop_back();
      for (Step& step : steps) result_.steps.push_back(std::move(step));
      return;
    }
    result_.keys.push_back(key_of_table_only(key));
    for (const ObjectId& part : recipes::partitions(context_.from, table)) {
      const std::string own = free_name(part.path[0], name_of_share(key, part));
      key_of(part, own);
      result_.keys.push_back("ALTER INDEX " + qualified(table.path[0], name) + " ATTACH PARTITION " +
                             qualified(part.path[0], own));
    }
  }

  // As PostgreSQL makes a name that nothing has.
  std::string free_name(const std::string& schema, const std::string& wanted) {
    const std::string name = recipes::numbered_name(wanted, [&](const std::string& one) {
      return recipes::has_named(context_.from, schema, one) || recipes::has_named(context_.to, schema, one) ||
             taken_.contains(qualified(schema, one));
    });
    taken_.insert(qualified(schema, name));
    return name;
  }

  // As PostgreSQL names it.
  std::string name_of_share(const Object& key, const ObjectId& part) const {
    std::string name = part.path[1];
    if (key.id.is(kPrimaryKey.tag)) return recipes::short_name(name + "_pkey");
    const Object& own = *context_.from.find(now_.id);
    for (const auto& column : own.get(keys::kColumns)) name += "_" + column;
    for (const auto& column : own.get(keys::kInclude)) name += "_" + column;
    return recipes::short_name(name + "_key");
  }

  const Object &now_, &successor_;
  std::set<std::string>& taken_;
  const Context& context_;
  const Context beside_;
  BuiltByPartition result_;
};

}  // namespace

bool is_built_by_partition(const ObjectId& id, const Context& context) {
  return (id.is(kIndex.tag) || is_key(id)) && recipes::is_partitioned(context.from, relation_of(id));
}

BuiltByPartition built_by_partition(const ObjectId& id, const ObjectId& successor, const Catalog& renamed,
                                    std::set<std::string>& taken, const Context& context) {
  const Object* object = renamed.find(successor);
  if (object == nullptr) throw support::InternalError("no copy of " + catalog::to_string(successor));
  Object copy = *object;
  copy.set(keys::kClustered.name, {});
  return Builder(*context.from.find(id), copy, renamed, taken, context).run();
}

std::string not_by_partition(const Object& object, const Context& context) {
  const std::string name = catalog::to_string(object.id);
  if (object.has(keys::kTablespace)) return name + " has a tablespace of its own";
  if (object.has(keys::kIndexStatistics)) return name + " has statistics targets of its own";
  if (object.has(keys::kValid)) return name + " is INVALID";
  if (object.id.is(kIndex.tag) || is_key(object.id)) {
    for (const ObjectId& part : with_partitions(relation_of(object.id), context.from)) {
      if (recipes::key_attached_to(context.from, part, object.id.path[2])) return "a key of a partition serves " + name;
    }
  }
  return {};
}

}  // namespace lockstep::kinds
