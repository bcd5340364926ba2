#include "importer/runner.h"

#include <algorithm>
#include <string_view>

#include "elaborator/privileged.h"
#include "importer/rules.h"
#include "importer/without_roles.h"
#include "parser/sql_parse.h"
#include "parser/sql_tree.h"
#include "session/limited_session.h"
#include "support/sql_text.h"

namespace lockstep::importer {

using parser::at;
using parser::text_at;
using support::DatabaseError;
using support::DeclaredSql;
using support::Span;
using Facts = DatabaseError::Facts;

namespace {

constexpr std::string_view kDenied = "42501";
constexpr std::string_view kOwnGrantor = "0LP01";

// The text between `before` and `after`, if the message has that shape.
std::optional<std::string> between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = text.rfind(after);
  if (end == std::string_view::npos || end < begin + before.size()) return std::nullopt;
  return std::string(text.substr(begin + before.size(), end - begin - before.size()));
}

// The statement inside of a function or a DO block that failed.
nlohmann::json inner_statement(const Facts& facts) {
  constexpr std::string_view kBefore = "SQL statement \"";
  const std::size_t begin = facts.context.find(kBefore);
  if (begin == std::string::npos) return {};
  // The lines after the first are indented (support/lines.h).
  std::size_t end = facts.context.find("\"\n", begin);
  while (end != std::string::npos &&
         !facts.context.substr(std::min(facts.context.find_first_not_of(' ', end + 2), facts.context.size()))
              .starts_with("PL/pgSQL"))
    end = facts.context.find("\"\n", end + 1);
  if (end == std::string::npos) return {};
  std::optional<parser::SqlError> error;
  auto pieces =
      parser::split_sql(std::string_view(facts.context).substr(begin + kBefore.size(), end - begin - kBefore.size()), error);
  if (error || pieces.size() != 1) return {};
  return std::move(pieces.front().tree);
}

// The role that would have helped; empty: none.
std::string role_wanted(const Facts& facts) {
  if (facts.sqlstate == "42704") return between(facts.message, "role \"", "\" does not exist").value_or("");
  if (facts.sqlstate == kDenied) return text_at(at(inner_statement(facts), "CreateRoleStmt"), "role");
  return {};
}

// The byte in the statement that PostgreSQL points at.
Span place_of(const Piece& piece, const Facts& facts) {
  if (facts.position <= 0 || facts.statement != piece.span.text()) return piece.head();
  const std::string_view text = piece.span.text();
  std::size_t offset = 0;
  for (int character = 1; character < facts.position && offset < text.size(); ++character) {
    do ++offset;
    while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U);
  }
  const std::size_t begin = std::min(piece.span.begin + offset, piece.span.end);
  return {piece.span.source, begin, std::min(piece.span.end, begin + 1)};
}

std::string hint_of(const Facts& facts) {
  if (facts.connection_lost) return "the statement ended its own session with the scratch server";
  if (!facts.hint.empty()) return facts.hint;
  if (facts.sqlstate == kDenied && about_roles(inner_statement(facts)))
    return "roles are the server's, and a block of code can't be run in part: in a copy of the file, leave its statements about "
           "roles out (the roles that it grants to are there on scratch)";
  if (facts.sqlstate == kDenied)
    return "migrations run as a role without special rights here. In a copy of the file, leave out what isn't about the schema";
  if (facts.sqlstate == "42P07" || facts.sqlstate == "42P06" || facts.sqlstate == "42710" || facts.sqlstate == "42723")
    return "is the order of the files, or the folder, another one than the tool's?";
  if (facts.sqlstate == "42601") return "is this the text that the tool sends to PostgreSQL?";
  return "the migrations are run on an empty database: if they need something that is made elsewhere, put it into a file before "
         "them (`import sql` takes a folder), or import a `pg_dump -s`";
}

}  // namespace

void Runner::begin_with(const std::vector<std::string>& search_path) {
  search_path_ = search_path;
  for (const std::string& schema : search_path) {
    if (schema == "public" || schema == "$user") continue;
    session_.execute("CREATE SCHEMA IF NOT EXISTS " + support::Sql::identifier(schema));
    given_.insert(schema);
  }
}

bool Runner::run(const Script& script) {
  const bool alone = std::any_of(script.pieces.begin(), script.pieces.end(), stands_alone);
  std::optional<Failure> failure = alone ? one_by_one(script) : in_one(script);
  const bool lost = failure && failure->facts.connection_lost;
  if (failure && !lost && !alone && !committed_ && !postgres::is_time_limit(failure->facts)) {
    const auto second = one_by_one(script);
    if (!second || second->piece >= failure->piece) failure = second;
  }
  if (!failure) return true;
  report(script, *failure);
  return false;
}

void Runner::begin_session() {
  if (open_) session_.execute("ROLLBACK");
  open_ = false;
  committed_ = false;
  session_.execute("DISCARD ALL");
  session_.execute("SET search_path TO " +
                   (search_path_.empty() ? support::Sql("\"$user\", public") : support::Sql::identifiers(search_path_)));
  session_.execute("SET check_function_bodies TO off");  // a function may name what a later statement makes
  session_.take_notices();
}

std::optional<Runner::Failure> Runner::in_one(const Script& script) {
  begin_session();
  session_.execute("BEGIN");
  open_ = true;
  auto failure = pieces(script);
  if (failure) return failure;
  try {
    open_ = false;
    session_.execute("COMMIT");
  } catch (const DatabaseError& error) {  // what is deferred to the end
    return Failure{script.pieces.empty() ? 0 : script.pieces.size() - 1, error.facts()};
  }
  return std::nullopt;
}

std::optional<Runner::Failure> Runner::one_by_one(const Script& script) {
  begin_session();
  auto failure = pieces(script);
  if (failure || !open_) return failure;
  Facts facts;
  facts.message = "the file ends within a transaction, which is rolled back: COMMIT is missing";
  return Failure{script.pieces.size() - 1, facts};
}

std::optional<Runner::Failure> Runner::pieces(const Script& script) {
  for (std::size_t i = 0; i < script.pieces.size(); ++i) {
    const Piece& piece = script.pieces[i];
    try {
      statement(piece);
    } catch (const DatabaseError& error) {
      const std::string role = role_wanted(error.facts());
      if (!role.empty() && !known(role)) throw RoleWanted{role};
      return Failure{i, error.facts()};
    }
    ++statements_;
  }
  return std::nullopt;
}

void Runner::statement(const Piece& piece) {
  const Ruling rule = ruling(piece);
  if (rule.use == Use::leave_out) return leave_out(piece, rule.why);
  if (rule.use == Use::transaction) return transaction(piece);
  if (rule.use == Use::setting) return setting(piece);
  if (rule.use == Use::superuser) return superuser(piece);
  if (rule.use == Use::extension) return between_transactions([&] { extensions_.make(piece); });
  if (piece.rows) return copy(piece);
  const bool schema = piece.node() == "CreateSchemaStmt";
  const bool plain = schema && at(piece.fields(), "schemaElts").empty();
  const std::string name = schema ? text_at(piece.fields(), "schemaname") : std::string();
  if (plain && (extensions_.takes_schema(piece) || given_.erase(name) > 0)) return;
  // Every database has it, and a dump may make it all the same.
  if (plain && name == "public") {
    if (const auto failed = tried(piece); failed && failed->sqlstate != "42P06") throw DatabaseError(*failed);
    return;
  }
  if (piece.node() == "DoStmt") return block(piece);
  if (piece.node() == "GrantStmt") return as_owner(piece, piece.fields());
  plainly(piece);
}

// Scratch's role is a member of all others, and PostgreSQL lets it grant and revoke in the name of any that may, even of the one
// it is about. Who runs migrations is the owner, or a superuser, who acts for the owner.
void Runner::as_owner(const Piece& piece, const nlohmann::json& grant) {
  const auto& objects = at(grant, "objects");
  const auto& relation = objects.empty() ? at(grant, "objects") : at(objects.front(), "RangeVar");
  std::vector<std::string> name;
  for (const char* part : {"schemaname", "relname"})
    if (std::string text = text_at(relation, part); !text.empty()) name.push_back(std::move(text));
  if (name.empty()) return plainly(piece);
  const auto found = session_.query(
      "SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c, pg_catalog.pg_roles r WHERE c.oid "
      "OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1) AND r.rolname OPERATOR(pg_catalog.=) current_user AND c.relowner "
      "OPERATOR(pg_catalog.<>) r.oid AND pg_catalog.pg_has_role(r.oid, c.relowner, 'MEMBER')",
      {support::qualified(name)});
  if (found.empty()) return plainly(piece);
  session_.execute("SET ROLE " + support::Sql::identifier(found.text(0, 0)));
  try {
    plainly(piece);
  } catch (const DatabaseError& error) {
    if (!open_ && !error.facts().connection_lost) session_.execute("RESET ROLE");
    throw;
  }
  session_.execute("RESET ROLE");
}

// What it says about roles is left out, if that is what it fails for.
void Runner::block(const Piece& piece) {
  const auto failed = tried(piece);
  if (!failed) return;
  if (failed->sqlstate == kOwnGrantor) {
    const nlohmann::json inner = inner_statement(*failed);
    return as_owner(piece, at(inner, "GrantStmt"));
  }
  const bool roles = failed->sqlstate == kDenied && about_roles(inner_statement(*failed));
  const bool missing = !role_wanted(*failed).empty() && !known(role_wanted(*failed));
  const auto rest = roles && !missing ? without_roles(piece) : std::nullopt;
  if (!rest) throw DatabaseError(*failed);
  session_.execute(kMakeRoleFilter);
  session_.script(DeclaredSql(*rest));
  leave_out(piece, "what it says about roles: they are the server's; the rest of it ran");
}

bool Runner::known(const std::string& role) const {
  return std::find(roles_.begin(), roles_.end(), role) != roles_.end();
}

void Runner::plainly(const Piece& piece) {
  session_.script(DeclaredSql(std::string(piece.span.text())));
}

void Runner::copy(const Piece& piece) {
  std::string_view rest = piece.rows.text();
  session_.script_copy(DeclaredSql(std::string(piece.span.text())), [&] {
    constexpr std::size_t kMost = 1U << 16U;
    const std::string part(rest.substr(0, kMost));
    rest.remove_prefix(part.size());
    return part;
  });
}

void Runner::transaction(const Piece& piece) {
  plainly(piece);
  const std::string kind = text_at(piece.fields(), "kind");
  if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") open_ = true;
  if (kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK") open_ = parser::true_at(piece.fields(), "chain");
}

std::optional<Facts> Runner::tried(const Piece& piece) {
  if (open_) session_.execute("SAVEPOINT lockstep_import");
  try {
    plainly(piece);
  } catch (const DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    if (open_) session_.execute("ROLLBACK TO SAVEPOINT lockstep_import");
    return error.facts();
  }
  if (open_) session_.execute("RELEASE SAVEPOINT lockstep_import");
  return std::nullopt;
}

// What a newer server has, a dump sets; psql goes on too.
void Runner::setting(const Piece& piece) {
  if (const auto failed = tried(piece)) leave_out(piece, failed->message);
}

void Runner::superuser(const Piece& piece) {
  std::string text(piece.span.text());
  const auto& fields = piece.fields();
  const auto& commands = at(fields, "cmds");
  const auto& owner = commands.empty() ? at(fields, "newowner") : at(at(commands.front(), "AlterTableCmd"), "newowner");
  const std::string role = text_at(owner, "rolename");
  const bool label = piece.node() == "SecLabelStmt";
  Facts denied;
  if (!label) {
    const auto failed = tried(piece);
    if (!failed) return;
    if (failed->sqlstate != kDenied || !elaborator::takes_a_superuser(text)) throw DatabaseError(*failed);
    denied = *failed;
  }
  const auto path = postgres::parse_array(session_.execute("SELECT pg_catalog.current_schemas(false)").text(0, 0));
  if (!role.empty()) {  // the statement ends with it
    const std::string there = scratch_.owner_for(role);
    const auto& location = at(owner, "location");
    if (there != role && location.is_number_integer())
      text = text.substr(0, location.get<std::size_t>()) + support::quote_identifier(there);
  }
  between_transactions([&] {
    postgres::Transaction transaction(scratch_.superuser());
    elaborator::say_privileged(scratch_, DeclaredSql(text, path));
    transaction.commit();
    elaborator::lend_wrappers(scratch_);
  });
}

// The superuser's session sees only what is committed.
void Runner::between_transactions(const std::function<void()>& action) {
  if (open_) {
    session_.execute("COMMIT");
    committed_ = true;
  }
  action();
  if (open_) session_.execute("BEGIN");
}

void Runner::leave_out(const Piece& piece, std::string_view why) {
  diagnostics_.warning("LS0503", piece.title() + " is left out: " + std::string(why), piece.head());
}

void Runner::report(const Script& script, const Failure& failure) {
  const Facts& facts = failure.facts;
  if (script.pieces.empty()) return diagnostics_.error("LS0501", facts.message, {script.source, 0, 0});
  const Piece& piece = script.pieces[failure.piece];
  std::string message = piece.title() + ": " + facts.message;
  if (!facts.detail.empty()) message += " (" + facts.detail + ")";
  if (!facts.context.empty()) message += "\n" + facts.context;
  diagnostics_.error("LS0501", message, place_of(piece, facts), hint_of(facts));
}

}  // namespace lockstep::importer
