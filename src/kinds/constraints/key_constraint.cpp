#include "kinds/constraints/key_constraint.h"

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

constexpr Attr<List> kColumns{"columns"}, kInclude{"include"}, kOptions{"options"};
constexpr Attr<bool> kNullsNotDistinct{"nulls_not_distinct"}, kWithoutOverlaps{"without_overlaps"};
constexpr Attr<std::string> kTablespace{"tablespace"}, kDeferrable{"deferrable"};

constexpr Attr<std::string> kAttachedTo{"attached_to"};

[[noreturn]] void refuse_to_detach(const Object& key) {
  throw support::RefusedError(catalog::to_string(key.id) + " serves the parent's index " + key.get(kAttachedTo) +
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
  what.columns = key.get(kColumns);
  what.include = key.get(kInclude);
  what.nulls_not_distinct = key.get(kNullsNotDistinct);
  what.without_overlaps = key.get(kWithoutOverlaps);
  what.deferrable = deferrable_sql(key);
  if (key.has(kOptions)) what.with = " WITH (" + options_text(key.get(kOptions)) + ")";
  if (key.has(kTablespace)) what.tablespace = support::quote_identifier(key.get(kTablespace));
  what.clustered = key.get(Attr<bool>{"clustered"});
  return what;
}

}  // namespace

Steps create_key(const Object& key, const Context& context, bool primary) {
  return recipes::add_unique(key, text_of(key, primary), context);
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
  if (from.has(kAttachedTo)) refuse_to_detach(from);
  const Object* table = context.to.find(*to.parent);
  const List parent = table->get(Attr<List>{"partition_of"});
  const std::string index = to.get(kAttachedTo);
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
  if (key.has(kAttachedTo)) refuse_to_detach(key);
  return drop_arbiter(key, context);
}

std::vector<ObjectId> key_uses(const Object& key, const Catalog& catalog) {
  std::vector<ObjectId> above = recipes::indexes_above(key, catalog);
  if (key.has(kAttachedTo)) above.clear();  // the parent's index is created afterwards and attaches this key
  return above;
}

std::string declare_key(const Object& key, std::string_view words) {
  std::string text = declared_constraint(key.id, words);
  if (key.get(kNullsNotDistinct)) text += " nulls not distinct";
  text += " (" + support::identifier_list(key.get(kColumns)) + (key.get(kWithoutOverlaps) ? " without overlaps" : "") + ")";
  if (key.has(kInclude)) text += " include (" + support::identifier_list(key.get(kInclude)) + ")";
  if (key.has(kOptions)) text += " with (" + options_text(key.get(kOptions)) + ")";
  if (key.has(kTablespace)) text += " tablespace " + support::quote_identifier(key.get(kTablespace));
  if (key.has(kDeferrable)) text += " " + key.get(kDeferrable);
  if (key.get(Attr<bool>{"clustered"})) text += " clustered";
  if (key.has(kAttachedTo)) text += " attached to " + support::quote_identifier(key.get(kAttachedTo));
  return text;
}

bool serves_index(const Object& key, const ObjectId& index) {
  return key.has(kAttachedTo) && key.get(kAttachedTo) == index.path.back();
}

}  // namespace lockstep::kinds
