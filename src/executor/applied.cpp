#include "executor/applied.h"

#include <nlohmann/json.hpp>

#include "executor/journal.h"

namespace lockstep::executor {

std::optional<AppliedState> applied_state(postgres::Session& session) {
  if (!journal_exists(session)) return std::nullopt;
  const auto verified = session.query(
      "SELECT run, detail ->> 'fingerprint' FROM lockstep.event WHERE kind = 'verified' ORDER BY id DESC LIMIT 1", {});
  if (verified.empty()) return std::nullopt;
  AppliedState state;
  state.run = verified.text(0, 0);
  state.fingerprint = verified.text(0, 1);
  const auto rows = session.query("SELECT object, fingerprint FROM lockstep.applied", {});
  for (std::size_t row = 0; row < rows.size(); ++row) state.objects[rows.text(row, 0)] = rows.text(row, 1);
  return state;
}

void record_applied(postgres::Session& session, const std::string& run_id, const std::string& fingerprint,
                    const std::vector<std::pair<std::string, std::string>>& objects) {
  nlohmann::json list = nlohmann::json::object();
  for (const auto& [object, digest] : objects) list[object] = digest;
  postgres::Transaction transaction(session);
  session.execute("DELETE FROM lockstep.applied");
  session.query(
      "INSERT INTO lockstep.applied (object, fingerprint, run) SELECT key, value, $2::uuid FROM pg_catalog.json_each_text($1)",
      {list.dump(), run_id});
  Journal(session).append(run_id, "verified", "", Json{{"fingerprint", fingerprint}, {"objects", objects.size()}});
  transaction.commit();
}

std::optional<Identity> identity(postgres::Session& session) {
  if (!journal_exists(session)) return std::nullopt;
  const auto rows = session.query("SELECT id, system_identifier, database, database_oid FROM lockstep.identity", {});
  if (rows.empty()) return std::nullopt;
  return Identity{rows.text(0, 0), rows.text(0, 1), rows.text(0, 2), rows.integer(0, 3)};
}

}  // namespace lockstep::executor
