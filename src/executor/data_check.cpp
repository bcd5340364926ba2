#include "executor/data_check.h"

#include <optional>

#include "executor/row_by_row.h"
#include "session/text_settings.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

using support::DeclaredSql;

std::vector<std::string> sample_of(postgres::Session& session, const DeclaredSql& query) {
  std::vector<std::string> keys;
  if (query.text().empty()) return keys;
  const auto rows = session.declared_single(query);
  for (std::size_t row = 0; row < rows.size(); ++row) keys.emplace_back(rows.at(row, 0).value_or("null"));
  return keys;
}

bool asks_row_by_row(const plan::DataCheck& check) {
  return !check.row_by_row.table.empty();
}

class Question {
 public:
  Question(postgres::Session& session, const plan::Step& step, const postgres::TextSettings& settings,
           const plan::DataCheck& check, const std::vector<support::Sql>& renames = {})
      : session_(session), search_path_(step.search_path), settings_(settings), check_(check), renames_(renames) {
    begin();
  }

  // nullopt: no row breaks the rule. `known`: violations of another rule of the step were found already and may be the reason
  // why this check fails with an error.
  std::optional<Violation> answer(bool known) {
    std::int64_t rows = 0;
    try {
      rows = session_.declared_single(declared(check_.count)).integer(0, 0);
    } catch (const support::DatabaseError& error) {
      if (!is_about_a_value(error) || (!asks_row_by_row(check_) && !known)) throw;
      if (!asks_row_by_row(check_)) return std::nullopt;
      transaction_.reset();
      begin();
      return each_row();
    }
    if (rows == 0) return done(std::nullopt);
    if (asks_row_by_row(check_)) return each_row();
    return done(Violation{check_.rule, rows, sample_of(session_, declared(check_.sample))});
  }

 private:
  DeclaredSql declared(const std::string& text) const { return DeclaredSql(text, search_path_); }

  void begin() {
    const bool as_it_is = renames_.empty();
    transaction_.emplace(
        session_, as_it_is ? support::Sql("BEGIN READ ONLY") : support::Sql("BEGIN READ WRITE; SET LOCAL lock_timeout = '2s'"));
    for (const support::Sql& rename : renames_) session_.execute(rename);
    if (!as_it_is) session_.execute("SET TRANSACTION READ ONLY");
    session_.execute("SET LOCAL statement_timeout = 0");
    if (!settings_.empty()) session_.execute(postgres::set_text_settings(settings_, true));
  }

  std::optional<Violation> each_row() {
    session_.declared(declared(row_by_row(check_.row_by_row)));
    const auto rows = session_.query("SELECT pg_catalog.current_setting('lockstep.rows')", {}).integer(0, 0);
    const auto keys = session_.query(
        "SELECT k FROM pg_catalog.json_array_elements_text(pg_catalog.current_setting('lockstep.keys')::pg_catalog.json) AS k",
        {});
    std::vector<std::string> sample;
    for (std::size_t row = 0; row < keys.size(); ++row) sample.push_back(keys.text(row, 0));
    if (rows == 0) return done(std::nullopt);
    return done(Violation{check_.rule, rows, std::move(sample)});
  }

  std::optional<Violation> done(std::optional<Violation> result) {
    if (renames_.empty()) transaction_->commit();
    return result;
  }

  postgres::Session& session_;
  const std::vector<std::string>& search_path_;
  const postgres::TextSettings settings_;
  const plan::DataCheck& check_;
  const std::vector<support::Sql>& renames_;
  std::optional<postgres::Transaction> transaction_;
};

}  // namespace

bool is_about_a_value(const support::DatabaseError& error) {
  return error.sqlstate().starts_with("22") || error.sqlstate().starts_with("23") || error.sqlstate() == "P0001";
}

support::CommandError could_not_ask(const std::string& database, const plan::Step& step, const support::DatabaseError& error) {
  return {support::ExitCode::failed, "the data checks of step " + step.id + " \"" + step.title +
                                         "\" could not be asked on database \"" + database + "\": " + error.what() +
                                         "\nNothing was changed."};
}

std::vector<Violation> ask(postgres::Session& session, const plan::Step& step, const postgres::TextSettings& own,
                           bool upfront_only) {
  const auto settings = postgres::text_settings_of(step, own);
  std::vector<Violation> violations;
  for (const plan::DataCheck& check : step.checks) {
    if (upfront_only && !check.upfront) continue;
    if (auto found = Question(session, step, settings, check).answer(!violations.empty()))
      violations.push_back(std::move(*found));
  }
  return violations;
}

std::optional<Violation> ask_as_if(postgres::Session& session, const plan::Step& step, const plan::DataCheck& check,
                                   const postgres::TextSettings& own, const std::vector<support::Sql>& renames) {
  return Question(session, step, postgres::text_settings_of(step, own), check, renames).answer(false);
}

std::string to_string(const Violation& violation) {
  std::string text =
      violation.rule + ": " + std::to_string(violation.rows) + (violation.rows == 1 ? " row breaks it" : " rows break it");
  if (!violation.sample.empty()) {
    const bool all = static_cast<std::int64_t>(violation.sample.size()) >= violation.rows;
    text += " (" + support::join(violation.sample, ", ") + (all ? ")" : ", …)");
  }
  return text;
}

}  // namespace lockstep::executor
