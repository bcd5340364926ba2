// Publications. Definition: "FOR TABLE shop.a, shop.b (x, y) WHERE (…), TABLES IN SCHEMA s WITH (publish = 'insert')".
//
// Its contents are altered in place, so that it always exists for subscribers. There is no ALTER from or to FOR ALL TABLES, or
// to an empty publication: then it is dropped and recreated within one transaction.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace publication {
namespace {

constexpr Attr<std::string> kObjects{"objects"}, kParameters{"parameters"};

std::string address(const ObjectId& id) {
  return support::quote_identifier(id.path[0]);
}

std::string create_sql(const Object& object) {
  const std::string definition = object.get(keys::kDefinition);
  return "CREATE PUBLICATION " + address(object.id) + (definition.empty() ? "" : " " + definition);
}

// Whether it may publish less than before: another table, column, row or operation may be left out.
bool narrows(const Object& from, const Object& to) {
  const bool adds_only = from.has(kObjects) && to.get(kObjects).starts_with(from.get(kObjects) + ",");
  if (from.get(kParameters) != to.get(kParameters)) return true;
  return from.get(kObjects) != to.get(kObjects) && !adds_only && !to.get(keys::kAllTables);
}

Steps change(const Change&, const Object& from, const Object& to, const Context&) {
  Step step = recipes::step_for(to, "alter " + catalog::to_string(to.id), {});
  if (narrows(from, to)) {
    step.phase = plan::Phase::contract;
    step.breaking = "subscribers of " + catalog::to_string(to.id) + " may no longer get every change that they got";
  }
  step.lock = plan::LockMode::share_update_exclusive;
  const bool other_objects = from.get(kObjects) != to.get(kObjects);
  if (from.get(keys::kAllTables) != to.get(keys::kAllTables) || (other_objects && !to.has(kObjects))) {
    step.sql = {"DROP PUBLICATION " + address(from.id), create_sql(to)};
    if (from.has(kOwner)) step.sql.push_back(alter(kPublication, to.id) + " " + owner_clause(from));
    return {std::move(step)};
  }
  if (other_objects) step.sql.push_back(alter(kPublication, to.id) + " SET " + to.get(kObjects));
  if (from.get(kParameters) != to.get(kParameters))
    step.sql.push_back(alter(kPublication, to.id) + " SET (" + to.get(kParameters) + ")");
  return {std::move(step)};
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefinition.name, .expression = true, .recipe = change},
    {.name = kObjects.name, .derived = true},     // "TABLE shop.a, TABLES IN SCHEMA s", as after SET
    {.name = kParameters.name, .derived = true},  // every parameter, as inside SET (…)
    {.name = keys::kAllTables.name, .type = ValueType::boolean, .derived = true},
    {.name = keys::kRelations.name, .type = ValueType::list, .derived = true},  // schema and name alternating
    kOwnerAttribute,
};

// A column list is a set. PostgreSQL prints it in the table's column order, which differs between an altered table and a newly
// created one, so it is sorted by name here.
//
// Column lists, row filters and schemas exist since 15, generated columns since 18.
std::string introspect(int server_version) {
  const bool rich = server_version >= 150000;
  const std::string columns =
      rich ? " || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a"
             " WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '')"
             " || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')"
           : "";
  const std::string schemas =
      rich ? ", 'TABLES IN SCHEMA ' || (SELECT string_agg(quote_ident(sn.nspname), ', ' ORDER BY sn.nspname)"
             " FROM pg_publication_namespace s JOIN pg_namespace sn ON sn.oid = s.pnnspid WHERE s.pnpubid = p.oid)"
           : "";
  const std::string generated =
      server_version >= 180000 ? "CASE p.pubgencols WHEN 's' THEN 'stored' ELSE 'none' END" : "NULL::text";
  return "SELECT 'pg_publication'::regclass::oid, p.oid, 0, NULL::oid, NULL::oid, NULL::int, p.pubname::text, NULL::text,"
         " concat_ws(' ', CASE WHEN p.puballtables THEN 'FOR ALL TABLES' ELSE 'FOR ' || p.objects END,"
         "  'WITH (' || nullif(concat_ws(', ', 'publish = ' || quote_literal(nullif(p.publish, 'insert, update, delete, "
         "truncate')),"
         "   CASE WHEN p.pubviaroot THEN 'publish_via_partition_root = true' END,"
         "   'publish_generated_columns = ' || nullif(p.generated, 'none')), '') || ')') AS definition,"
         " p.objects, concat_ws(', ', 'publish = ' || quote_literal(p.publish), 'publish_via_partition_root = ' || p.pubviaroot,"
         "  'publish_generated_columns = ' || p.generated) AS parameters,"
         " nullif(p.puballtables, false) AS all_tables, p.relations, pg_get_userbyid(p.pubowner)::text AS owner"
         " FROM (SELECT p.*, concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,"
         "   CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish, " +
         generated +
         " AS generated, nullif(concat_ws(', ', 'TABLE ' || (SELECT string_agg(quote_ident(cn.nspname) || '.' || "
         "quote_ident(c.relname)" +
         columns +
         ", ', ' ORDER BY cn.nspname, c.relname) FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid"
         "   JOIN pg_namespace cn ON cn.oid = c.relnamespace WHERE r.prpubid = p.oid)" +
         schemas +
         "), '') AS objects, (SELECT array_agg(x.part ORDER BY cn.nspname, c.relname, x.i) FROM pg_publication_rel r"
         "   JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace"
         "   CROSS JOIN LATERAL (VALUES (1, cn.nspname::text), (2, c.relname::text)) AS x(i, part) WHERE r.prpubid = p.oid) AS "
         "relations"
         "  FROM pg_publication p) p";
}

Steps create(const Object& object, const Context&) {
  Step step = recipes::step_for(object, "create " + catalog::to_string(object.id), {create_sql(object)});
  step.lock = plan::LockMode::share_update_exclusive;
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  const std::string definition = object.get(keys::kDefinition);
  return "publication " + address(object.id) + (definition.empty() ? "" : " " + definition);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_steps(from, to, alter(kPublication, from) + " RENAME TO " + address(to));
}

std::vector<ObjectId> uses(const Object& object, const Catalog&) {
  std::vector<ObjectId> tables;
  const List parts = object.get(keys::kRelations);
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) tables.push_back({&kTable.tag, {parts[i], parts[i + 1]}});
  return tables;
}

}  // namespace
}  // namespace publication

constinit const KindSpec kPublication{
    .tag = {"publication"},
    .keyword = "PUBLICATION",
    .introspect = publication::introspect,
    .attributes = publication::kAttributes,
    .create = publication::create,
    .address = publication::address,
    .declare = publication::declare,
    .rename = publication::rename,
    .uses = publication::uses,
    .joins_clauses = false,
    .placement = Placement::database,
    .made_by = Maker::superuser,  // FOR ALL TABLES
};

}  // namespace lockstep::kinds
