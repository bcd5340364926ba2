// Text search template: the C functions behind dictionaries. Only a superuser may create one; it has no owner.
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace text_search_template {
namespace {

constexpr Attr<std::string> kInit{"init"};
constexpr Attr<std::string> kLexize{"lexize"};

std::string introspect(int) {
  return R"(SELECT 'pg_ts_template'::regclass::oid, t.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, t.tmplname, NULL::text,
  CASE WHEN t.tmplinit <> 0 THEN t.tmplinit::regproc::text END AS init,
  t.tmpllexize::regproc::text AS lexize
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE )" +
         user_schema("n");
}

Steps create(const Object& object, const Context& context) {
  const std::string init = object.has(kInit) ? "init = " + object.get(kInit) + ", " : "";
  return {create_step(kTextSearchTemplate, object, context,
                      "CREATE TEXT SEARCH TEMPLATE " + support::qualified(object.id.path) + " (" + init +
                          "lexize = " + object.get(kLexize) + ")")};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kTextSearchTemplate, object, context, plan::LockMode::none, {})};
}

std::string declare(const Object& object, const Catalog&) {
  return "text search template " + own_name(object) + properties_text(kTextSearchTemplate, object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kTextSearchTemplate, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {{.name = kInit.name, .expression = true}, {.name = kLexize.name, .expression = true}};

}  // namespace
}  // namespace text_search_template

constinit const KindSpec kTextSearchTemplate{
    .tag = {"text_search_template"},
    .keyword = "TEXT SEARCH TEMPLATE",
    .introspect = text_search_template::introspect,
    .attributes = text_search_template::kAttributes,
    .create = text_search_template::create,
    .drop = text_search_template::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = text_search_template::declare,
    .rename = text_search_template::rename,
    .joins_clauses = false,
    .made_by = Maker::superuser,
};

}  // namespace lockstep::kinds
