#include "kinds/constraints/key_constraint.h"

#include "catalog/keys.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/option_list.h"
#include "kinds/relations/relation_sql.h"
#include "recipes/clustering.h"
#include "recipes/relation.h"
#include "recipes/unique_constraint.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

[[noreturn]] void refuse_to_detach(const Object& key) {
  throw support::RefusedError(catalog::to_string(key.id) + " serves the parent's index " + key.get(keys::kAttachedTo) +
                              ", and PostgreSQL drops neither of the two without the other.\nNothing was changed. Detach the "
                              "partition, drop the constraint and "
                              "the index by hand, and attach it again; then plan again.");
}

std::string column_names(const std::string& numbers) {
  return "(SELECT array_agg(a.attname ORDER BY k.n)::text[] FROM unnest(" + numbers +
         ") WITH ORDINALITY k(num, n) JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num)";
}

}  // namespace

std::string introspect_key(char contype, int server_version) {
  constexpr int kNullsNotDistinctFrom = 150000, kPeriodFrom = 180000;
  const std::string index =
      "(SELECT %s FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid WHERE x.indexrelid = "
      "con.conindid)";
  const auto of_index = [&](const std::string& expression) {
    return std::string(index).replace(index.find("%s"), 2, expression);
  };
  return "SELECT " + address_columns("pg_constraint", "con.oid", "0", "pg_class", "con.conrelid") +
         "con.conname AS name, NULL::text AS key, " + column_names("con.conkey") + " AS columns, " +
         "(SELECT array_agg(a.attname ORDER BY k.n)::text[] FROM pg_catalog.pg_index x, unnest(x.indkey::int2[]) WITH ORDINALITY "
         "k(num, n) JOIN "
         "pg_catalog.pg_attribute a ON true WHERE x.indexrelid = con.conindid AND a.attrelid = con.conrelid AND a.attnum = k.num "
         "AND k.n > x.indnkeyatts) AS "
         "include, " +
         (contype == 'u' ? (server_version >= kNullsNotDistinctFrom ? of_index("nullif(x.indnullsnotdistinct, false)")
                                                                    : std::string("NULL::bool")) +
                               " AS nulls_not_distinct, "
                         : std::string()) +
         (server_version >= kPeriodFrom ? "nullif(con.conperiod, false)" : "NULL::bool") + " AS without_overlaps, " +
         "CASE WHEN con.condeferred THEN 'deferrable initially deferred' WHEN con.condeferrable THEN 'deferrable' END AS "
         "deferrable, " +
         of_index("i.reloptions::text[]") + " AS options, " +
         of_index("(SELECT s.spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = i.reltablespace)") + " AS tablespace, " +
         of_index("nullif(x.indisclustered, false)") +
         " AS clustered, (SELECT p.relname FROM pg_catalog.pg_inherits h JOIN "
         "pg_catalog.pg_class p ON p.oid = h.inhparent WHERE h.inhrelid = con.conindid) AS attached_to" +
         constraint_source(contype);
}

namespace {

recipes::UniqueConstraint text_of(const Object& key, bool primary) {
  recipes::UniqueConstraint what;
  what.name = constraint_name(key.id);
  what.primary = primary;
  what.columns = key.get(keys::kColumns);
  what.include = key.get(keys::kInclude);
  what.nulls_not_distinct = key.get(keys::kNullsNotDistinct);
  what.without_overlaps = key.get(keys::kWithoutOverlaps);
  what.deferrable = deferrable_sql(key);
  if (key.has(keys::kOptions)) what.with = " WITH (" + options_text(key.get(keys::kOptions)) + ")";
  if (key.has(keys::kTablespace)) what.tablespace = support::quote_identifier(key.get(keys::kTablespace));
  what.clustered = key.get(keys::kClustered);
  return what;
}

}  // namespace

Steps create_key(const Object& key, const Context& context, bool primary) {
  return recipes::add_unique(key, text_of(key, primary), context);
}

std::string key_of_table_only(const Object& key) {
  return recipes::add_to_table_only(key, text_of(key, key.id.is(kPrimaryKey.tag)));
}

std::string key_using_index(const Object& key, const std::string& index) {
  return recipes::adopt_index(key, text_of(key, key.id.is(kPrimaryKey.tag)), index);
}

Steps change_key(const Object& from, const Object& to, const Context& context, bool primary) {
  return recipes::change_unique(from, to, text_of(from, primary), text_of(to, primary), "CONSTRAINT " + constraint_address(to.id),
                                context);
}

Steps change_clustered(const Change& change, const Object&, const Object& to, const Context& context) {
  const bool alone = change.attributes.size() == 1;  // a successor is created with its CLUSTER flag
  return alone ? recipes::change_clustered(to, context) : Steps{};
}

Steps change_attached(const Change&, const Object& from, const Object& to, const Context& context) {
  if (from.has(keys::kAttachedTo)) refuse_to_detach(from);
  const Object* table = context.to.find(*to.parent);
  const List parent = table->get(keys::kPartitionOf);
  const std::string index = to.get(keys::kAttachedTo);
  Step step = recipes::step_for(to, "attach " + catalog::to_string(to.id) + " to index " + parent.front() + "." + index,
                                {"ALTER INDEX " + support::qualified(parent.front(), index) + " ATTACH PARTITION " +
                                 support::qualified(to.id.path[0], to.id.path[2])});
  step.consumes = {{&kIndex.tag, {parent[0], parent[1], index}}};
  step.lock = plan::LockMode::access_exclusive;
  // This plan creates the parent's index, which attaches the key if it exists.
  if (context.is_new(step.consumes.front())) return {};
  return {std::move(step)};
}

Steps drop_key(const Object& key, const Context& context) {
  if (key.has(keys::kAttachedTo)) refuse_to_detach(key);
  return drop_arbiter(key, context);
}

std::vector<ObjectId> key_uses(const Object& key, const Catalog& catalog) {
  std::vector<ObjectId> above = recipes::indexes_above(key, catalog);
  if (key.has(keys::kAttachedTo)) above.clear();  // the parent's index is created afterwards and attaches this key
  return above;
}

std::string declare_key(const Object& key, std::string_view words) {
  std::string text = declared_constraint(key.id, words);
  if (key.get(keys::kNullsNotDistinct)) text += " nulls not distinct";
  text += " (" + support::identifier_list(key.get(keys::kColumns)) +
          (key.get(keys::kWithoutOverlaps) ? " without overlaps" : "") + ")";
  if (key.has(keys::kInclude)) text += " include (" + support::identifier_list(key.get(keys::kInclude)) + ")";
  if (key.has(keys::kOptions)) text += " with (" + options_text(key.get(keys::kOptions)) + ")";
  if (key.has(keys::kTablespace)) text += " tablespace " + support::quote_identifier(key.get(keys::kTablespace));
  if (key.has(keys::kDeferrable)) text += " " + key.get(keys::kDeferrable);
  if (key.get(keys::kClustered)) text += " clustered";
  if (key.has(keys::kAttachedTo)) text += " attached to " + support::quote_identifier(key.get(keys::kAttachedTo));
  return text;
}

bool serves_index(const Object& key, const ObjectId& index) {
  return key.has(keys::kAttachedTo) && key.get(keys::kAttachedTo) == index.path.back();
}

}  // namespace lockstep::kinds
