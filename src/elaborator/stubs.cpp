#include "elaborator/stubs.h"

#include <map>
#include <set>

#include "catalog/keys.h"
#include "elaborator/builder.h"
#include "elaborator/desired.h"
#include "elaborator/disarm.h"
#include "elaborator/external_objects.h"
#include "elaborator/unproved.h"
#include "kinds/registry.h"
#include "kinds/routines/routine.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using support::DatabaseError;

namespace {

// The parse tree of a step's first statement, if its node is `node`.
nlohmann::json tree_of(const plan::Step& step, std::string_view node) {
  if (step.sql.empty()) return {};
  std::optional<parser::SqlError> error;
  const auto pieces = parser::split_sql(step.sql.front(), error);
  if (error || pieces.size() != 1) return {};
  return parser::at(pieces.front().tree, node);
}

// The value of an option: "16" of m = 16, "icu" of provider = icu, "true" of a name without a value.
std::string text_of(const nlohmann::json& argument) {
  if (argument.is_null()) return "true";
  if (argument.contains("Integer")) {
    const auto& value = parser::at(argument["Integer"], "ival");
    return value.is_number_integer() ? std::to_string(value.get<long long>()) : "0";
  }
  if (argument.contains("Float")) return parser::text_at(argument["Float"], "fval");
  if (argument.contains("TypeName")) {
    const auto names = parser::strings_of(parser::at(argument["TypeName"], "names"));
    return names.empty() ? std::string{} : names.back();
  }
  return parser::string_of(argument);
}

// Printed like the introspection query of this kind prints it.
std::optional<std::string> printed_collation(const nlohmann::json& tree) {
  std::map<std::string, std::string> given;
  for (const auto& item : parser::at(tree, "definition")) {
    const auto& element = parser::at(item, "DefElem");
    given[parser::text_at(element, "defname")] = text_of(parser::at(element, "arg"));
  }
  std::string text = "(provider = " + (given.contains("provider") ? given["provider"] : "libc");
  const auto literal = [&](const char* name) { return ", " + std::string(name) + " = " + support::quote_literal(given[name]); };
  if (given.contains("locale")) {
    text += literal("locale");
  } else if (given["lc_collate"] == given["lc_ctype"] && !given["lc_collate"].empty()) {
    text += ", locale = " + support::quote_literal(given["lc_collate"]);
  } else if (!given["lc_collate"].empty() && !given["lc_ctype"].empty()) {
    text += literal("lc_collate") + literal("lc_ctype");
  } else {
    return std::nullopt;  // copied from another collation
  }
  static const std::set<std::string> kFalse = {"false", "off", "0"};
  if (given.contains("deterministic") && kFalse.contains(given["deterministic"])) text += ", deterministic = false";
  if (given.contains("rules")) text += literal("rules");
  return text + ")";
}

// A statement without its WITH (…), whose first and last option are at these offsets. Empty: it is not written that way.
std::string without_options(const std::string& statement, std::size_t first, std::size_t last) {
  std::size_t begin = statement.rfind('(', first);
  if (begin == std::string::npos || begin < 4) return {};
  begin = statement.find_last_not_of(" \t\r\n", begin - 1);
  if (begin == std::string::npos || begin < 3) return {};
  begin -= 3;  // of WITH itself
  bool quoted = false;
  for (std::size_t end = last; end < statement.size(); ++end) {
    if (statement[end] == '\'' || statement[end] == '"') quoted = !quoted;
    if (!quoted && statement[end] == ')') return statement.substr(0, begin) + statement.substr(end + 1);
  }
  return {};
}

}  // namespace

bool Stubs::make(const plan::Step& step, const Object& object, const DatabaseError::Facts& facts) {
  // A collation's locale or provider that this machine or this build of PostgreSQL doesn't have.
  static const std::set<std::string> kNoLocale = {"22023", "42704", "0A000"};
  Made made{object, facts.message + " (on the scratch server)", {}};
  if (known_by_name(kinds::of(object.id))) {
    if (!extension(object)) return false;
  } else if (facts.sqlstate == "42501") {
    made.mark = "lockstep stub " + std::to_string(made_.size() + 1);
    if (!routine(object, made.mark)) return false;
  } else if (facts.sqlstate == "22023" && index(step)) {
    return true;  // it depends on a stub that exists already: its access method
  } else if (!kNoLocale.contains(facts.sqlstate) || !collation(step, made.original)) {
    return false;
  }
  made_.push_back(std::move(made));
  return true;
}

// On the embedded server only: elsewhere Lockstep may not be superuser and must not change the server.
bool Stubs::extension(const Object& object) {
  if (live_ == nullptr || !live_->extensions || !live_->catalog.contains(object.id) || !scratch_.gives_owners()) return false;
  const Object& there = *live_->catalog.find(object.id);
  for (const auto& attribute : kinds::of(object.id).attributes) {  // its objects are in the schemas of the live database
    const auto& wanted = object.value(attribute.name);
    const bool other = !catalog::is_absent(wanted) && wanted != there.value(attribute.name);
    if (other && attribute.name != keys::kVersion.name) return false;
  }
  const auto& all = live_->extensions();
  const auto found = all.find(object.id.path.back());
  if (found == all.end()) return false;
  try {
    const std::string version = object.has(keys::kVersion) ? object.get(keys::kVersion) : found->second.version;
    postgres::make_from_parts(scratch_.superuser(), found->first, version, found->second);
  } catch (const DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    return false;
  }
  return true;
}

bool Stubs::routine(const Object& object, const std::string& mark) {
  const auto stub = kinds::routine_stub(object, mark);
  if (!stub) return false;
  const Catalog nothing;
  const auto is_new = [](const ObjectId&) { return true; };
  const auto online = [](const ObjectId&) { return false; };
  for (const auto& step : kinds::of(object.id).create(*stub, {.from = nothing,
                                                             .to = nothing,
                                                             .server_version = scratch_.session().server_version(),
                                                             .is_new = is_new,
                                                             .online = online,
                                                             .elaborating = true})) {
    if (!run(step, step.sql)) return false;
  }
  return true;
}

bool Stubs::collation(const plan::Step& step, Object& object) {
  const auto tree = tree_of(step, "DefineStmt");
  if (parser::text_at(tree, "kind") != "OBJECT_COLLATION") return false;
  const auto printed = printed_collation(tree);
  if (!printed || !run(step, {"CREATE COLLATION " + kinds::of(object.id).address(object.id) + " (locale = 'C')"})) return false;
  object.set(keys::kDefinition.name, *printed);
  return true;
}

// PostgreSQL stores an index's options as texts and asks the access method only when they are set.
bool Stubs::index(const plan::Step& step) {
  const auto tree = tree_of(step, "IndexStmt");
  const auto& options = parser::at(tree, "options");
  if (options.empty()) return false;
  const auto ours = scratch_.superuser().query(
      "SELECT FROM pg_catalog.pg_am WHERE amname = $1 AND oid >= 16384 AND amhandler = "
      "'pg_catalog.gisthandler(pg_catalog.internal)'::pg_catalog.regprocedure",
      {parser::text_at(tree, "accessMethod")});
  if (ours.empty()) return false;
  std::vector<std::string> stored;
  for (const auto& item : options) {
    const auto& option = parser::at(item, "DefElem");
    stored.push_back(parser::text_at(option, "defname") + "=" + text_of(parser::at(option, "arg")));
  }
  const auto place = [](const nlohmann::json& item) {
    const auto& found = parser::at(parser::at(item, "DefElem"), "location");
    return found.is_number_unsigned() ? found.get<std::size_t>() : 0;
  };
  std::vector<std::string> statements = step.sql;
  statements.front() = without_options(statements.front(), place(options.front()), place(options.back()));
  if (statements.front().empty() || !run(step, statements)) return false;
  const auto& relation = parser::at(tree, "relation");
  const std::string table = support::qualified(parser::text_at(relation, "schemaname"), parser::text_at(relation, "relname"));
  scratch_.superuser().query(
      "UPDATE pg_catalog.pg_class SET reloptions = ARRAY[" + support::Sql::literals(stored) +
          "] WHERE oid = (SELECT max(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = $1::pg_catalog.regclass)",
      {table});
  return true;
}

bool Stubs::run(const plan::Step& like, const std::vector<std::string>& statements) {
  postgres::Session& session = scratch_.session();
  try {
    postgres::Transaction transaction(session);
    for (const auto& statement : statements) session.declared_single(support::DeclaredSql(statement, like.search_path));
    transaction.commit();
    return true;
  } catch (const DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    return false;
  }
}

Catalog Stubs::meant(const Catalog& read) {
  reasons_.clear();
  std::vector<Object> objects = read.objects();
  for (const ObjectId& id : put_back_functions(scratch_.superuser(), objects)) {
    reasons_[id] =
        "no object of this kind in PostgreSQL or in an extension combines these functions, and combined they may misread memory";
  }
  if (made_.empty() && reasons_.empty()) return read;
  std::map<ObjectId, const Made*> by_id;
  for (const Made& made : made_) {
    if (made.mark.empty()) by_id[made.original.id] = &made;
  }
  for (Object& object : objects) {
    if (const auto found = by_id.find(object.id); found != by_id.end()) {
      const Object& original = found->second->original;
      if (original.has(keys::kDefinition)) object.set(keys::kDefinition.name, original.get(keys::kDefinition));
      reasons_[object.id] = found->second->reason;
      continue;
    }
    for (const Made& made : made_) {
      if (made.mark.empty() || !made.original.id.is(*object.id.kind) || !kinds::is_routine_stub(object, made.mark)) continue;
      object = kinds::routine_meant(std::move(object), made.original);
      reasons_[object.id] = made.reason;
      break;
    }
  }
  return Catalog(std::move(objects), read.edges());
}

void report_stubs(const parser::Declared& declared, const Desired& desired, const std::map<ObjectId, ObjectId>& respelt,
                  support::Diagnostics& diagnostics) {
  constexpr std::size_t kMost = 5;
  for (const auto& [id, reason] : desired.stood_in) {
    UnprovedObjects unproved;
    unproved.add(desired.whole(), id, reason);
    std::set<std::string> names;  // names of whole objects: the table, not each of its parts
    support::Span place;
    for (const auto& [stated, at] : declared.places) {
      const auto other = respelt.find(stated);
      if ((other == respelt.end() ? stated : other->second) == id) place = at.head;
    }
    const Catalog& catalog = desired.catalog;
    for (catalog::Index i = 0; i < catalog.objects().size(); ++i) {
      const ObjectId& root = catalog.at(catalog.root(i)).id;
      if (unproved.contain(catalog.at(i).id) && root != id) names.insert(catalog::to_string(root));
    }
    if (names.empty() && !place) continue;  // not of the declared files
    std::vector<std::string> first(names.begin(), names.end());
    const std::size_t more = first.size() > kMost ? first.size() - kMost : 0;
    first.resize(first.size() - more);
    const std::string affected =
        names.empty() ? "nothing else" : support::join(first, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
    diagnostics.warning("LS0307",
                        catalog::to_string(id) + " can't be had on the scratch server: " + reason +
                            "; a stub was used, and unproved is " + affected,
                        place);
  }
}

}  // namespace lockstep::elaborator
