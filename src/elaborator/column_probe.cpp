// Asks PostgreSQL on the scratch copy whether a new column's default, or a type change, rewrites the table.
#include "kinds/columns/column_probe.h"

#include "elaborator/column_probe.h"
#include "kinds/names/lookup_path.h"
#include "parser/sql_parse.h"
#include "session/text_settings.h"
#include "support/error.h"

namespace lockstep::elaborator {

using catalog::Change;
using catalog::ObjectId;
using recipes::ColumnProbe;

namespace {

ColumnProbe heard(const std::vector<postgres::Notice>& notices) {
  ColumnProbe probe;
  for (const auto& notice : notices) {
    // the table begins to need a TOAST table, which is created empty
    if (notice.message.find("\"pg_toast_") != std::string::npos) continue;
    probe.rewrites = probe.rewrites || notice.message.starts_with("rewriting table");
    probe.scans = probe.scans || notice.message.starts_with("verifying table");
    probe.builds = probe.builds || notice.message.starts_with("building index");
  }
  return probe;
}

// PostgreSQL converts neither implicitly nor with an explicit cast.
bool is_about_casts(const support::DatabaseError& error) {
  return error.sqlstate() == "42804" || error.sqlstate() == "42846";
}

class Prober {
 public:
  Prober(postgres::Session& session, std::map<ObjectId, ColumnProbe>& probes)
      : session_(session), own_(postgres::own_text_settings(session)), probes_(probes) {}

  // `path`: the schemas in which the author's text finds its names.
  void ask(const Change& change, const std::vector<kinds::ProbeAttempt>& attempts, const std::vector<std::string>& path) {
    bool only_casts = true;
    for (const auto& attempt : attempts) {
      if (tried(attempt, path, only_casts)) return;
    }
    if (only_casts && change.what == Change::What::set) return;
    // The statement needs an object that doesn't exist yet, or one that exists prevents it: then the worst is assumed.
    probes_[attempts.back().key] = {.rewrites = change.what == Change::What::set, .scans = false, .builds = false};
  }

  // The first attempts of several changes in one transaction and one round trip. True: none of them rewrites, scans or builds
  // anything. False: nothing is known.
  bool none_works(const std::vector<kinds::ProbeAttempt>& attempts) {
    std::vector<support::DeclaredSql> statements;
    for (const auto& attempt : attempts) statements.emplace_back(attempt.statement);
    const support::Sql begin = "BEGIN; SET LOCAL client_min_messages = debug1; ";
    session_.take_notices();
    try {
      session_.declared_between(begin + postgres::set_text_settings(postgres::text_settings_of(plan::Step(), own_), true),
                                statements, "ROLLBACK");
    } catch (const support::DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      session_.execute("ROLLBACK");
      return false;
    }
    const ColumnProbe all = heard(session_.take_notices());
    if (all.rewrites || all.scans || all.builds) return false;
    for (const auto& attempt : attempts) probes_[attempt.key] = all;
    return true;
  }

 private:
  bool tried(const kinds::ProbeAttempt& attempt, const std::vector<std::string>& path, bool& only_casts) {
    try {
      const postgres::Transaction undone(session_);
      for (const auto& statement : attempt.before) session_.declared(support::DeclaredSql(statement));
      plan::Step step;  // its settings are the probe's
      step.converts = attempt.converts;
      const auto settings = postgres::text_settings_of(step, own_);
      session_.execute("SET LOCAL client_min_messages = debug1; " + postgres::set_text_settings(settings, true));
      session_.take_notices();
      session_.declared_single(support::DeclaredSql(attempt.statement, path));
      probes_[attempt.key] = heard(session_.take_notices());
      return true;
    } catch (const support::DatabaseError& error) {
      if (error.facts().connection_lost) throw;
      only_casts = only_casts && is_about_casts(error) && !attempt.converts;
      return false;
    }
  }

  postgres::Session& session_;
  const postgres::TextSettings own_;
  std::map<ObjectId, ColumnProbe>& probes_;
};

}  // namespace

std::map<ObjectId, ColumnProbe> probe_columns(postgres::Scratch& copy, const std::vector<Change>& changes,
                                              const catalog::Catalog& live, const catalog::Catalog& desired,
                                              const catalog::Intents& intents, const std::set<ObjectId>& need_path) {
  std::map<ObjectId, ColumnProbe> probes;
  Prober prober(copy.session(), probes);
  std::vector<std::pair<const Change*, std::vector<kinds::ProbeAttempt>>> asked;
  std::vector<kinds::ProbeAttempt> plain;  // such as a new column without a default, most of all
  std::set<ObjectId> answered;
  for (const Change& change : changes) {
    auto attempts = kinds::column_probe(change, live, desired, intents);
    if (attempts.empty()) continue;
    const auto& first = attempts.front();
    const bool alone = !first.before.empty() || first.converts || need_path.contains(change.id);
    if (!alone && parser::surely_single(first.statement)) {
      plain.push_back(first);
      answered.insert(change.id);
    }
    asked.emplace_back(&change, std::move(attempts));
  }
  if (plain.size() < 2 || !prober.none_works(plain)) answered.clear();
  for (const auto& [change, attempts] : asked) {
    if (answered.contains(change->id)) continue;
    const auto path = need_path.contains(change->id) ? kinds::lookup_path(change->id, desired) : std::vector<std::string>();
    prober.ask(*change, attempts, path);
  }
  return probes;
}

}  // namespace lockstep::elaborator
