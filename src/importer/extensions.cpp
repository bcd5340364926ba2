#include "importer/extensions.h"

#include <algorithm>

#include "elaborator/external_objects.h"
#include "elaborator/privileged.h"
#include "kinds/registry.h"
#include "parser/sql_tree.h"
#include "session/session.h"
#include "support/error.h"

namespace lockstep::importer {

using parser::at;
using parser::text_at;
using support::DatabaseError;
using support::Sql;

namespace {

constexpr std::string_view kStatement = "CreateExtensionStmt";
constexpr const char* kNotInstalled =
    "install it where scratch databases are made (this machine), or give --url or --env of a database that has it: what it "
    "brings "
    "is then taken from there";

std::string name_of(const Piece& piece) {
  return text_at(at(piece.tree, kStatement), "extname");
}

bool makes_others(const Piece& piece) {
  const auto& options = at(at(piece.tree, kStatement), "options");
  return std::any_of(options.begin(), options.end(),
                     [](const auto& item) { return text_at(at(item, "DefElem"), "defname") == "cascade"; });
}

std::string schema_of(const Piece& piece) {
  for (const auto& item : at(at(piece.tree, kStatement), "options")) {
    const auto& option = at(item, "DefElem");
    if (text_at(option, "defname") == "schema") return parser::string_of(at(option, "arg"));
  }
  return {};
}

}  // namespace

Extensions::Extensions(postgres::Scratch& scratch, const postgres::Snapshot* live)
    : scratch_(scratch), live_(live), stubs_(scratch, live) {}

bool Extensions::exists(const std::string& name) {
  return !scratch_.superuser().query("SELECT FROM pg_catalog.pg_extension WHERE extname = $1", {name}).empty();
}

bool Extensions::installed(const std::string& name) {
  return !scratch_.superuser().query("SELECT FROM pg_catalog.pg_available_extensions WHERE name = $1", {name}).empty();
}

bool Extensions::trusted(const std::string& name) {
  return !scratch_.superuser()
              .query("SELECT FROM pg_catalog.pg_available_extension_versions WHERE name = $1 AND trusted", {name})
              .empty();
}

void Extensions::make_first(const std::vector<Script>& scripts) {
  for (const Script& script : scripts) {
    for (const Piece& piece : script.pieces) {
      if (piece.node() != kStatement) continue;
      const std::string name = name_of(piece);
      if (exists(name) || (trusted(name) && !makes_others(piece))) continue;
      const std::string schema = schema_of(piece);
      try {
        if (!schema.empty() &&
            scratch_.superuser().query("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", {schema}).empty()) {
          scratch_.session().execute("CREATE SCHEMA " + Sql::identifier(schema));
          schemas_.insert(schema);
        }
        create(piece);
        waiting_.insert(name);
      } catch (const DatabaseError& error) {  // it fails again at its own place, where it is reported
        if (error.facts().connection_lost) throw;
        failed_[name] = error.facts();
      }
    }
  }
}

void Extensions::make(const Piece& piece) {
  const std::string name = name_of(piece);
  if (waiting_.erase(name) > 0) return;
  const bool there = exists(name);
  if (there && parser::true_at(at(piece.tree, kStatement), "if_not_exists")) return;
  if (!there && !(trusted(name) && !makes_others(piece)) && installed(name)) {
    if (const auto failed = failed_.find(name); failed != failed_.end()) throw DatabaseError(failed->second);
    DatabaseError::Facts facts;
    facts.sqlstate = "42501";
    facts.message = "extension \"" + name + "\" is made a second time, after it was dropped";
    facts.hint = "its script runs as superuser, so it is made only before the migrations' own code: take the first one out";
    throw DatabaseError(std::move(facts));
  }
  try {
    create(piece);
  } catch (const DatabaseError& error) {
    DatabaseError::Facts facts = error.facts();
    if (facts.sqlstate == "0A000" || facts.sqlstate == "58P01") facts.hint = kNotInstalled;
    throw DatabaseError(std::move(facts));
  }
}

bool Extensions::takes_schema(const Piece& piece) {
  return schemas_.erase(text_at(at(piece.tree, "CreateSchemaStmt"), "schemaname")) > 0;
}

void Extensions::create(const Piece& piece) {
  const std::string name = name_of(piece);
  const std::string text(piece.span.text());
  const auto path = postgres::parse_array(scratch_.session().execute("SELECT pg_catalog.current_schemas(false)").text(0, 0));
  std::vector<std::string> where;
  for (const std::string& schema : path)
    if (schema != "pg_catalog") where.push_back(schema);
  if (where.empty()) where.emplace_back("public");
  try {
    postgres::Transaction transaction(scratch_.superuser());
    elaborator::say_privileged(scratch_, support::DeclaredSql(text, where));
    transaction.commit();
  } catch (const DatabaseError& error) {
    if (error.facts().connection_lost || live_ == nullptr) throw;
    const catalog::Object* there = nullptr;
    for (const catalog::Object& object : live_->catalog.objects())
      if (elaborator::known_by_name(kinds::of(object.id)) && object.id.path.back() == name) there = &object;
    plan::Step step;
    step.sql = {text};
    if (there == nullptr || !stubs_.make(step, *there, error.facts())) throw;
  }
  elaborator::lend_wrappers(scratch_);
}

}  // namespace lockstep::importer
