#include "recipes/concurrent_index.h"

#include <algorithm>
#include <iterator>
#include <regex>

#include "catalog/keys.h"
#include "recipes/adopted_share.h"
#include "recipes/relation.h"
#include "recipes/share_names.h"
#include "recipes/tags.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::List;
using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using plan::TransactionMode;
using support::qualified;
using support::quote_identifier;
using support::quote_literal;

namespace {

std::string regclass(const std::string& schema, const std::string& name) {
  return "pg_catalog.to_regclass(" + quote_literal(qualified(schema, name)) + ")";
}

// 'absent' | 'partial' | 'done'. An index of that name on another table, or one that is a share of its parent's, counts as
// absent; the CREATE then reports the conflict.
std::string index_probe(const ObjectId& relation, const std::string& name) {
  return "SELECT CASE WHEN i.indexrelid IS NULL THEN 'absent' WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'done' "
         "ELSE 'partial' END "
         "FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = " +
         regclass(relation.path[0], name) + " AND i.indrelid = " + regclass(relation.path[0], relation.path[1]) +
         " AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid)";
}

constexpr const char* kBeingBuilt = "index being built";

// Builds the index of one leaf (or plain table). A postcheck settles the outcome.
Step build(const Object& object, const ObjectId& relation, const IndexText& index, const Context& context) {
  Step step = step_for(object, "build index " + qualified(relation.path[0], index.name) + " without blocking writers", {});
  step.sql = {std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX CONCURRENTLY " + quote_identifier(index.name) +
              " ON " + qualified(relation.path) + " " + index.definition};
  step.mode = TransactionMode::outside;
  step.phase = Phase::expand;
  step.lock = LockMode::share_update_exclusive;
  step.locks = {{qualified(relation.path), step.lock}};  // it has no transaction whose locks the proof could observe
  step.builds = true;
  step.scans = true;
  step.bytes = context.bytes(relation);
  step.postcheck = index_probe(relation, index.name);
  step.repair = "DROP INDEX CONCURRENTLY " + qualified(relation.path[0], index.name);
  step.helpers = {index_helper(kBeingBuilt, object.id, relation.path[0], index.name, true)};
  return step;
}

// For a table that nobody uses yet.
Step build_directly(const Object& object, const ObjectId& relation, const IndexText& index) {
  Step step = step_for(object, "create index " + qualified(relation.path[0], index.name) + " on the partition", {});
  step.sql = {std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + quote_identifier(index.name) + " ON " +
              qualified(relation.path) + " " + index.definition};
  step.helpers = {index_helper(kBeingBuilt, object.id, relation.path[0], index.name, true)};
  return step;
}

}  // namespace

namespace {

// "a_b" as PostgreSQL names an index over columns, with those that it includes, and over calls of functions ("lower"); empty
// where it has anything else, or a name that isn't plain.
std::string named_columns(const std::string& definition) {
  static const std::regex kLists(R"(USING \w+ \(((?:[^()]|\([^()]*\))*)\)(?: INCLUDE \(([^()]*)\))?.*)");
  static const std::regex kItem(
      R"((?:(?:[a-z_][a-z0-9_]*\.)?([a-z_][a-z0-9_]*)\([^()]*\)|([a-z_][a-z0-9_]*))(?: [^"',]*)?(, |$))");
  std::smatch lists;
  if (!std::regex_match(definition, lists, kLists)) return {};
  std::string names;
  for (const std::string& list : {lists[1].str(), lists[2].str()}) {
    std::smatch item;
    for (std::string rest = list; !rest.empty(); rest = item.suffix()) {
      if (!std::regex_search(rest, item, kItem, std::regex_constants::match_continuous)) return {};
      names += (names.empty() ? "" : "_") + (item[1].matched ? item[1].str() : item[2].str());
    }
  }
  return names;
}

}  // namespace

std::ptrdiff_t shares_made_before(const Object& object, const Context& context) {
  const ObjectId relation = relation_of(object.id);
  const std::string columns = named_columns(object.get(keys::kDefinition));
  if (columns.empty()) return 0;
  const auto count = [&](const catalog::Catalog& catalog, const auto& counts) {
    const auto table = catalog.index_of(relation);
    if (!table) return std::ptrdiff_t{0};
    const auto& parts = catalog.children(*table);
    return std::count_if(parts.begin(), parts.end(), [&](const auto part) {
      const Object& other = catalog.at(part);
      return other.id.kind == object.id.kind && other.id != object.id && counts(other.id) &&
             named_columns(other.get(keys::kDefinition)) == columns;
    });
  };
  return count(context.from, [](const ObjectId&) { return true; }) +
         count(context.to, [&](const ObjectId& other) { return !context.from.contains(other) && other < object.id; });
}

// The name is the one that PostgreSQL chooses when the parent's index is created in one statement ("t_2026_a_b_idx"), so that
// both ways lead to the same schema. If the index has more than plain columns, the name is derived from the parent's index.
IndexText share_of(const IndexText& index, const ObjectId& leaf, std::ptrdiff_t made_before) {
  const std::string columns = named_columns(index.definition);
  IndexText own = index;
  if (!index.successor && !columns.empty()) {
    own.name = short_name(leaf.path[1] + "_" + columns + "_idx" + (made_before > 0 ? std::to_string(made_before) : ""));
  } else {
    own.name = short_name(leaf.path[1] + "_" + index.name);
  }
  return own;
}

namespace {

Step attach(const Object& object, const ObjectId& relation, const IndexText& index, const ObjectId& leaf, const IndexText& own) {
  Step step = step_for(object, "attach index " + qualified(leaf.path[0], own.name), {});
  step.sql = {"ALTER INDEX " + qualified(relation.path[0], index.name) + " ATTACH PARTITION " +
              qualified(leaf.path[0], own.name)};
  step.lock = LockMode::access_exclusive;  // on the leaf's index only; the tables stay usable
  return step;
}

// Partitions that are created, dropped, attached or detached by this plan. All of that has to happen before the index is
// created on the parent: it becomes valid only when each present partition has an attached index, and on a partition attached
// later PostgreSQL would create an index itself.
std::vector<ObjectId> partitions_that_change(const ObjectId& relation, const Context& context) {
  const auto before = partitions(context.from, relation), after = partitions(context.to, relation);
  std::vector<ObjectId> changed;
  std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(changed));
  for (const ObjectId& leaf : after) {
    if (context.is_new(leaf) && context.from.contains(leaf)) changed.push_back(leaf);  // recreated
  }
  return changed;
}

// The comment of an index that becomes a share isn't declared any more.
std::vector<std::string> without_comment(const ObjectId& index, const std::string& name, const Context& context) {
  for (const catalog::KindTag* kind : {kComment, kIndexComment}) {
    catalog::Path path{std::string(index.kind->name)};
    path.append(index.path);
    if (context.from.contains(ObjectId{kind, path})) return {"COMMENT ON INDEX " + qualified(index.path[0], name) + " IS NULL"};
  }
  return {};
}

// The index that the leaf has becomes its share. While the run can still be taken back it has a name that is neither its own,
// under which it would be built again, nor the final one.
Step adopt(const Object& object, const ObjectId& relation, const IndexText& index, const ObjectId& leaf, const ObjectId& equal,
           const IndexText& meanwhile) {
  Step step = attach(object, relation, index, leaf, meanwhile);
  const std::string former = qualified(leaf.path[0], equal.path.back());
  step.title = "attach index " + former;
  step.sql.insert(step.sql.begin(), "ALTER INDEX " + former + " RENAME TO " + quote_identifier(meanwhile.name));
  step.destroys = {equal};
  return step;
}

// Whether another table above the leaves has an index over the same columns: its shares have the names of this one's.
// `relation`: the leaves' parent, `top`: the table that the new index is of.
bool has_rival_above(const ObjectId& relation, const ObjectId& top, const IndexText& index, const Context& context) {
  const std::string columns = named_columns(index.definition);
  const Object* table = context.from.find(relation);
  while (table != nullptr) {
    for (const auto child : context.from.children(*context.from.index_of(table->id))) {
      const Object& other = context.from.at(child);
      const bool alike = other.has(keys::kDefinition) && named_columns(other.get(keys::kDefinition)) == columns;
      if (alike && table->id != top) return true;
    }
    table = table->has(keys::kPartitionOf) ? context.from.find(ObjectId{relation.kind, table->get(keys::kPartitionOf)}) : nullptr;
  }
  return false;
}

// `names`: statements for the end.
void build_partitioned(const Object& object, const ObjectId& relation, const IndexText& index, const Context& context,
                       Steps& steps, std::vector<ShareName>& names) {
  const std::ptrdiff_t rivals = index.successor ? 0 : shares_made_before(object, context);
  Step parent = step_for(object, "create index " + qualified(relation.path[0], index.name) + " on the parent only", {});
  parent.sql = {std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + quote_identifier(index.name) + " ON ONLY " +
                qualified(relation.path) + " " + index.definition};
  parent.lock = LockMode::share;
  parent.produces.clear();  // not usable before the last leaf is attached
  const auto changed = partitions_that_change(relation, context);
  parent.consumes.insert(parent.consumes.end(), changed.begin(), changed.end());
  // the leaves' indexes are dropped with it
  parent.helpers = {index_helper(kBeingBuilt, object.id, relation.path[0], index.name, false)};
  steps.push_back(parent);
  const bool online = context.online(relation);
  for (const ObjectId& leaf : partitions(context.to, relation)) {
    IndexText own = share_of(index, leaf, rivals);
    if (const auto key = key_attached_to(context.to, leaf, index.name)) {
      own.name = key->path.back();
      steps.back().consumes.push_back(*key);
    } else if (const auto equal = adopted_share(object, leaf, context); equal && !index.successor) {
      IndexText meanwhile = index;
      meanwhile.name = transitional_name(context, leaf.path[0], leaf.path[1] + "_" + index.name);
      steps.push_back(adopt(object, relation, index, leaf, *equal, meanwhile));
      for (auto& statement : without_comment(*equal, meanwhile.name, context)) steps.back().sql.push_back(std::move(statement));
      names.push_back({leaf.path[0], meanwhile.name, share_of(index, leaf).name});
      continue;
    } else if (!context.is_new(leaf) && is_partitioned(context.from, leaf)) {
      build_partitioned(object, leaf, own, context, steps, names);
    } else {
      if (!index.successor)  // what goes makes way before
        own.name = numbered_name(own.name, [&](const std::string& name) { return has_named(context.to, leaf.path[0], name); });
      if (!index.successor && has_rival_above(relation, relation_of(object.id), index, context)) {
        names.push_back({leaf.path[0], transitional_name(context, leaf.path[0], leaf.path[1] + "_" + index.name), own.name});
        own.name = names.back().built;
      }
      const bool nobody_waits = !online || context.is_new(leaf);
      steps.push_back(nobody_waits ? build_directly(object, leaf, own) : build(object, leaf, own, context));
      steps.back().produces.clear();
    }
    steps.push_back(attach(object, relation, index, leaf, own));
    steps.back().helpers = {taken(index_helper(kBeingBuilt, object.id, leaf.path[0], own.name, true))};
  }
}

}  // namespace

plan::Steps create_index_concurrently(const Object& object, const ObjectId& relation, const IndexText& index,
                                      const Context& context) {
  Steps steps;
  if (is_partitioned(context.from, relation)) {
    std::vector<ShareName> names;
    build_partitioned(object, relation, index, context, steps, names);
    if (!names.empty()) {
      steps.push_back(step_for(object, "name the shares of " + catalog::to_string(object.id), name_shares(names)));
      steps.back().lock = LockMode::share_update_exclusive;  // on the indexes
    }
  } else {
    steps.push_back(build(object, relation, index, context));
  }
  if (!index.successor) steps.back().helpers.push_back(taken(steps.front().helpers.front()));
  return steps;
}

bool would_take_another(const ObjectId& relation, const IndexText& index, const Context& context) {
  const auto leaves = partitions(context.from, relation);
  return std::any_of(leaves.begin(), leaves.end(), [&](const ObjectId& leaf) {
    const auto& children = context.from.children(*context.from.index_of(leaf));
    const bool has = std::any_of(children.begin(), children.end(), [&](const auto child) {
      const Object& other = context.from.at(child);
      if (context.is_new(other.id)) return false;
      const List columns = other.get(keys::kColumns);
      const Object* wanted = context.to.find(other.id);
      const bool serves = wanted != nullptr && wanted->get(keys::kAttachedTo) == index.name;
      const bool key = index.unique && !serves && !columns.empty() &&
                       "USING btree (" + support::identifier_list(columns) + ")" == index.definition;
      return key || (other.get(keys::kDefinition) == index.definition && other.get(keys::kUnique) == index.unique);
    });
    return has || would_take_another(leaf, index, context);
  });
}

plan::Step create_index_by_partition(const Object& object, const ObjectId& relation, const IndexText& index,
                                     const Context& context) {
  Steps parts;
  std::vector<ShareName> names;
  build_partitioned(object, relation, index, context, parts, names);
  Step step = step_for(object, "create " + catalog::to_string(object.id), {});
  for (const Step& part : parts) {
    step.sql.insert(step.sql.end(), part.sql.begin(), part.sql.end());
    step.consumes.insert(step.consumes.end(), part.consumes.begin(), part.consumes.end());
  }
  step.lock = LockMode::access_exclusive;  // on the indexes that are attached; SHARE on the tables
  return step;
}

plan::Step reindex(const Object& index, const ObjectId& relation, const Context& context) {
  const std::string& schema = index.id.path.front();
  const std::string& name = index.id.path.back();
  Step step = step_for(index, "build " + catalog::to_string(index.id) + " again: it is INVALID", {});
  step.builds = true;
  step.bytes = context.bytes(relation);
  if (!context.online(relation)) {
    step.sql = {"REINDEX INDEX " + qualified(schema, name)};
    step.lock = LockMode::access_exclusive;  // on the index; SHARE on the table
    return step;
  }
  // A killed REINDEX leaves its half-built copy, under the name that PostgreSQL gives it.
  constexpr std::size_t kRoom = 57;
  std::size_t cut = std::min(name.size(), kRoom);
  while (cut < name.size() && cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0U) == 0x80U) --cut;
  const std::string half = name.substr(0, cut) + "_ccnew";
  step.title += ", without blocking writers";
  step.sql = {"REINDEX INDEX CONCURRENTLY " + qualified(schema, name)};
  step.mode = TransactionMode::outside;
  step.scans = true;
  step.lock = LockMode::share_update_exclusive;
  step.locks = {{qualified(relation.path), step.lock}};
  step.postcheck = "SELECT CASE WHEN " + regclass(schema, half) +
                   " IS NOT NULL THEN 'partial' WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'done' ELSE 'absent' END "
                   "FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = " +
                   regclass(schema, name);
  step.repair = "DROP INDEX CONCURRENTLY " + qualified(schema, half);
  return step;
}

plan::Steps drop_index_concurrently(const ObjectId& index) {
  const std::string name = qualified(index.path.front(), index.path.back());
  Step step;
  step.title = "drop " + catalog::to_string(index) + " without blocking";
  step.sql = {"DROP INDEX CONCURRENTLY " + name};
  step.mode = TransactionMode::outside;
  step.phase = Phase::contract;
  step.lock = LockMode::share_update_exclusive;
  step.locks = {{relation_name(index), step.lock}};
  step.destroys = {index};
  // A killed drop leaves the index, valid or not; then it is dropped again.
  step.postcheck =
      "SELECT CASE WHEN " + regclass(index.path.front(), index.path.back()) + " IS NULL THEN 'done' ELSE 'absent' END";
  return {step};
}

}  // namespace lockstep::recipes
