#include "postgres/quiet.h"

#include "support/error.h"

namespace lockstep::postgres {

using support::Sql;

Quiet::Quiet(Session& superuser) : superuser_(superuser) {
  const Result found =
      superuser.execute("SELECT evtname, evtenabled FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY 1");
  Sql sql = "";
  for (std::size_t row = 0; row < found.size(); ++row) {
    states_.emplace_back(found.text(row, 0), found.text(row, 1).front());
    sql += "ALTER EVENT TRIGGER " + Sql::identifier(found.text(row, 0)) + " DISABLE;";
  }
  if (!sql.empty()) superuser.execute(sql);  // no event is fired about event triggers themselves
}

Quiet::~Quiet() {
  for (const auto& [name, state] : states_) {
    const Sql word = state == 'R' ? Sql(" ENABLE REPLICA") : state == 'A' ? Sql(" ENABLE ALWAYS") : Sql(" ENABLE");
    try {
      superuser_.execute("ALTER EVENT TRIGGER " + Sql::identifier(name) + word);
    } catch (const support::DatabaseError&) {  // dropped meanwhile, or the scratch database is gone: off is safe
    }
  }
}

}  // namespace lockstep::postgres
