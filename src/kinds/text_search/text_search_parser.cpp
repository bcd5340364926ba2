// Text search parser: five C functions. Only a superuser may create one; it has no owner.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/printing/plain_steps.h"
#include "kinds/printing/property_text.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace text_search_parser {
namespace {

constexpr Attr<std::string> kGetToken{"gettoken"}, kEnd{"end"}, kLexTypes{"lextypes"}, kHeadline{"headline"};

std::string introspect(int) {
  return R"(SELECT 'pg_ts_parser'::regclass::oid, p.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, p.prsname, NULL::text,
  p.prsstart::regproc::text AS start,
  p.prstoken::regproc::text AS gettoken,
  p.prsend::regproc::text AS "end",
  p.prslextype::regproc::text AS lextypes,
  CASE WHEN p.prsheadline <> 0 THEN p.prsheadline::regproc::text END AS headline
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE )" +
         user_schema("n");
}

Steps create(const Object& object, const Context& context) {
  std::string functions;
  for (const auto& part : {keys::kParserStart, kGetToken, kEnd, kLexTypes}) {
    functions += std::string(part.name) + " = " + object.get(part) + ", ";
  }
  functions += object.has(kHeadline) ? "headline = " + object.get(kHeadline) + ", " : "";
  functions.resize(functions.size() - 2);
  return {create_step(kTextSearchParser, object, context,
                      "CREATE TEXT SEARCH PARSER " + support::qualified(object.id.path) + " (" + functions + ")")};
}

Steps drop(const Object& object, const Context& context) {
  return {drop_step(kTextSearchParser, object, context, plan::LockMode::none, {})};
}

std::string declare(const Object& object, const Catalog&) {
  return "text search parser " + own_name(object) + properties_text(kTextSearchParser, object);
}

Steps rename(const ObjectId& from, const ObjectId& to, const Context&) {
  return rename_object(kTextSearchParser, from, to, plan::LockMode::none, {});
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kParserStart.name, .expression = true},
    {.name = kGetToken.name, .expression = true},
    {.name = kEnd.name, .expression = true},
    {.name = kLexTypes.name, .expression = true},
    {.name = kHeadline.name, .expression = true},
};

}  // namespace
}  // namespace text_search_parser

constinit const KindSpec kTextSearchParser{
    .tag = {"text_search_parser"},
    .keyword = "TEXT SEARCH PARSER",
    .introspect = text_search_parser::introspect,
    .attributes = text_search_parser::kAttributes,
    .create = text_search_parser::create,
    .drop = text_search_parser::drop,
    .address = [](const ObjectId& id) { return support::qualified(id.path); },
    .declare = text_search_parser::declare,
    .rename = text_search_parser::rename,
    .joins_clauses = false,
    .made_by = Maker::superuser,
};

}  // namespace lockstep::kinds
