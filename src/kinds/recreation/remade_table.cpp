#include "kinds/recreation/remade_table.h"

#include <algorithm>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/swapped_table.h"
#include "recipes/copied_rows.h"
#include "recipes/identity.h"
#include "recipes/relation.h"
#include "recipes/row_check.h"
#include "recipes/row_probe.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::qualified;
using support::quote_identifier;

[[noreturn]] void refuse(const ObjectId& table, const std::string& why, const std::string& instead) {
  throw support::RefusedError(catalog::to_string(table) + " becomes another relation, with a copy of its rows, and " + why +
                              ".\nNothing was changed. " + instead);
}

std::vector<const Object*> columns_of(const ObjectId& table, const Catalog& catalog) {
  std::vector<const Object*> columns;
  for (const auto child : catalog.children(*catalog.index_of(table))) {
    if (catalog.at(child).id.is(kColumn.tag)) columns.push_back(&catalog.at(child));
  }
  std::sort(columns.begin(), columns.end(),
            [](const Object* a, const Object* b) { return a->get(keys::kPosition) < b->get(keys::kPosition); });
  return columns;
}

bool is_column_of(const ObjectId& id, const ObjectId& table) {
  return id.is(kColumn.tag) && recipes::relation_of(id) == table;
}

// Its values would have to be converted, computed or left out while they are copied.
bool concerns_values(const Change& change) {
  return change.what != Change::What::set || catalog::changes(change, keys::kType.name) ||
         catalog::changes(change, keys::kGenerated.name) || catalog::changes(change, keys::kIdentity.name);
}

// Sequences that columns of the table or its partitions own on both sides.
std::vector<const Object*> sequences_kept(const ObjectId& table, const Context& context) {
  std::vector<const Object*> kept;
  for (const Object& object : context.from.objects()) {
    const List column = object.id.is(kSequence.tag) ? object.get(keys::kOwnedBy) : List();
    if (column.size() == 3 && table.path == catalog::Path{column[0], column[1]} &&
        stays_owned(object.id, context.from, context.to))
      kept.push_back(&object);
  }
  return kept;
}

struct Names {
  std::string table, aside;  // qualified
};

// The sequence of an identity column would get another name beside the old one.
std::string sequence_aside(const Object& column, const Context& context) {
  return recipes::transitional_name(context, column.id.path[0], column.id.path[1] + "_" + column.id.path[2] + "_seq");
}

void untie(Step& step, const Object& table, const Context& context) {
  for (const Object* sequence : sequences_kept(table.id, context))
    step.sql.push_back("ALTER SEQUENCE " + qualified(sequence->id.path) + " OWNED BY NONE");
}

void set_aside(Step& step, const Object& table, const Names& names, const std::string& aside, const Context& context) {
  step.sql.push_back("ALTER TABLE " + names.table + " RENAME TO " + quote_identifier(aside));
  for (const Object* column : columns_of(table.id, context.from)) {
    if (column->has(keys::kIdentity))
      step.sql.push_back("ALTER SEQUENCE " + recipes::identity_numbers(*column).sequence + " RENAME TO " +
                         quote_identifier(sequence_aside(*column, context)));
  }
  // Policies would hide rows from the copy, and from the count, of a table's own owner too.
  if (context.from.find(table.id)->get(keys::kForceRowSecurity))
    step.sql.push_back("ALTER TABLE " + names.aside + " NO FORCE ROW LEVEL SECURITY");
}

void copy(Step& step, const Object& table, const Names& names, const Context& context) {
  const bool forced = table.get(keys::kForceRowSecurity);
  if (forced) step.sql.push_back("ALTER TABLE " + names.table + " NO FORCE ROW LEVEL SECURITY");
  step.sql.push_back(recipes::copy_rows(names.table, names.aside, columns_copied(table.id.path, context.to)));
  for (const Object* column : columns_of(table.id, context.from)) {
    const Object* after = context.to.find(column->id);
    if (!column->has(keys::kIdentity) || after == nullptr || !after->has(keys::kIdentity)) continue;
    step.sql.push_back("SELECT pg_catalog.setval(" + support::quote_literal(recipes::identity_numbers(*after).sequence) +
                       ", last_value, is_called) FROM " + qualified(column->id.path[0], sequence_aside(*column, context)));
  }
  step.sql.push_back(recipes::compare_counts(names.table, names.aside));
  if (forced) step.sql.push_back("ALTER TABLE " + names.table + " FORCE ROW LEVEL SECURITY");
  step.sql.push_back("DROP TABLE " + names.aside);
}

bool has_default_part(const ObjectId& table, const Catalog& catalog) {
  const auto parts = recipes::partitions(catalog, table);
  return std::any_of(parts.begin(), parts.end(), [&](const ObjectId& id) {
    return catalog.find(id)->get(keys::kBound) == keys::kDefaultBound && !recipes::is_partitioned(catalog, id);
  });
}

// Of hash partitions nobody can be asked before they are there. Then INSERT finds the row.
bool by_hash(const ObjectId& table, const Catalog& catalog) {
  return catalog.find(table)->get(keys::kPartitionBy).starts_with("HASH");
}

// Rows that no leaf would take.
std::optional<plan::DataCheck> outside_every_part(const Object& table, const Context& context) {
  if (!table.has(keys::kPartitionBy) || has_default_part(table.id, context.to) || by_hash(table.id, context.to)) return {};
  std::vector<std::string> fits;
  for (const ObjectId& part : parts_of_table(table.id, context.to)) {
    if (by_hash(part, context.to)) return {};
    if (recipes::is_partitioned(context.to, part)) continue;
    const recipes::RowProbe* probe = recipes::row_probe(part, context);
    if (probe == nullptr || probe->condition.empty()) return {};
    fits.push_back("(" + probe->condition + ")");
  }
  const std::string none = fits.empty() ? "true" : "(" + support::join(fits, " OR ") + ") IS NOT TRUE";
  return recipes::row_check(table.id, "every row of " + qualified(table.id.path) + " has a partition that takes it", none, true,
                            context);
}

void check_rows(Step& step, const Object& table, const Context& context) {
  if (auto check = outside_every_part(table, context)) step.checks.push_back(std::move(*check));
  for (const Object* column : columns_of(table.id, context.to)) {
    const Object* before = context.from.find(column->id);
    if (before == nullptr || before->get(keys::kNotNull) || !column->get(keys::kNotNull)) continue;
    step.checks.push_back(recipes::row_check(
        table.id, "every row of " + qualified(table.id.path) + " has a value in " + quote_identifier(column->id.path[2]),
        quote_identifier(column->id.path[2]) + " IS NULL", false, context));
  }
  for (auto& check : step.checks) check.alone = true;  // it names nothing that is new
}

std::vector<List> keys_of(const ObjectId& table, const Catalog& catalog) {
  std::vector<List> keys;
  for (const auto child : catalog.children(*catalog.index_of(table))) {
    const Object& object = catalog.at(child);
    if (!object.id.is(kPrimaryKey.tag) && !object.id.is(kUnique.tag)) continue;
    List columns = object.get(keys::kColumns);
    std::sort(columns.begin(), columns.end());
    keys.push_back(std::move(columns));
  }
  return keys;
}

bool includes(const std::vector<List>& keys, const List& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Rows that only a wider key told apart.
void check_keys(Step& step, const Object& table, const Context& context) {
  const auto before = keys_of(table.id, context.from), after = keys_of(table.id, context.to);
  const std::string name = qualified(table.id.path);
  for (const List& key : after) {
    const bool told = std::any_of(before.begin(), before.end(),
                                  [&](const List& old) { return std::includes(key.begin(), key.end(), old.begin(), old.end()); });
    const bool new_column = std::any_of(key.begin(), key.end(), [&](const std::string& column) {
      return !context.from.contains({&kColumn.tag, {table.id.path[0], table.id.path[1], column}});
    });
    if (told || new_column) continue;
    const std::string list = support::identifier_list(key);
    const std::string alike = " FROM (SELECT " + list + " FROM " + name + " WHERE pg_catalog.num_nulls(" + list +
                              ") = 0 GROUP BY " + list + " HAVING pg_catalog.count(*) > 1) AS lockstep_alike";
    step.checks.push_back({.rule = "no two rows of " + name + " are alike in (" + list + ")",
                           .count = "SELECT pg_catalog.count(*)" + alike,
                           .sample = "SELECT lockstep_alike::pg_catalog.text" + alike + " LIMIT 5",
                           .alone = true});
  }
}

// The copy can be spared where one partition takes all rows.
std::string how_to_spare(const Object& table, const Context& context) {
  if (context.bytes(table.id) == 0 || !table.has(keys::kPartitionBy) || context.from.find(table.id)->has(keys::kPartitionBy))
    return {};
  return recipes::partitions(context.to, table.id).size() < 2 ? std::string()
                                                              : "; declare first, in an apply of its own, only the one partition "
                                                                "that takes all rows of today: no row is copied then";
}

void warn(Step& step, const Object& table, bool swapped, const Context& context) {
  const std::string name = qualified(table.id.path), object = support::join(table.id.path, ".");
  if (table.has(keys::kPartitionBy) && !has_default_part(table.id, context.to))
    step.consequences.push_back(
        {"breaking", object, "INSERTs and UPDATEs that give a row of " + name + " values for which it has no partition fail"});
  if (swapped) step.consequences.push_back({"breaking", object, "statements that say ONLY " + name + " find no row any more"});
  if (!recipes::partitions(context.from, table.id).empty())
    step.consequences.push_back({"breaking", object, "statements that name a partition of " + name + " fail"});
  if (!swapped)
    step.consequences.push_back({"breaking", object,
                                 name + " becomes another relation, and nobody can read or write it while its rows are copied" +
                                     how_to_spare(table, context)});
  const auto before = keys_of(table.id, context.from), after = keys_of(table.id, context.to);
  for (const List& key : before) {
    if (includes(after, key)) continue;
    step.consequences.push_back({"breaking", object,
                                 "nothing refuses two rows of " + name + " that are alike in (" + support::identifier_list(key) +
                                     ") any more, and ON CONFLICT on these columns fails"});
  }
}

std::string kind_of(const Object& table) {
  return table.has(keys::kPartitionBy) ? "a table partitioned by " + table.get(keys::kPartitionBy)
                                       : std::string("a table without partitions");
}

}  // namespace

bool is_remade(const Change& change) {
  return change.id.is(kTable.tag) && change.what == Change::What::set && catalog::changes(change, keys::kPartitionBy.name);
}

std::vector<ObjectId> parts_of_table(const ObjectId& table, const Catalog& catalog) {
  std::vector<ObjectId> parts = recipes::partitions(catalog, table);
  for (std::size_t next = 0; next < parts.size(); ++next) {
    const auto below = recipes::partitions(catalog, parts[next]);
    parts.insert(parts.end(), below.begin(), below.end());
  }
  return parts;
}

std::vector<std::string> columns_copied(const catalog::Path& table, const Catalog& catalog) {
  std::vector<std::string> columns;
  if (!catalog.contains({&kTable.tag, table})) return columns;
  for (const Object* column : columns_of({&kTable.tag, table}, catalog)) {
    if (!column->has(keys::kGenerated)) columns.push_back(column->id.path[2]);
  }
  return columns;
}

bool stays_owned(const ObjectId& dependent, const Catalog& from, const Catalog& to) {
  const Object* after = dependent.is(kSequence.tag) ? to.find(dependent) : nullptr;
  return after != nullptr && after->has(keys::kOwnedBy) &&
         after->get(keys::kOwnedBy) == from.find(dependent)->get(keys::kOwnedBy);
}

void refuse_to_remake(const Change& change, const std::vector<Change>& changes, const Catalog& from, const Catalog& to) {
  const Object &before = *from.find(change.id), &after = *to.find(change.id);
  if (before.has(keys::kPartitionOf) || after.has(keys::kPartitionOf))
    refuse(change.id, "it is itself a partition, which PostgreSQL would have to take out of its table meanwhile",
           "Detach it in an apply before, and attach it in one after.");
  for (const ObjectId& part : parts_of_table(change.id, from)) {
    if (to.contains(part))
      refuse(change.id, catalog::to_string(part) + " is a partition of it now and stays by this name: its rows would be in both",
             "Detach it in an apply before, or give the new one another name.");
  }
  for (const ObjectId& part : parts_of_table(change.id, to)) {
    if (from.contains(part))
      refuse(change.id, catalog::to_string(part) + ", which exists already, is to become a partition of it",
             "Attach it in an apply after.");
  }
  for (const Change& other : changes) {
    if (is_column_of(other.id, change.id) && concerns_values(other))
      refuse(change.id, "the values of " + catalog::to_string(other.id) + " change too",
             "Change the column in an apply before or after.");
  }
}

Steps remake(const Object& table, const Steps& made, const std::vector<std::string>& owners,
             const std::optional<ObjectId>& partition, const Context& context) {
  const std::string aside = recipes::transitional_name(context, table.id.path[0], table.id.path[1]);
  const Names names{qualified(table.id.path), qualified(table.id.path[0], aside)};
  Step step = recipes::step_for(table, "copy " + catalog::to_string(table.id) + " into " + kind_of(table), {});
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.destroys = parts_of_table(table.id, context.from);
  step.destroys.insert(step.destroys.begin(), table.id);
  for (const ObjectId& part : parts_of_table(table.id, context.to)) step.produces.push_back(part);
  for (const Step& one : made) step.consumes.insert(step.consumes.end(), one.consumes.begin(), one.consumes.end());
  untie(step, table, context);
  Steps steps;
  if (partition) {
    TableSwap swap = table_swap(table, *partition, made, context);
    step.title =
        "make " + catalog::to_string(table.id) + " its own partition " + qualified(partition->path) + ", of " + kind_of(table);
    step.sql.insert(step.sql.end(), swap.sql.begin(), swap.sql.end());
    step.helpers = std::move(swap.helpers);
    steps = std::move(swap.before);
  } else {
    step.rewrites = context.bytes(table.id) > 0;
    step.bytes = context.bytes(table.id);
    set_aside(step, table, names, aside, context);
    for (const Step& one : made) step.sql.insert(step.sql.end(), one.sql.begin(), one.sql.end());
    copy(step, table, names, context);
    check_rows(step, table, context);
    check_keys(step, table, context);
  }
  step.sql.insert(step.sql.end(), owners.begin(), owners.end());
  for (const Object* sequence : sequences_kept(table.id, context))
    step.sql.push_back("ALTER SEQUENCE " + qualified(sequence->id.path) + " OWNED BY " +
                       qualified(sequence->get(keys::kOwnedBy)));
  if (!partition && step.rewrites) step.sql.push_back("ANALYZE " + names.table);
  warn(step, table, partition.has_value(), context);
  steps.push_back(std::move(step));
  return steps;
}

}  // namespace lockstep::kinds
