#include <fmt/format.h>

#include <optional>

#include "cli/inspect_document.h"
#include "elaborator/creation.h"
#include "plan/step.h"
#include "support/sql_text.h"

namespace lockstep::cli {
namespace inspect_sql {
namespace {

// psql can run it on an empty database, and Lockstep accepts it as desired state.
std::string text_of(const InspectDocument& document, const Look&) {
  const postgres::Snapshot& snapshot = document.snapshot;
  constexpr int kMajor = 10000;
  std::string text = fmt::format("-- database {}, PostgreSQL {}; by `lockstep inspect --format sql`\n\n",
                                 support::quote_identifier(snapshot.target.database), snapshot.target.server_version / kMajor);
  text += "SET check_function_bodies = false;\n";
  std::optional<std::vector<std::string>> path;
  for (const plan::Step& step : elaborator::creation(snapshot, document.scratch(), document.owners)) {
    if (!path || *path != step.search_path)
      text += "\nSET search_path TO " + (step.search_path.empty() ? "''" : support::identifier_list(step.search_path)) + ";\n";
    path = step.search_path;
    text += '\n';
    for (const std::string& statement : step.sql) text += statement + ";\n";
  }
  return text;
}

}  // namespace
}  // namespace inspect_sql

constinit const Renderer<InspectDocument> kInspectSql{.format = "sql", .text = inspect_sql::text_of, .exact = true};

}  // namespace lockstep::cli
