#include "executor/applied.h"

#include <nlohmann/json.hpp>

#include "executor/journal.h"
#include "support/digest.h"

namespace lockstep::executor {

std::string objects_digest(const std::map<std::string, std::string>& objects) {
  return support::sha256(nlohmann::json(objects).dump());
}

std::optional<AppliedState> applied_state(postgres::Session& session) {
  if (!journal_exists(session)) return std::nullopt;
  const auto verified = session.query("SELECT run, " + iso_timestamp("at") +
                                          ", detail ->> 'fingerprint', detail ->> 'scope' FROM lockstep.event "
                                          "WHERE kind = 'verified' ORDER BY id DESC LIMIT 1",
                                      {});
  if (verified.empty()) return std::nullopt;
  AppliedState state;
  state.run = verified.text(0, 0);
  state.at = verified.text(0, 1);
  state.fingerprint = verified.text(0, 2);
  state.scope = verified.text(0, 3);
  // Read from the row as JSON, since format 1 has no such column.
  const auto rows = session.query("SELECT a.object, pg_catalog.to_jsonb(a) ->> 'content' FROM lockstep.applied a", {});
  for (std::size_t row = 0; row < rows.size(); ++row) state.objects[rows.text(row, 0)] = rows.text(row, 1);
  return state;
}

void record_applied(postgres::Session& session, const AppliedState& state) {
  postgres::Transaction transaction(session);
  Journal journal(session);
  journal.upgrade();
  session.execute("DELETE FROM lockstep.applied");
  session.query(
      "INSERT INTO lockstep.applied (object, content, run) SELECT key, value, $2::uuid FROM pg_catalog.json_each_text($1)",
      {nlohmann::json(state.objects).dump(), state.run});
  Json detail{{"fingerprint", state.fingerprint},
              {"objects", state.objects.size()},
              {"objects_sha256", objects_digest(state.objects)},
              {"scope", state.scope}};
  if (state.adopted) detail["adopted"] = *state.adopted;
  journal.append(state.run, "verified", "", detail);
  transaction.commit();
}

}  // namespace lockstep::executor
