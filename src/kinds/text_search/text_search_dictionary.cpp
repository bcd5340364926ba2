// Text search dictionary: a template with options.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/option_list.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace text_search_dictionary {
namespace {

constexpr Attr<std::string> kTemplate{"template"};

// dictinitoption is one text, "language = 'english', stopwords = E'a\\b'", which is parsed as PostgreSQL writes it.
std::string introspect(int) {
  return R"(SELECT 'pg_ts_dict'::regclass::oid, d.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, d.dictname, NULL::text,
  quote_ident(m.nspname) || '.' || quote_ident(t.tmplname) AS template,
  (SELECT array_agg(CASE WHEN o.m[1] LIKE '"%' THEN replace(substr(o.m[1], 2, length(o.m[1]) - 2), '""', '"') ELSE o.m[1] END || '=' ||
      CASE WHEN o.m[2] LIKE 'E''%' THEN replace(replace(substr(o.m[2], 3, length(o.m[2]) - 3), '''''', ''''), '\\', '\')
        WHEN o.m[2] LIKE '''%' THEN replace(substr(o.m[2], 2, length(o.m[2]) - 2), '''''', '''') ELSE o.m[2] END ORDER BY o.m[1])
    FROM regexp_matches(d.dictinitoption, '("(?:[^"]|"")*"|[^\s=,"]+) = (E?''(?:[^'']|'''')*''|[^\s,'']+)', 'g') o (m)) AS options,
  pg_get_userbyid(d.dictowner)::text AS owner
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace m ON m.oid = t.tmplnamespace
WHERE )" +
         user_schema("n");
}

std::string option(const std::string& name, const std::string& value) {
  return support::quote_identifier(name) + " = " + support::quote_literal(value);
}

Steps create(const Object& object, const Context& context) {
  std::vector<std::string> parts{"TEMPLATE = " + object.get(kTemplate)};
  for (const auto& [name, value] : options_by_name(object.get(keys::kOptions))) parts.push_back(option(name, value));
  return {create_step(
      kTextSearchDictionary, object, context,
      "CREATE TEXT SEARCH DICTIONARY " + support::qualified(object.id.path) + " (" + support::join(parts, ", ") + ")")};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kTextSearchDictionary, object, context, plan::LockMode::none, "searches that name it fail")};
}

// An option that the new list lacks is named without a value, which restores its default.
Steps change_options(const Change&, const Object& from, const Object& to, const Context&) {
  const auto wanted = options_by_name(to.get(keys::kOptions));
  std::vector<std::string> parts;
  for (const auto& [name, value] : wanted) parts.push_back(option(name, value));
  for (const auto& [name, value] : options_by_name(from.get(keys::kOptions))) {
    if (!wanted.contains(name)) parts.push_back(support::quote_identifier(name));
  }
  Step step = alter_step(kTextSearchDictionary, to, "options",
                         {alter(kTextSearchDictionary, to.id) + " (" + support::join(parts, ", ") + ")"});
  step.phase = plan::Phase::contract;
  step.breaking = "searches and text search vectors made from now on may hold other words than stored ones";
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return "text search dictionary " + own_name(object) + properties_text(kTextSearchDictionary, object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kTextSearchDictionary, from, to, plan::LockMode::none, "searches that name it fail");
}

constexpr AttrSpec kAttributes[] = {
    {.name = kTemplate.name, .expression = true},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change_options},
    kOwnerAttribute,
};

}  // namespace
}  // namespace text_search_dictionary

constinit const KindSpec kTextSearchDictionary{
    .tag = {"text_search_dictionary"},
    .keyword = "TEXT SEARCH DICTIONARY",
    .introspect = text_search_dictionary::introspect,
    .attributes = text_search_dictionary::kAttributes,
    .create = text_search_dictionary::create,
    .drop = text_search_dictionary::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = text_search_dictionary::declare,
    .rename = text_search_dictionary::rename,
    .joins_clauses = false,
    .used_without_privilege = true,
};

}  // namespace lockstep::kinds
