#include "session/quiet.h"

#include <string_view>

#include "support/error.h"

namespace lockstep::postgres {

using support::Sql;

Quiet::Quiet(Session& superuser) : superuser_(superuser) {
  const Result found =
      superuser.execute("SELECT oid, evtname, evtenabled FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY 2");
  Sql sql = "";
  for (std::size_t row = 0; row < found.size(); ++row) {
    states_.push_back({found.text(row, 0), found.text(row, 1), found.text(row, 2).front()});
    sql += "ALTER EVENT TRIGGER " + Sql::identifier(found.text(row, 1)) + " DISABLE;";
  }
  if (!sql.empty()) superuser.execute(sql);
}

bool Quiet::fires_events(const std::string& statement) {
  for (const std::string_view words :
       {"CREATE EVENT TRIGGER ", "ALTER EVENT TRIGGER ", "DROP EVENT TRIGGER ", "COMMENT ON EVENT TRIGGER "}) {
    if (statement.starts_with(words)) return false;
  }
  return true;
}

Quiet::~Quiet() {
  for (const State& state : states_) {
    const Sql word = state.enabled == 'R'   ? Sql(" ENABLE REPLICA")
                     : state.enabled == 'A' ? Sql(" ENABLE ALWAYS")
                                            : Sql(" ENABLE");
    try {
      // One of the same name that was created meanwhile keeps its own state.
      const bool same = !superuser_
                             .query("SELECT FROM pg_catalog.pg_event_trigger WHERE oid = $1::pg_catalog.oid AND evtname = $2",
                                    {state.oid, state.name})
                             .empty();
      if (same) superuser_.execute("ALTER EVENT TRIGGER " + Sql::identifier(state.name) + word);
    } catch (
        const support::DatabaseError&) {  // the scratch database is gone, or the transaction failed: leaving them off is safe
    }
  }
}

}  // namespace lockstep::postgres
