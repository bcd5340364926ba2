#include "executor/data_check.h"

#include "support/sql_text.h"

namespace lockstep::executor {

namespace {

std::vector<std::string> sample_of(postgres::Session& session, const std::string& query) {
  std::vector<std::string> keys;
  if (query.empty()) return keys;
  const auto rows = session.query(query, {});
  for (std::size_t row = 0; row < rows.size(); ++row) keys.emplace_back(rows.at(row, 0).value_or("null"));
  return keys;
}

}  // namespace

std::vector<Violation> ask(postgres::Session& session, const plan::Step& step, const postgres::TextSettings& own,
                           bool upfront_only) {
  const auto settings = postgres::text_settings_of(step, own);
  std::vector<Violation> violations;
  for (const plan::DataCheck& check : step.checks) {
    if (upfront_only && !check.upfront) continue;
    postgres::Transaction transaction(session, "BEGIN READ ONLY");
    session.query("SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('statement_timeout', '0', true)",
                  {support::identifier_list(step.search_path)});
    if (!settings.empty()) session.execute(postgres::set_text_settings(settings, true));
    const std::int64_t rows = session.query(check.count, {}).integer(0, 0);
    if (rows > 0) violations.push_back({check.rule, rows, sample_of(session, check.sample)});
    transaction.commit();
  }
  return violations;
}

std::string to_string(const Violation& violation) {
  std::string text =
      violation.rule + ": " + std::to_string(violation.rows) + (violation.rows == 1 ? " row does not" : " rows do not");
  if (!violation.sample.empty()) {
    const bool all = static_cast<std::int64_t>(violation.sample.size()) >= violation.rows;
    text += " (" + support::join(violation.sample, ", ") + (all ? ")" : ", …)");
  }
  return text;
}

}  // namespace lockstep::executor
