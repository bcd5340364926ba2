#include "kinds/recreation/swapped_table.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/inheritance/partition_places.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/built_beside.h"
#include "kinds/recreation/remade_table.h"
#include "kinds/registry.h"
#include "recipes/concurrent_index.h"
#include "recipes/identity.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/row_probe.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::qualified;
using support::quote_identifier;

// Stays with the rows: the partition has its own, equal to the new table's.
bool stays_with_rows(const ObjectId& id) {
  return is_key(id) || id.is(kColumn.tag) || id.is(kDefault.tag) || id.is(kIndex.tag) || id.is(kCheck.tag) ||
         id.is(kForeignKey.tag);
}

std::vector<const Object*> children(const ObjectId& table, const Catalog& catalog) {
  std::vector<const Object*> found;
  for (const auto child : catalog.children(*catalog.index_of(table))) found.push_back(&catalog.at(child));
  return found;
}

// Facets and places say nothing of what the part is.
bool alike(const Object& a, const Object& b) {
  const auto& attributes = of(a.id).attributes;
  return std::all_of(attributes.begin(), attributes.end(), [&](const AttrSpec& attribute) {
    return attribute.derived || attribute.facet || a.value(attribute.name) == b.value(attribute.name);
  });
}

bool plain_key(const Object& key) {
  return !key.has(keys::kOptions) && !key.has(keys::kTablespace) && !key.has(keys::kDeferrable) &&
         !key.get(keys::kNullsNotDistinct) && !key.get(keys::kWithoutOverlaps) && !key.get(keys::kClustered) &&
         !key.has(keys::kInclude);
}

bool kept(const Object& part, const Catalog& other) {
  const Object* same = other.find(part.id);
  return same != nullptr && alike(part, *same);
}

// Both have the same parts, but for keys, which can be built and dropped beside the traffic.
bool parts_fit(const ObjectId& table, const Context& context) {
  const auto fits = [&](const Catalog& one, const Catalog& other) {
    const auto parts = children(table, one);
    return std::all_of(parts.begin(), parts.end(), [&](const Object* part) {
      if (!stays_with_rows(part->id) || kept(*part, other)) return true;
      return is_key(part->id) && plain_key(*part);
    });
  };
  const auto parts = children(table, context.to);
  const bool refers_to_itself = std::any_of(parts.begin(), parts.end(), [&](const Object* part) {
    return part->id.is(kForeignKey.tag) && part->get(keys::kReferences) == List(table.path);
  });
  return !refers_to_itself && fits(context.from, context.to) && fits(context.to, context.from);
}

bool partition_fits(const Object& partition, const Object& before) {
  return partition.id.path[0] == before.id.path[0] && !partition.has(keys::kPartitionBy) &&
         partition.value(keys::kUnlogged.name) == before.value(keys::kUnlogged.name) &&
         partition.value(keys::kOptions.name) == before.value(keys::kOptions.name) &&
         partition.value(keys::kTablespace.name) == before.value(keys::kTablespace.name) &&
         partition.value(keys::kAccessMethod.name) == before.value(keys::kAccessMethod.name) &&
         !partition.has(keys::kRowSecurity) && !partition.has(keys::kForceRowSecurity) &&
         !partition.has(keys::kReplicaIdentity) && !before.has(keys::kOfType);
}

// The CHECK that proves the bound; empty: none is needed. nullopt: PostgreSQL takes none for a proof.
std::optional<std::string> proof_of(const Object& partition, const Context& context) {
  const recipes::RowProbe* probe = recipes::row_probe(partition.id, context);
  if (probe == nullptr || probe->levels.size() != 1) return std::nullopt;
  if (probe->condition.empty() && partition.get(keys::kBound) == keys::kDefaultBound) return "";
  if (probe->levels.front().empty()) return std::nullopt;
  return probe->levels.front();
}

std::vector<const Object*> owned_sequences_that_go(const ObjectId& table, const Context& context) {
  std::vector<const Object*> gone;
  for (const Object& object : context.from.objects()) {
    const List column = object.id.is(kSequence.tag) ? object.get(keys::kOwnedBy) : List();
    if (column.size() == 3 && table.path == catalog::Path{column[0], column[1]} &&
        !stays_owned(object.id, context.from, context.to))
      gone.push_back(&object);
  }
  return gone;
}

// Another root that goes too, which this part refers to: then it is dropped in a step of its own.
bool dropped_before(const Object& part, const Context& context) {
  if (!of(part.id).dropped_before_parent) return false;
  const auto index = *context.from.index_of(part.id);
  const auto& edges = context.from.edges_from(index);
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
    return context.from.root(edge.referenced) != context.from.root(index) && context.is_new(context.from.at(edge.referenced).id);
  });
}

void add_sql(std::vector<std::string>& sql, const Steps& steps) {
  for (const Step& step : steps) sql.insert(sql.end(), step.sql.begin(), step.sql.end());
}

void drop_one(std::vector<std::string>& sql, const Object& object, const Context& context) {
  const KindSpec& kind = of(object.id);
  if (kind.drop != nullptr)
    add_sql(sql, kind.drop(object, context));
  else
    sql.push_back("DROP " + std::string(kind.keyword) + " " + kind.address(object.id));
}

// What only the table as a whole has, of it and of the parts that stay: privileges, comments, policies, triggers, statistics.
void strip(std::vector<std::string>& sql, const ObjectId& of_what, const Context& context) {
  const auto index = *context.from.index_of(of_what);
  for (const auto child : context.from.children(index)) {
    const Object& part = context.from.at(child);
    if (stays_with_rows(part.id)) {
      strip(sql, part.id, context);
    } else if (!dropped_before(part, context)) {
      drop_one(sql, part, context);
    }
  }
  for (const auto& edge : context.from.edges_to(index)) {
    const Object& dependent = context.from.at(edge.dependent);
    const bool apart = context.from.root(edge.dependent) != context.from.root(index);
    if (edge.automatic && apart && dependent.id.is(kStatistics.tag)) {
      const std::string statement = "DROP STATISTICS " + qualified(dependent.id.path);
      if (std::find(sql.begin(), sql.end(), statement) == sql.end()) sql.push_back(statement);
    }
  }
}

// As PostgreSQL does, with a number where another relation has the name.
std::string free_name(const std::string& schema, const std::string& wanted, const Context& context) {
  const auto taken = [&](const std::string& name) {
    const auto has = [&](const Object& object) {
      return of(object.id).is_relation() && object.id.path.front() == schema && object.id.path.back() == name;
    };
    return std::any_of(context.from.objects().begin(), context.from.objects().end(), has) ||
           std::any_of(context.to.objects().begin(), context.to.objects().end(), has);
  };
  return recipes::numbered_name(wanted, taken);
}

std::string key_name(const ObjectId& partition, const Object& key, const Context& context) {
  const std::string columns = key.id.is(kPrimaryKey.tag) ? "_pkey" : "_" + support::join(key.get(keys::kColumns), "_") + "_key";
  return free_name(partition.path[0], partition.path[1] + columns, context);
}

std::string index_name(const ObjectId& partition, const Object& index, const Context& context) {
  const recipes::IndexText text{
      .unique = false, .name = index.id.path[2], .definition = index.get(keys::kDefinition), .tablespace = {}};
  return free_name(partition.path[0], recipes::share_of(text, partition).name, context);
}

// As PostgreSQL names the parts of a new partition, so that both ways lead to the same schema.
void rename_indexes(std::vector<std::string>& sql, const Object& table, const ObjectId& partition, const Context& context) {
  std::set<std::string> given;
  for (const Object* part : children(table.id, context.from)) {
    if (!kept(*part, context.to) || !(is_key(part->id) || part->id.is(kIndex.tag))) continue;
    std::string name = is_key(part->id) ? key_name(partition, *part, context) : index_name(partition, *part, context);
    const std::string first = name;
    for (int number = 1; !given.insert(name).second; ++number) name = recipes::short_name(first + std::to_string(number));
    sql.push_back("ALTER INDEX " + qualified(part->id.path[0], part->id.path[2]) + " RENAME TO " + quote_identifier(name));
  }
}

// Something that this plan doesn't make again depends on the table or a part of it. It would follow the partition, and nobody
// would notice.
bool is_followed(catalog::Index index, const Context& context) {
  const auto& edges = context.from.edges_to(index);
  const bool followed = std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
    const ObjectId& dependent = context.from.at(edge.dependent).id;
    return context.from.root(edge.dependent) != context.from.root(index) && !context.is_new(dependent) &&
           !stays_owned(dependent, context.from, context.to);
  });
  const auto& parts = context.from.children(index);
  return followed || std::any_of(parts.begin(), parts.end(), [&](const auto part) { return is_followed(part, context); });
}

std::string built_name(const Object& key, const Context& context) {
  return recipes::transitional_name(context, key.id.path[0], key.id.path[2]);
}

std::vector<const Object*> new_keys(const ObjectId& table, const Context& context) {
  std::vector<const Object*> found;
  for (const Object* part : children(table, context.to)) {
    if (is_key(part->id) && !kept(*part, context.from)) found.push_back(part);
  }
  return found;
}

}  // namespace

std::optional<ObjectId> becomes_its_partition(const Object& table, const Context& context) {
  const Object& before = *context.from.find(table.id);
  const auto parts = recipes::partitions(context.to, table.id);
  if (context.bytes(table.id) == 0 || before.has(keys::kPartitionBy) || parts.size() != 1) return std::nullopt;
  const Object& partition = *context.to.find(parts.front());
  const auto own = children(partition.id, context.to);
  const bool plain = std::all_of(own.begin(), own.end(),
                                 [](const Object* part) { return part->id.is(kColumn.tag) && part->get(keys::kInherited); });
  const bool hash = table.get(keys::kPartitionBy).starts_with("HASH");
  const bool fits = plain && !hash && partition_fits(partition, before) && parts_fit(table.id, context) &&
                    !is_followed(*context.from.index_of(table.id), context) && proof_of(partition, context) &&
                    owned_sequences_that_go(table.id, context).empty();
  return fits ? std::optional<ObjectId>(partition.id) : std::nullopt;
}

TableSwap table_swap(const Object& table, const ObjectId& partition, const Steps& made, const Context& context) {
  TableSwap swap;
  const Object &before = *context.from.find(table.id), &part = *context.to.find(partition);
  const std::string name = qualified(table.id.path), now = qualified(partition.path);
  for (const Object* key : new_keys(table.id, context)) {
    recipes::IndexText index{
        .unique = true, .name = built_name(*key, context), .definition = {}, .tablespace = {}, .successor = true};
    index.definition = "USING btree (" + support::identifier_list(key->get(keys::kColumns)) + ")";
    for (Step& step : recipes::create_index_concurrently(*key, table.id, index, context)) {
      step.produces.clear();
      swap.before.push_back(std::move(step));
    }
    for (auto& helper : recipes::taken(swap.before.back())) swap.helpers.push_back(std::move(helper));
  }
  const std::string proof = *proof_of(part, context);
  const std::string check = recipes::transitional_name(context, table.id.path[0], table.id.path[1] + "_partition");
  if (!proof.empty()) {
    Step add{.phase = plan::Phase::contract,
             .title = "refuse new rows of " + name + " that its partition won't take",
             .lock = plan::LockMode::access_exclusive};
    add.sql = {"ALTER TABLE " + name + " ADD CONSTRAINT " + quote_identifier(check) + " CHECK (" + proof + ") NOT VALID"};
    add.helpers = {recipes::constraint_helper("check of a partition's rows", table.id, check)};
    add.breaking = "INSERTs into and UPDATEs of " + name + " with rows that don't belong to partition " + now + ", " +
                   part.get(keys::kBound) + ", fail";
    Step validate{.phase = plan::Phase::contract,
                  .title = "check that every row of " + name + " belongs to partition " + now,
                  .lock = plan::LockMode::share_update_exclusive};
    validate.sql = {"ALTER TABLE " + name + " VALIDATE CONSTRAINT " + quote_identifier(check)};
    validate.scans = true;
    validate.bytes = context.bytes(table.id);
    for (auto& helper : recipes::taken(add)) swap.helpers.push_back(std::move(helper));
    swap.before.push_back(std::move(add));
    swap.before.push_back(std::move(validate));
    auto question =
        recipes::row_check(table.id, "every row of " + name + " belongs to partition " + now + ", " + part.get(keys::kBound),
                           "(" + proof + ") IS NOT TRUE", true, context);
    question.alone = true;
    swap.before.front().checks = {std::move(question)};
  }
  for (Step& step : swap.before) step.prepares = true;

  strip(swap.sql, table.id, context);
  if (before.has(keys::kRowSecurity)) swap.sql.push_back("ALTER TABLE " + name + " DISABLE ROW LEVEL SECURITY");
  if (before.has(keys::kForceRowSecurity)) swap.sql.push_back("ALTER TABLE " + name + " NO FORCE ROW LEVEL SECURITY");
  if (before.has(keys::kReplicaIdentity)) swap.sql.push_back("ALTER TABLE " + name + " REPLICA IDENTITY DEFAULT");
  for (const Object* key : children(table.id, context.from)) {
    if (is_key(key->id) && !kept(*key, context.to))
      swap.sql.push_back("ALTER TABLE " + name + " DROP CONSTRAINT " + quote_identifier(key->id.path[2]));
  }
  for (const Object* key : new_keys(table.id, context))
    swap.sql.push_back("ALTER TABLE " + name + " ADD CONSTRAINT " + quote_identifier(key_name(partition, *key, context)) +
                       (key->id.is(kPrimaryKey.tag) ? " PRIMARY KEY" : " UNIQUE") + " USING INDEX " +
                       quote_identifier(built_name(*key, context)));
  rename_indexes(swap.sql, table, partition, context);
  swap.sql.push_back("ALTER TABLE " + name + " RENAME TO " + quote_identifier(partition.path[1]));
  const auto identities = [&](const auto& say) {
    for (const Object* column : children(table.id, context.from)) {
      if (column->id.is(kColumn.tag) && column->has(keys::kIdentity)) say(*column);
    }
  };
  const auto aside = [&](const Object& column) {
    return recipes::transitional_name(context, column.id.path[0], column.id.path[1] + "_" + column.id.path[2] + "_seq");
  };
  identities([&](const Object& column) {
    swap.sql.push_back("ALTER SEQUENCE " + recipes::identity_numbers(column).sequence + " RENAME TO " +
                       quote_identifier(aside(column)));
  });
  add_sql(swap.sql, made);
  identities([&](const Object& column) {
    swap.sql.push_back("SELECT pg_catalog.setval(" +
                       support::quote_literal(recipes::identity_numbers(*context.to.find(column.id)).sequence) +
                       ", last_value, is_called) FROM " + qualified(column.id.path[0], aside(column)));
    swap.sql.push_back("ALTER TABLE " + now + " ALTER COLUMN " + quote_identifier(column.id.path[2]) + " DROP IDENTITY");
  });
  swap.sql.push_back(attach_statement(part));
  if (!proof.empty()) swap.sql.push_back("ALTER TABLE " + now + " DROP CONSTRAINT " + quote_identifier(check));
  return swap;
}

}  // namespace lockstep::kinds
