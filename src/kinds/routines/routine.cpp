#include "kinds/routines/routine.h"

#include <algorithm>
#include <cctype>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/printing/introspect_sql.h"
#include "kinds/registry.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using namespace routine;

// The key is the list of input types, which identifies a routine whatever its arguments are called. Functions that a range type
// creates are part of it. pg_get_functiondef() quotes each setting as that setting requires.
std::string routine_introspection(std::string_view prokinds, std::string_view attributes) {
  return "SELECT 'pg_proc'::regclass::oid, p.oid, 0, 'pg_namespace'::regclass::oid, n.oid, 0, p.proname::text,"
         " coalesce((SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.i)"
         "  FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(type, i)), ''),"
         " pg_get_function_arguments(p.oid) AS arguments, l.lanname::text AS language,"
         " nullif(p.prosecdef, false) AS security_definer,"
         " CASE WHEN p.proconfig IS NOT NULL THEN ARRAY(SELECT s.m[1] FROM regexp_matches(pg_get_functiondef(p.oid), '^ SET "
         "(.*)$', 'gn')"
         "  WITH ORDINALITY AS s(m, i) WHERE s.i <= cardinality(p.proconfig) ORDER BY s.i) END AS configuration,"
         " (SELECT string_agg('FOR TYPE ' || format_type(t.type, NULL), ', ' ORDER BY t.i)"
         "  FROM unnest(p.protrftypes) WITH ORDINALITY AS t(type, i)) AS transform,"
         " CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS body, p.probin::text AS object_file,"
         " pg_get_function_sqlbody(p.oid) AS sql_body, pg_get_userbyid(p.proowner)::text AS owner" +
         std::string(attributes) +
         " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang WHERE p.prokind "
         "IN (" +
         std::string(prokinds) +
         ") AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = "
         "'i') AND " +
         user_schema("n");
}

std::string routine_address(const ObjectId& id) {
  std::vector<std::string> arguments;
  for (const auto& argument : split_arguments(id.path[2])) arguments.push_back(argument.text);
  return support::qualified(id.path[0], id.path[1]) + "(" + support::join(arguments, ", ") + ")";
}

namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool stays(const ObjectId& id, const Context& context) {
  return context.from.contains(id) && !context.is_new(id);
}

// The clauses between the argument list and the body. SQL and the schema language differ only in the case of the keywords.
std::vector<std::string> words(const Object& object) {
  std::vector<std::string> list;
  const auto word = [&](bool stated, std::string text) {
    if (stated) list.push_back(std::move(text));
  };
  word(object.has(keys::kResult), "returns " + object.get(keys::kResult));
  word(true, "language " + support::quote_identifier(object.get(keys::kLanguage)));
  word(object.has(kTransform), "transform " + object.get(kTransform));
  word(object.get(kWindow), "window");
  word(object.has(kVolatility), object.get(kVolatility));
  word(object.get(kStrict), "strict");
  word(object.get(kSecurityDefiner), "security definer");
  word(object.has(kParallel), "parallel " + object.get(kParallel));
  word(object.has(kCost), "cost " + object.get(kCost));
  word(object.has(kRows), "rows " + object.get(kRows));
  word(object.has(kSupport), "support " + object.get(kSupport));
  for (const auto& setting : object.get(kConfiguration)) list.push_back("set " + setting);
  return list;
}

std::string body(const Object& object) {
  if (object.has(kObjectFile))
    return "as " + support::quote_literal(object.get(kObjectFile)) + ", " + support::quote_literal(object.get(keys::kBody));
  return "as " + support::dollar_quote(object.get(keys::kBody));
}

// With how many arguments it can be called.
struct Calls {
  std::size_t least = 0, most = 0;
};

bool meet(const Calls& a, const Calls& b) {
  return a.least <= b.most && b.least <= a.most;
}

bool is_variadic(const Argument& argument) {
  return argument.text.starts_with("VARIADIC ");
}

// Rather more than fewer. CALL counts a procedure's OUT arguments.
Calls calls_of(const Object& routine) {
  constexpr std::size_t kAny = 1000;
  if (routine.id.is(kAggregate.tag) && routine.get(keys::kArguments).find("ORDER BY") != std::string::npos) return {0, kAny};
  Calls calls;
  for (const Argument& argument : split_arguments(routine.get(keys::kArguments))) {
    const bool out = argument.text.starts_with("OUT ");
    if (argument.text == "*" || (out && !routine.id.is(kProcedure.tag))) continue;
    if (!out && !argument.has_default) ++calls.least;
    calls.most = is_variadic(argument) ? kAny : calls.most + 1;
  }
  return calls;
}

bool may_leave_out(const Object& routine) {
  const auto arguments = split_arguments(routine.get(keys::kArguments));
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const Argument& argument) { return argument.has_default || is_variadic(argument); });
}

// The routines of its name in its schema, whatever their arguments.
std::vector<const Object*> namesakes(const ObjectId& id, const Catalog& catalog) {
  std::vector<const Object*> found;
  for (const Object& other : catalog.objects()) {
    const auto& path = other.id.path;
    if (path.size() != 3 || path[1] != id.path[1] || path[0] != id.path[0]) continue;
    if (other.id.is(kFunction.tag) || other.id.is(kProcedure.tag) || other.id.is(kAggregate.tag)) found.push_back(&other);
  }
  return found;
}

std::vector<std::string> types_of(const Object& routine) {
  std::vector<std::string> types;
  for (const Argument& argument : split_arguments(routine.id.path[2])) types.push_back(argument.text);
  return types;
}

// With how many arguments PostgreSQL can't tell one from the other, since their types are the same as well. It prefers what isn't
// VARIADIC; what an aggregate or OUT arguments count is left to chance.
Calls never_unique(Calls calls, const Object& a, const Object& b) {
  for (const Object* one : {&a, &b}) {
    const auto arguments = split_arguments(one->get(keys::kArguments));
    const bool unclear = std::any_of(arguments.begin(), arguments.end(), [](const Argument& argument) {
      return is_variadic(argument) || argument.text.starts_with("OUT ");
    });
    if (unclear || one->id.is(kAggregate.tag)) return {1, 0};
  }
  const auto first = types_of(a), second = types_of(b);
  const auto same = std::mismatch(first.begin(), first.end(), second.begin(), second.end()).first - first.begin();
  return {calls.least, std::min(calls.most, static_cast<std::size_t>(same))};
}

std::string arguments_text(const Calls& calls) {
  const std::string least = calls.least == 0 ? "no" : std::to_string(calls.least);
  if (calls.least == calls.most) return least + (calls.least == 1 ? " argument" : " arguments");
  return least + " to " + std::to_string(calls.most) + " arguments";
}

}  // namespace

// Which of two routines a call means that both can have, PostgreSQL decides by the types of what it gives, and a literal has
// none: beside the new one a call that worked before can be ambiguous, or mean the new one. Where the types are the same and only
// a default makes the difference, it refuses every call.
void warn_of_namesakes(const Object& routine, const Context& context, Step& step) {
  if (context.elaborating) return;
  Calls calls = calls_of(routine);
  if (const Object* before = context.from.find(routine.id)) {  // only what could not be left out before
    const Calls old = calls_of(*before);
    if (calls.least >= old.least) return;
    calls.most = old.least - 1;
  }
  const auto displaced = displaced_by_routine(routine, context.from, context.to);
  const std::string name = support::join({routine.id.path[0], routine.id.path[1]}, ".");
  for (const Object* other : namesakes(routine.id, context.from)) {
    const Calls others = calls_of(*other);
    if (other->id.path == routine.id.path || plan::names(displaced, other->id) || !meet(calls, others)) continue;
    const Calls both{std::max(calls.least, others.least), std::min(calls.most, others.most)};
    const Calls none = never_unique(both, routine, *other);
    const std::string first = catalog::to_string(other->id), second = catalog::to_string(routine.id);
    const std::string until = context.to.contains(other->id) ? "" : ", until the former is dropped";
    if (none.least <= none.most)
      step.consequences.push_back({"breaking", name,
                                   "every call with " + arguments_text(none) + " that fits the types of " + first +
                                       " fails beside " + second + ", which fits as well: it is not unique" + until});
    if (none.least > none.most || none.most < both.most)
      step.consequences.push_back({"breaking", name,
                                   "calls of " + first + " whose arguments don't all have its types can be ambiguous beside " +
                                       second + ", or mean that one" + until});
  }
}

Steps create_routine(const KindSpec& kind, const Object& object, const Context& context) {
  const bool replaces = stays(object.id, context);
  std::string sql = std::string(replaces ? "CREATE OR REPLACE " : "CREATE ") + std::string(kind.keyword) + " " +
                    support::qualified(object.id.path[0], object.id.path[1]) + "(" + object.get(keys::kArguments) + ")";
  for (const auto& word : words(object)) sql += "\n" + word;
  sql += "\n" + (object.has(kSqlBody) ? object.get(kSqlBody) : body(object));
  Step step = recipes::step_for(object, (replaces ? "replace " : "create ") + catalog::to_string(object.id), {sql});
  warn_of_namesakes(object, context, step);
  if (!context.elaborating) {
    for (auto& statement : leakproof_statement(object)) step.sql.push_back(std::move(statement));
  }
  return {std::move(step)};
}

std::vector<std::string> leakproof_statement(const Object& object) {
  if (!object.get(kLeakproof)) return {};
  return {alter(of(object.id), object.id) + " LEAKPROOF"};
}

std::string declare_routine(std::string_view word, const Object& object) {
  std::string text =
      std::string(word) + " " + support::quote_identifier(object.id.path[1]) + "(" + object.get(keys::kArguments) + ")";
  for (const auto& part : words(object)) text += " " + part;
  if (object.get(kLeakproof)) text += " leakproof";
  return text + " " + (object.has(kSqlBody) ? "body " + support::dollar_quote(object.get(kSqlBody)) : body(object));
}

Steps rename_routine(const KindSpec& kind, const ObjectId& from, const ObjectId& to) {
  return rename_steps(from, to, alter(kind, from) + " RENAME TO " + support::quote_identifier(to.path[1]));
}

std::vector<ObjectId> displaced_by_routine(const Object& routine, const Catalog& from, const Catalog& to) {
  Calls calls = calls_of(routine);
  const Object* before = from.find(routine.id);
  const auto& kind = of(routine.id);
  const bool over_it = before != nullptr && kind.replaceable != nullptr && kind.replaceable(*before, routine);
  if (over_it) {  // it stands beside the others already
    const Calls old = calls_of(*before);
    if (calls.least >= old.least) return {};
    calls.most = old.least - 1;
  }
  std::vector<ObjectId> displaced;
  for (const Object* other : namesakes(routine.id, from)) {
    if (other->id == routine.id) continue;
    const bool left_out = may_leave_out(*other) || may_leave_out(routine);
    const bool met = left_out && meet(calls, calls_of(*other));
    if (const Object* later = to.find(other->id)) {  // it is made anew, and no argument of it can be left out any more
      if (met && !meet(calls, calls_of(*later))) displaced.push_back(other->id);
      continue;
    }
    // What depends on the old one (a view, a generated column, an index) would be made anew in words that mean both.
    const bool used = !from.edges_to(*from.index_of(other->id)).empty();
    if (other->id.path == routine.id.path || met || (left_out && used)) displaced.push_back(other->id);
  }
  return displaced;
}

std::string breaks_security(const Object& from, const Object& to) {
  return catalog::to_string(from.id) + " runs with the rights of its " +
         (to.get(routine::kSecurityDefiner) ? "owner" : "caller") + ": statements that call it may fail, or see other rows";
}

bool replaceable_routine(const Object& from, const Object& to) {
  if (from.get(keys::kResult) != to.get(keys::kResult) || from.get(kWindow) != to.get(kWindow)) return false;
  const auto old = split_arguments(from.get(keys::kArguments)), wanted = split_arguments(to.get(keys::kArguments));
  return std::equal(old.begin(), old.end(), wanted.begin(), wanted.end(), [](const Argument& a, const Argument& b) {
    return upper(a.text) == upper(b.text) && (b.has_default || !a.has_default);
  });
}

std::optional<Object> routine_stub(const Object& object, const std::string& mark) {
  if (!object.has(keys::kLanguage) || (!object.has(keys::kBody) && !object.has(kSqlBody))) return std::nullopt;
  Object stub = object;
  for (const auto* name : {&kObjectFile.name, &kSqlBody.name, &kTransform.name, &kSupport.name, &kCost.name}) stub.set(*name, {});
  stub.set(keys::kLanguage.name, "plpgsql");
  stub.set(keys::kBody.name, "BEGIN RETURN NULL; END -- " + mark);
  return stub;
}

bool is_routine_stub(const Object& read, const std::string& mark) {
  return read.get(keys::kLanguage) == "plpgsql" && read.get(keys::kBody).ends_with(" -- " + mark);
}

Object routine_meant(Object read, const Object& original) {
  for (const auto* name : {&keys::kLanguage.name, &keys::kBody.name, &kObjectFile.name, &kSqlBody.name, &kTransform.name,
                           &kSupport.name, &kCost.name}) {
    read.set(*name, original.value(*name));
  }
  return read;
}

std::vector<ObjectId> language_of(const Object& object, const Catalog&) {
  const std::string language = object.get(keys::kLanguage);
  for (const std::string_view built_in : {"sql", "plpgsql", "c", "internal"}) {
    if (language == built_in) return {};
  }
  return {ObjectId{&kExtension.tag, {language}}};
}

}  // namespace lockstep::kinds
