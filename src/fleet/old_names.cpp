#include "fleet/old_names.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "executor/journal.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/visible.h"

namespace lockstep::fleet {

std::vector<OldName> old_names(postgres::Session& session, const std::string& run) {
  // A sequence that nobody has drawn from has no last value.
  const auto rows = session.query(
      "SELECT pg_catalog.array_to_string(o.subject, '.'), pg_catalog.max(v.value) FILTER (WHERE o.role LIKE 'count %'), "
      "GREATEST(extract(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.int8 - "
      "pg_catalog.max(v.value) FILTER (WHERE o.role LIKE 'time %'), 0), "
      "coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.max(made.at))::pg_catalog.int8, 0) "
      "FROM lockstep.object o CROSS JOIN LATERAL (SELECT CASE WHEN pg_catalog.has_sequence_privilege(o.object_oid, "
      "'SELECT') THEN pg_catalog.pg_sequence_last_value(o.object_oid) END) AS v (value) "
      "LEFT JOIN LATERAL (SELECT e.at FROM lockstep.event e WHERE e.run = o.run AND e.step = o.step AND e.kind = 'executed' "
      "ORDER BY e.id DESC LIMIT 1) AS made ON true "
      "WHERE o.run = $1 AND o.type = 'sequence' GROUP BY 1 ORDER BY 1",
      {run});
  std::vector<OldName> names;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    OldName one{.column = rows.text(row, 0)};
    if (rows.at(row, 1)) one.writes = rows.integer(row, 1);
    if (rows.at(row, 2)) one.since_last = std::chrono::seconds(rows.integer(row, 2));
    one.counted = std::chrono::seconds(rows.integer(row, 3));
    names.push_back(std::move(one));
  }
  return names;
}

std::string words(const OldName& name) {
  const std::string column = support::visible(name.column);
  if (name.writes == 0) return column + ": no write";
  return fmt::format("{}: {} row{}, the last {} s ago", column, name.writes, name.writes == 1 ? "" : "s",
                     name.since_last.count());
}

void note_still_used(postgres::Session& session, const std::string& run, const std::string& reason) {
  executor::Json counted = executor::Json::array();
  for (const OldName& name : old_names(session, run)) counted.push_back(words(name));
  executor::Journal(session).append(run, "still_used", "", executor::Json{{"reason", reason}, {"names", counted}});
}

std::string not_quiet(const std::vector<OldName>& names, std::chrono::milliseconds quiet, bool at_gate) {
  std::vector<std::string> lines;
  for (const OldName& name : names) {
    if (name.writes > 0 && name.since_last < quiet) {
      lines.push_back(words(name));
    } else if (!at_gate && name.counted < quiet) {
      lines.push_back(fmt::format("{}, counted for {} s only", words(name), name.counted.count()));
    }
  }
  if (lines.empty()) return "";
  return fmt::format(
      "an application still writes, or may write, through names that go now, and the environment asks for {} s without "
      "(`quiet:`):{}",
      std::chrono::duration_cast<std::chrono::seconds>(quiet).count(), support::listed(lines));
}

void require_quiet(const std::vector<OldName>& names, std::chrono::milliseconds quiet) {
  const std::string text = not_quiet(names, quiet, true);
  if (text.empty()) return;
  throw support::RefusedError(text +
                              "\nNothing was changed, and the run waits at the gate as before. Deploy the new version everywhere "
                              "and run the same command again; or go on nevertheless: --still-used REASON, which is journalled.");
}

}  // namespace lockstep::fleet
