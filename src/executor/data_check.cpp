#include "executor/data_check.h"

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

}  // namespace

std::vector<Violation> ask(postgres::Session& session, const plan::Step& step, bool upfront_only) {
  std::vector<Violation> violations;
  for (const plan::DataCheck& check : step.checks) {
    if (upfront_only && !check.upfront) continue;
    postgres::Transaction transaction(session, "BEGIN READ ONLY");
    session.execute("SET LOCAL statement_timeout = 0");
    const std::int64_t rows = session.declared_single(DeclaredSql(check.count, step.search_path)).integer(0, 0);
    if (rows > 0) violations.push_back({check.rule, rows, sample_of(session, DeclaredSql(check.sample, step.search_path))});
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
