#include "postgres/quiet.h"

#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::postgres {

Quiet::Quiet(Session& superuser) : superuser_(superuser) {
  const Result found =
      superuser.execute("SELECT evtname, evtenabled FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY 1");
  std::string sql;
  for (std::size_t row = 0; row < found.size(); ++row) {
    states_.emplace_back(found.text(row, 0), found.text(row, 1).front());
    sql += "ALTER EVENT TRIGGER " + support::quote_identifier(found.text(row, 0)) + " DISABLE;";
  }
  if (!sql.empty()) superuser.execute(sql);  // no event is fired about event triggers themselves
}

Quiet::~Quiet() {
  for (const auto& [name, state] : states_) {
    const char* const word = state == 'R' ? " ENABLE REPLICA" : state == 'A' ? " ENABLE ALWAYS" : " ENABLE";
    try {
      superuser_.execute("ALTER EVENT TRIGGER " + support::quote_identifier(name) + word);
    } catch (const support::DatabaseError&) {  // dropped meanwhile, or the scratch database is gone: off is safe
    }
  }
}

}  // namespace lockstep::postgres
