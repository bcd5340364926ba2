#include "elaborator/scripts.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>

#include "elaborator/privileged.h"
#include "session/limited_session.h"
#include "session/quiet.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using parser::Duty;
using parser::Statement;
using support::DatabaseError;
using support::DeclaredSql;

namespace {
constexpr int kMostPasses = 200;  // a chain of statements in the wrong order needs one pass for each link

// Whether it may run the query of a materialized view, which may take any time. It then runs alone, so that the statement that
// exceeded the limit is known.
bool may_run_a_query(const Statement& statement) {
  static constexpr std::string_view kWord = "materialized";
  const std::string_view text = statement.span.text();
  return !std::ranges::search(text, kWord, {}, [](char c) { return std::tolower(static_cast<unsigned char>(c)); }).empty();
}

bool goes_alone(const Statement& statement) {
  return statement.label || may_run_a_query(statement);
}
}  // namespace

ScriptRun::ScriptRun(postgres::Scratch& scratch, const std::vector<parser::Script>& scripts) : scratch_(scratch) {
  for (const auto& script : scripts) {
    for (const auto& statement : script.statements) open_.push_back({&statement, {}, false});
  }
}

std::vector<ScriptFailure> ScriptRun::failures() const {
  if (past_limit_ != nullptr) return {{past_limit_->statement, past_limit_->facts}};
  std::vector<ScriptFailure> result;
  for (const Open& open : open_) {
    if (!open.done) result.push_back({open.statement, open.facts});
  }
  return result;
}

void ScriptRun::make_schemas() {
  for (Open& open : open_) {
    if (!open.done && open.statement->opens_schema) execute(open);
  }
}

bool ScriptRun::pass(Duty duty) {
  if (past_limit_ != nullptr || ++passes_ > kMostPasses) return false;
  bool& chunked = chunked_[static_cast<std::size_t>(duty)];
  const bool first = !chunked;
  chunked = true;
  const bool some = first && chunks(duty);
  const bool more = one_by_one(duty);
  if (past_limit_ != nullptr) return false;
  for (auto* session : {&scratch_.session(), &scratch_.superuser()}) session->execute(parser::kNoSettings);
  return some || more;
}

// Runs many statements in one round trip. A chunk in which one fails is rolled back as a whole and left for the next pass.
bool ScriptRun::chunks(Duty duty) {
  constexpr std::size_t kChunk = 200;
  bool progress = false;
  std::vector<Open*> mine;
  for (Open& open : open_) {
    if (!open.done && open.statement->duty == duty) mine.push_back(&open);
  }
  for (std::size_t begin = 0; begin < mine.size();) {
    const bool super = mine[begin]->statement->superuser;
    std::vector<DeclaredSql> sql;
    std::size_t end = begin;
    // A statement that PostgreSQL may skip runs alone, so that its notices are known.
    if (mine[begin]->statement->may_skip) {
      ++begin;
      continue;
    }
    if (goes_alone(*mine[begin]->statement)) {
      execute(*mine[begin]);
      if (past_limit_ != nullptr) return false;
      progress = progress || mine[begin]->done;
      ++begin;
      continue;
    }
    for (; end < mine.size() && end - begin < kChunk && mine[end]->statement->superuser == super &&
           !mine[end]->statement->may_skip && !goes_alone(*mine[end]->statement);
         ++end) {
      const Statement& statement = *mine[end]->statement;
      sql.push_back(text_of(statement));
    }
    bool good = true;
    const auto quiet = super ? std::make_unique<postgres::Quiet>(scratch_.superuser()) : nullptr;
    try {
      session_of(*mine[begin]->statement).declared(sql);
    } catch (const DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      good = false;
    }
    for (; begin < end; ++begin) mine[begin]->done = good;
    progress = progress || good;
  }
  return progress;
}

bool ScriptRun::one_by_one(Duty duty) {
  bool progress = false;
  for (Open& open : open_) {
    if (open.done || open.statement->duty != duty) continue;
    if (past_limit_ != nullptr) return false;
    execute(open);
    progress = progress || open.done;
  }
  return progress;
}

postgres::Session& ScriptRun::session_of(const Statement& statement) {
  return statement.superuser ? scratch_.superuser() : scratch_.session();
}

// For "relation "t" already exists, skipping": the file's definition would be ignored.
void ScriptRun::refuse_skipped(const std::vector<postgres::Notice>& notices, Open& open) {
  for (const postgres::Notice& notice : notices) {
    if (notice.severity != "NOTICE" || !notice.message.ends_with(", skipping") || open.statement->opens_schema) continue;
    open.done = false;
    open.facts = {};
    open.facts.message = notice.message.substr(0, notice.message.size() - std::string_view(", skipping").size()) +
                         ": this definition would be ignored";
  }
}

// If a role with special rights is to own something, its proxy does: see Scratch.
DeclaredSql ScriptRun::text_of(const Statement& statement) {
  std::string text(statement.span.text());
  if (!statement.owner.empty()) {
    const std::string role = scratch_.owner_for(statement.owner);
    if (role != statement.owner) text = text.substr(0, statement.owner_at) + support::quote_identifier(role);
  }
  return DeclaredSql(std::move(text), {}, statement.settings);
}

void ScriptRun::execute(Open& open) {
  static const std::string kDuplicateSchema = "42P06";
  postgres::Session& session = session_of(*open.statement);
  const auto quiet = open.statement->superuser ? std::make_unique<postgres::Quiet>(session) : nullptr;
  try {
    if (open.statement->may_skip) session.take_notices();
    if (open.statement->label) {
      postgres::Transaction transaction(scratch_.superuser());
      say_privileged(scratch_, text_of(*open.statement));
      transaction.commit();
    } else {
      session.declared(text_of(*open.statement));
    }
    open.done = true;
    if (open.statement->may_skip) refuse_skipped(session.take_notices(), open);
  } catch (const DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    open.facts = error.facts();
    if (postgres::is_time_limit(open.facts)) past_limit_ = &open;
    // The schema is declared elsewhere too, or exists in every database (public): it is the same schema.
    open.done = open.statement->opens_schema && error.sqlstate() == kDuplicateSchema;
  }
}

}  // namespace lockstep::elaborator
