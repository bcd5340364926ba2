#include "executor/run_facts.h"

#include <nlohmann/json.hpp>

#include "executor/journal.h"

namespace lockstep::executor {
namespace {

// A way back may have no steps either, and adopts nothing. Before there were names, the digests had to tell.
constexpr support::Sql kAdopted =
    "SELECT v.run, r.steps, coalesce(v.names, '[]') FROM (SELECT e.id, e.run, e.detail ->> 'adopted' AS names, e.detail ->> "
    "'objects_sha256' AS now, pg_catalog.lag(e.detail ->> 'objects_sha256') OVER "
    "(ORDER BY e.id) AS before FROM lockstep.event e WHERE e.kind = 'verified') v JOIN lockstep.run r ON r.id = v.run "
    "WHERE CASE WHEN v.names IS NOT NULL THEN v.names <> '[]' ELSE r.steps = 0 AND v.now IS DISTINCT FROM v.before AND "
    "coalesce(r.plan::json ->> 'undoes', '') = '' END ORDER BY v.id";

}  // namespace

std::map<std::string, RunFacts> run_facts(postgres::Session& session) {
  std::map<std::string, RunFacts> facts;
  if (!journal_exists(session)) return facts;
  const auto events = session.query(
      "SELECT e.run, e.kind, e.detail FROM lockstep.event e WHERE e.kind IN ('run_started', 'superseded', 'early', 'still_used') "
      "ORDER BY e.id",
      {});
  for (std::size_t row = 0; row < events.size(); ++row) {
    const Json detail = Json::parse(events.text(row, 2));
    for (const Json& one : detail.value("consented", Json::array()))
      facts[events.text(row, 0)].consented.push_back({one.value("kind", ""), one.value("object", ""), "", one.value("step", "")});
    if (const std::string reason = detail.value("reason", ""); !reason.empty())
      facts[events.text(row, 0)].reasons.emplace_back(events.text(row, 1), reason);
  }
  const auto adopted = session.query(kAdopted, {});
  for (std::size_t row = 0; row < adopted.size(); ++row) {
    RunFacts& one = facts[adopted.text(row, 0)];
    one.adopted = adopted.integer(row, 1) == 0;
    for (const Json& name : Json::parse(adopted.text(row, 2))) one.adopted_objects.push_back(name.get<std::string>());
  }
  return facts;
}

}  // namespace lockstep::executor
