// Comments, one rule for every kind: COMMENT ON <the target's keyword and address>. A constraint with an index can have a
// second comment, which PostgreSQL stores for the index: that is a kind of its own, attached to the constraint.
#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace comment {
namespace {

// initdb's comment on this schema counts as "no comment"; pg_dump distinguishes it from NULL.
constexpr std::string_view kPublic = "public", kOfPublic = "standard public schema";

// An index has its table's schema, and a constraint's index has the constraint's name.
std::string named(const ObjectId& id, const ObjectId& target) {
  if (id.is(kIndexComment.tag)) return "INDEX " + support::qualified(target.path.front(), target.path.back());
  return std::string(of(target).keyword) + " " + of(target).address(target);
}

Step comment_on(const ObjectId& id, const Context& context, const std::string& verb, const std::string& text) {
  const ObjectId target = target_of(id);
  Step step;
  step.title = verb + " the comment of " + (id.is(kIndexComment.tag) ? "the index of " : "") + catalog::to_string(target);
  step.sql = {"COMMENT ON " + named(id, target) + " IS " + text};
  const bool of_new_relation = target.path.size() < 3 || context.is_new(recipes::relation_of(target));
  if (!context.is_new(target) || !of_new_relation) step.lock = plan::LockMode::share_update_exclusive;
  return step;
}

Steps create(const Object& object, const Context& context) {
  Step step = comment_on(object.id, context, "set", support::quote_literal(object.get(keys::kText)));
  step.produces = {object.id};
  return {std::move(step)};
}

Steps change(const Change&, const Object&, const Object& to, const Context& context) {
  return create(to, context);
}

// The comment from PostgreSQL or the extension's control file, if there is one.
std::string initial_comment(const ObjectId& target, const Context& context) {
  if (target == ObjectId{&kSchema.tag, {std::string(kPublic)}}) return support::quote_literal(kOfPublic);
  const Object* object = context.from.find(target);
  return object != nullptr && object->has(keys::kDescribed) ? support::quote_literal(object->get(keys::kDescribed)) : "NULL";
}

Steps drop(const Object& object, const Context& context) {
  Step step = comment_on(object.id, context, "drop", initial_comment(target_of(object.id), context));
  step.destroys = {object.id};
  return {std::move(step)};
}

std::string declare(const Object& object, const Catalog&) {
  return (object.id.is(kIndexComment.tag) ? "index comment " : "comment ") + support::quote_literal(object.get(keys::kText));
}

constexpr AttrSpec kAttributes[] = {{.name = keys::kText.name, .recipe = change}};

// Comments that nobody wrote count as absent: initdb's (OIDs below 16384, except that on schema public) and those from an
// extension's control file. If such a comment was removed, the comment is empty.
std::string introspect(int) {
  return "SELECT 0::oid, 0::oid, 0, d.classoid, d.objoid, d.objsubid, NULL::text, NULL::text, d.description AS text FROM "
         "pg_description d"
         " WHERE d.classoid <> 'pg_largeobject'::regclass AND (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass"
         "  AND d.objoid = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = " +
         support::quote_literal(kPublic) + ") AND d.description <> " + support::quote_literal(kOfPublic) +
         ")"
         " AND NOT (d.classoid = 'pg_extension'::regclass AND EXISTS (SELECT FROM pg_extension e JOIN pg_available_extensions a "
         "ON a.name = e.extname"
         "  WHERE e.oid = d.objoid AND a.comment = d.description))"
         " UNION ALL SELECT 0::oid, 0::oid, 0, 'pg_extension'::regclass::oid, e.oid, 0, NULL::text, NULL::text, '' FROM "
         "pg_extension e"
         "  JOIN pg_available_extensions a ON a.name = e.extname AND a.comment <> '' WHERE obj_description(e.oid, "
         "'pg_extension') IS NULL"
         " UNION ALL SELECT 0::oid, 0::oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, NULL::text, NULL::text, '' FROM "
         "pg_namespace n"
         "  WHERE n.nspname = " +
         support::quote_literal(kPublic) + " AND obj_description(n.oid, 'pg_namespace') IS NULL";
}

// If the parent isn't read (a partition's copy of the constraint), its comment isn't either.
std::string introspect_of_indexes(int) {
  return "SELECT 0::oid, 0::oid, 0, 'pg_constraint'::regclass::oid, k.oid, 0, NULL::text, NULL::text, d.description AS text"
         " FROM pg_description d JOIN pg_constraint k ON k.conindid = d.objoid AND k.contype IN ('p', 'u', 'x')"
         " WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0";
}

}  // namespace
}  // namespace comment

constinit const KindSpec kComment{
    .tag = {"comment"},
    .keyword = "COMMENT",
    .introspect = comment::introspect,
    .attributes = comment::kAttributes,
    .create = comment::create,
    .drop = comment::drop,
    .declare = comment::declare,
    .placement = Placement::target,
};

constinit const KindSpec kIndexComment{
    .tag = {"index_comment"},
    .keyword = "COMMENT",
    .introspect = comment::introspect_of_indexes,
    .attributes = comment::kAttributes,
    .create = comment::create,
    .drop = comment::drop,
    .declare = comment::declare,
    .placement = Placement::target,
};

}  // namespace lockstep::kinds
