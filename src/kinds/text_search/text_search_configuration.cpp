// Text search configuration: a parser, and the dictionaries for each token type, in order.
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/option_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace text_search_configuration {
namespace {

constexpr Attr<std::string> kParser{"parser"};
constexpr Attr<List> kMappings{"mappings"};

// A mapping is "token=dictionary, dictionary", the dictionaries as SQL names them.
std::string introspect(int) {
  return R"(SELECT 'pg_ts_config'::regclass::oid, c.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, c.cfgname, NULL::text,
  quote_ident(m.nspname) || '.' || quote_ident(p.prsname) AS parser,
  (SELECT array_agg(t.alias || '=' || x.dictionaries ORDER BY t.alias)
    FROM (SELECT a.maptokentype, string_agg(a.mapdict::regdictionary::text, ', ' ORDER BY a.mapseqno) AS dictionaries
      FROM pg_ts_config_map a WHERE a.mapcfg = c.oid GROUP BY a.maptokentype) x
    JOIN ts_token_type(c.cfgparser) t ON t.tokid = x.maptokentype) AS mappings,
  pg_get_userbyid(c.cfgowner)::text AS owner
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace m ON m.oid = p.prsnamespace
WHERE )" +
         user_schema("n");
}

std::string mapping(const Object& object, std::string_view action, const std::string& token, const std::string& dictionaries) {
  return alter(kTextSearchConfiguration, object.id) + " " + std::string(action) + " MAPPING FOR " +
         support::quote_identifier(token) + (dictionaries.empty() ? "" : " WITH " + dictionaries);
}

Steps create(const Object& object, const Context& context) {
  Step step = create_step(
      kTextSearchConfiguration, object, context,
      "CREATE TEXT SEARCH CONFIGURATION " + support::qualified(object.id.path) + " (PARSER = " + object.get(kParser) + ")");
  for (const auto& [token, dictionaries] : options_by_name(object.get(kMappings))) {
    step.sql.push_back(mapping(object, "ADD", token, dictionaries));
  }
  return {std::move(step)};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kTextSearchConfiguration, object, context, plan::LockMode::none, "searches that name it fail")};
}

Steps change_mappings(const Change&, const Object& from, const Object& to, const Context&) {
  const auto old_mappings = options_by_name(from.get(kMappings));
  const auto new_mappings = options_by_name(to.get(kMappings));
  std::vector<std::string> sql;
  for (const auto& [token, dictionaries] : new_mappings) {
    const auto old = old_mappings.find(token);
    if (old == old_mappings.end()) {
      sql.push_back(mapping(to, "ADD", token, dictionaries));
    } else if (old->second != dictionaries) {
      sql.push_back(mapping(to, "ALTER", token, dictionaries));
    }
  }
  for (const auto& [token, dictionaries] : old_mappings) {
    if (!new_mappings.contains(token)) sql.push_back(mapping(to, "DROP", token, {}));
  }
  Step step = alter_step(kTextSearchConfiguration, to, "mappings", std::move(sql));
  step.phase = plan::Phase::contract;
  step.breaking = "searches and text search vectors made from now on may hold other words than stored ones";
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "text search configuration " + own_name(object) + properties_text(kTextSearchConfiguration, object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kTextSearchConfiguration, from, to, plan::LockMode::none, "searches that name it fail");
}

constexpr AttrSpec kAttributes[] = {
    {.name = kParser.name, .expression = true},
    {.name = kMappings.name, .type = ValueType::list, .recipe = change_mappings},
    kOwnerAttribute,
};

}  // namespace
}  // namespace text_search_configuration

constinit const KindSpec kTextSearchConfiguration{
    .tag = {"text_search_configuration"},
    .keyword = "TEXT SEARCH CONFIGURATION",
    .introspect = text_search_configuration::introspect,
    .attributes = text_search_configuration::kAttributes,
    .create = text_search_configuration::create,
    .drop = text_search_configuration::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = text_search_configuration::declare,
    .rename = text_search_configuration::rename,
    .joins_clauses = false,
    .used_without_privilege = true,
};

}  // namespace lockstep::kinds
