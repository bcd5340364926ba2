// What Lockstep knows about one kind of object: data plus a few pure functions. One file a kind, one line in the registry.
//
// The attribute table drives parsing (property names), introspection (result columns), diff, print, hash and drift report.
// Nothing outside kinds/, recipes/ and the parser's sugar may name a kind (guard test). Everything here is pure and
// thread-safe: no clock, no connection.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/change.h"
#include "catalog/intent.h"
#include "plan/step.h"
#include "recipes/context.h"

namespace lockstep::kinds {

using catalog::Attr;
using catalog::Catalog;
using catalog::Change;
using catalog::List;
using catalog::Object;
using catalog::ObjectId;
using plan::Step;
using plan::Steps;
using recipes::Context;
using recipes::TableFacts;

enum class ValueType { boolean, integer, text, list };

// "RENAME"-like clauses of one object are joined: ALTER <keyword> <address> clause, clause; one statement, one lock.
using Clause = std::string (*)(const Object& to);
// Whole steps for one changed attribute. Sees the whole change (several attributes may act together; the first recipe
// whose attribute changed is called once per distinct function).
using Recipe = Steps (*)(const Change& change, const Object& from, const Object& to, const Context& context);

struct AttrSpec {
  std::string_view name;
  ValueType type = ValueType::text;
  // PostgreSQL prints it from a parse tree (or the user writes it in a spelling of his own): where two texts differ they
  // are compared again after both went through the elaborator.
  bool expression = false;
  // Compared only where the desired side states it (owner, extension version …).
  bool facet = false;
  // Read for planning and reports, not part of equality (a view's column list).
  bool derived = false;
  Clause clause = nullptr;
  // What statements of the previous application version see once it has changed; empty: nothing. A recipe says it itself.
  std::string (*breaking)(const Object& from, const Object& to) = nullptr;
  Recipe recipe = nullptr;  // neither clause nor recipe: a change means drop + create, with dependents
  // A change of it makes PostgreSQL refuse or reprint what hangs on the object: its dependents are dropped before and
  // recreated after (a column's type).
  bool rebuilds_dependents = false;
  // The recipe puts a successor in the object's place, which keeps only what is said by name. Where anything else depends on
  // the old one (a foreign key on its index), a change means drop + create, with dependents.
  bool by_successor = false;
  // Rows that state no value get theirs from it (an identity). What takes that over shares its transaction.
  bool gives_values = false;
};

// Where objects of a kind have their place, which also gives their paths a shape.
enum class Placement {
  database,        // beside the schemas: {name}
  schema,          // in a schema: {schema, name}, {schema, relation, name}; and the schema itself
  target,          // about another object, its target: {kind of the target, path of the target …}
  target_by_name,  // the same, with a name of its own at the end (a label's provider)
  target_by_role   // the same, and the name is a role's (a grantee)
};
// Which objects can't have the same name beside it.
enum class NameScope {
  kind,      // others of its kind in the same place
  relations  // all of pg_class in the same schema: tables, views, indexes, sequences, keys …
};
// Who may create it.
enum class Maker { anyone, member_of_role, superuser };
// What is stored in it that no definition brings back.
enum class Holds { nothing, values, rows };

struct KindSpec {
  catalog::KindTag tag;      // its name in ids, files and reports; ObjectId::kind points here
  std::string_view keyword;  // of ALTER / DROP / COMMENT ON: "TABLE", "MATERIALIZED VIEW"

  // One query for all objects of this kind. Result columns, in this order:
  //   class oid, object oid, sub int  – the object's pg_depend address (sub 0 except for columns); class 0: it has none
  //   parent_class, parent_object, parent_sub – null for a kind without parent
  //   name text       – appended to the parent's path unless null (a comment)
  //   key text        – appended after it unless null (a function's identity arguments)
  //   then one column per AttrSpec, by name: boolean → bool, bigint → integer, text → text, text[] → list; null → absent.
  // Runs under search_path = '' in a REPEATABLE READ snapshot. Objects of extensions and those whose parent is not read
  // are left out by the caller; system schemas by the query itself (user_schema in introspect_sql.h).
  std::string (*introspect)(int server_version) = nullptr;
  std::span<const AttrSpec> attributes;

  // Statements that make it, its absorbed children included. All names qualified. Called also during elaboration, where
  // texts are the user's own.
  Steps (*create)(const Object& object, const Context& context) = nullptr;
  Steps (*drop)(const Object& object, const Context& context) = nullptr;  // null: generic DROP keyword address
  // How SQL names it after its keyword: "shop.orders", "orders_fk ON shop.orders", "shop.f(integer)".
  std::string (*address)(const ObjectId& id) = nullptr;
  // The declaration as language text, without its end (";" or a block) and without what the children say. nullptr: the
  // object is said by its parent (a default by its column). Texts may be laid out freely: the formatter follows.
  std::string (*declare)(const Object& object, const Catalog& catalog) = nullptr;
  // ALTER … RENAME; null: this kind can't be renamed in place.
  Steps (*rename)(const ObjectId& from, const ObjectId& to, const Context& context) = nullptr;
  // Whether a Set of these attributes can be done without drop + create although one of them has neither clause nor recipe
  // (CREATE OR REPLACE): then `create` is run again over the old one. Null: never.
  bool (*replaceable)(const Object& from, const Object& to) = nullptr;
  // Edges PostgreSQL cannot know yet for a declared object, or never records (string bodies): hints for order only.
  std::vector<ObjectId> (*uses)(const Object& object, const Catalog& catalog) = nullptr;
  // Whether the object is created before `used`, although pg_depend records that it depends on it. Null: never.
  bool (*precedes)(const Object& object, const ObjectId& used) = nullptr;

  // What GRANT … ON calls it: "TABLE" for every kind of relation, "FUNCTION", "TYPE". "COLUMN": its privileges are granted
  // on its relation, as PRIVILEGE (column). Empty: nothing can be granted on it.
  std::string_view grant_keyword = {};
  // Whether ALTER takes several clauses at once, separated by commas (as tables do); otherwise one statement a clause.
  bool joins_clauses = true;
  // Whether its comment is written at the end of its own line in a file, and not as a statement.
  bool comment_inline = false;

  Holds holds = Holds::nothing;
  // A row of plan/hazard.h's table: what needs consent to be dropped. Empty: a file brings back all that a drop loses.
  std::string_view drop_hazard = {};
  // The SELECT that saves what a drop loses. Null: nothing is lost but the definition, which is always saved.
  std::string (*saves)(const Object& object) = nullptr;

  Placement placement = Placement::schema;
  NameScope name_scope = NameScope::kind;
  Maker made_by = Maker::anyone;
  // What only a superuser may set on it after it is made (part of `create`'s own steps otherwise). On scratch Lockstep sets it
  // itself, from parsed attributes. Null: nothing.
  std::vector<std::string> (*superuser_statements)(const Object& object) = nullptr;

  bool made_with_parent = false;        // created and dropped with its parent (columns in CREATE TABLE)
  bool empty_before_drop = false;       // PostgreSQL drops it only when nothing is in it: its children are dropped first
  bool dropped_before_parent = false;   // has a DROP of its own even when its parent is dropped with what it references
  bool used_without_privilege = false;  // statements use it, though nothing can be granted on it: an operator, a cast
  bool refers_only = false;             // nothing else can refer to it: a trigger, a foreign key
  bool reaches_unnamed = false;     // other texts may mean something else because of it, without naming it: an operator, a cast
  bool renamed_when_alike = false;  // one removed and one added under the same parent, alike but for the name: a rename
  // Live objects that must be gone before `object` is created, although it does not depend on them: PostgreSQL would refuse it
  // (a second primary key), take one of them for its own (an index of a partition) or lean on one (a key). Only those that the
  // plan drops are waited for. Null: none.
  std::vector<ObjectId> (*displaces)(const Object& object, const Catalog& from, const Catalog& to) = nullptr;

  bool is_satellite() const { return placement == Placement::target || is_named_satellite(); }
  bool is_named_satellite() const { return placement == Placement::target_by_name || placement == Placement::target_by_role; }
  // A file brings back all that a drop loses: no rows, no values of a sequence.
  bool is_only_definition() const { return drop_hazard.empty(); }
  // Statements of applications use it: what privileges are granted on, and the like. Not an index, a key or a trigger.
  bool is_used_by_statements() const { return (!grant_keyword.empty() || used_without_privilege) && !made_with_parent; }
  bool is_referred_to() const { return !refers_only && !is_satellite(); }
  bool is_relation() const { return name_scope == NameScope::relations; }
};

// "shop" for anything inside schema shop and the schema itself, else empty; a satellite answers for its target.
std::string schema_of(const ObjectId& id);
// ALTER <keyword> <address>
std::string alter(const KindSpec& kind, const ObjectId& id);
// Parts of the same name in one object are told apart by "?1", "?2" … where the author leaves the name to PostgreSQL.
bool is_placeholder(std::string_view name);

// One rule of ownership for all kinds: the attribute, its clause, and the statement that follows the creation of an object
// that states an owner (nullopt: it states none).
inline constexpr Attr<std::string> kOwner{"owner"};
std::string owner_clause(const Object& to);
inline constexpr AttrSpec kOwnerAttribute{.name = kOwner.name, .facet = true, .clause = owner_clause};
std::optional<Step> owner_step(const Object& object);

// Statements that take back from a new object what the connected role's default privileges gave, where the desired state
// doesn't say so too: they belong into the transaction that makes it.
// `under`: the id that it has until it gets its own; null: its own.
std::vector<std::string> without_default_privileges(const Object& object, const Context& context,
                                                    const ObjectId* under = nullptr);

// One statement that renames: a contract step, since the old name stops working.
Steps rename_steps(const ObjectId& from, const ObjectId& to, std::string sql);

// What a comment or grant is about. Throws InternalError where its path names no kind.
ObjectId target_of(const ObjectId& satellite);

}  // namespace lockstep::kinds
