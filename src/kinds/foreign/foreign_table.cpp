// Foreign table. Its rows are stored elsewhere, so a changed definition is drop and create and loses nothing.
//
// `definition` is everything between its name and SERVER, as one text: "(a integer NOT NULL, CHECK (a > 0)) INHERITS (s.p)" or
// "PARTITION OF s.p FOR VALUES IN (1)".
#include "catalog/keys.h"
#include "kinds/foreign/foreign_options.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace foreign_table {
namespace {

constexpr Attr<std::string> kServer{"server"};

// Inherited columns and checks belong to the parent and are left out.
constexpr std::string_view kParts = R"(array_to_string(
    (SELECT array_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) ||
      coalesce(' OPTIONS (' || (SELECT string_agg(quote_ident(split_part(o, '=', 1)) || ' ' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ')
        FROM unnest(a.attfdwoptions) o) || ')', '') ||
      CASE WHEN a.attcollation <> y.typcollation THEN ' COLLATE ' || quote_ident(q.nspname) || '.' || quote_ident(l.collname) ELSE '' END ||
      CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END ||
      CASE WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) ||
          CASE a.attgenerated WHEN 's' THEN ') STORED' ELSE ') VIRTUAL' END
        ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_namespace q ON q.oid = l.collnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal) ||
    (SELECT array_agg('CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) ORDER BY k.conname)
      FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal), ', '))";

std::string introspect(int) {
  return R"(SELECT 'pg_class'::regclass::oid, c.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, c.relname, NULL::text,
  CASE WHEN c.relispartition THEN 'PARTITION OF ' || i.parents || ' ' || pg_get_expr(c.relpartbound, c.oid)
    ELSE '(' || coalesce()" +
         std::string(kParts) + R"(, '') || ')' || coalesce(' INHERITS (' || i.parents || ')', '') END AS definition,
  quote_ident(s.srvname) AS server,
  )" + foreign_options_sql("f.ftoptions") +
         " AS options,\n  " + secret_names_sql("f.ftoptions") +
         R"( AS secret_options,
  pg_get_userbyid(c.relowner)::text AS owner
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_foreign_table f ON f.ftrelid = c.oid JOIN pg_foreign_server s ON s.oid = f.ftserver
LEFT JOIN LATERAL (SELECT string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno) AS parents
  FROM pg_inherits h WHERE h.inhrelid = c.oid) i ON true
WHERE )" +
         user_schema("n");
}

Steps create(const Object& object, const Context& context) {
  Step step = create_step(kForeignTable, object, context,
                          "CREATE FOREIGN TABLE " + support::qualified(object.id.path) + " " + object.get(keys::kDefinition) +
                              " SERVER " + object.get(kServer) + foreign_options_clause(kForeignTable, object));
  // A parent is locked while the table is attached to it.
  const std::string definition = object.get(keys::kDefinition);
  const bool has_parent = !definition.starts_with("(") || definition.find("INHERITS") != std::string::npos;
  step.lock = has_parent ? plan::LockMode::access_exclusive : plan::LockMode::access_share;
  step.title += left_to_others(object);
  produce_absorbed(step, object.id, context);
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kForeignTable, object, context, plan::LockMode::access_exclusive,
                    "statements that use foreign table " + support::join(object.id.path, ".") + " fail: it does not exist")};
}

Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  Step step = alter_step(kForeignTable, to, "options", {foreign_options_change(kForeignTable, from, to)});
  step.phase = plan::Phase::contract;
  step.lock = plan::LockMode::access_exclusive;
  step.breaking = "statements on foreign table " + support::join(to.id.path, ".") + " may reach other rows, or none";
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "foreign table " + own_name(object) + properties_text(kForeignTable, with_secret_names(object));
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kForeignTable, from, to, plan::LockMode::access_exclusive,
                       "statements that name foreign table " + support::join(from.path, ".") + " fail: it does not exist");
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kDefinition.name, .expression = true},
    {.name = kServer.name, .expression = true},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    kSecretOptionsAttribute,
    kOwnerAttribute,
};

}  // namespace
}  // namespace foreign_table

constinit const KindSpec kForeignTable{
    .tag = {"foreign_table"},
    .keyword = "FOREIGN TABLE",
    .introspect = foreign_table::introspect,
    .attributes = foreign_table::kAttributes,
    .create = foreign_table::create,
    .drop = foreign_table::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = foreign_table::declare,
    .rename = foreign_table::rename,
    .grant_keyword = "TABLE",
    .joins_clauses = false,
    .name_scope = NameScope::relations,
};

}  // namespace lockstep::kinds
