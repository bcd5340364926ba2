// Whether a new column's default, or a type change, rewrites the table: PostgreSQL is asked on the scratch copy.
#include "kinds/column_probe.h"
#include "reconciler/stages.h"
#include "support/error.h"

namespace lockstep::reconciler {

using catalog::Change;
using catalog::ObjectId;
using recipes::ColumnProbe;

namespace {

ColumnProbe heard(const std::vector<postgres::Notice>& notices) {
  ColumnProbe probe;
  for (const auto& notice : notices) {
    probe.rewrites = probe.rewrites || notice.message.starts_with("rewriting table");
    probe.scans = probe.scans || notice.message.starts_with("verifying table");
    probe.builds = probe.builds || notice.message.starts_with("building index");
  }
  return probe;
}

}  // namespace

std::map<ObjectId, ColumnProbe> probe_columns(postgres::Scratch& copy, const std::vector<Change>& changes,
                                              const catalog::Catalog& live, const catalog::Catalog& desired) {
  std::map<ObjectId, ColumnProbe> probes;
  postgres::Session& session = copy.session();
  for (const Change& change : changes) {
    const auto statement = kinds::column_probe(change, live, desired);
    if (!statement) continue;
    try {
      const postgres::Transaction undone(session);
      session.execute("SET LOCAL client_min_messages = debug1");
      session.take_notices();
      session.declared(support::DeclaredSql(*statement));
      probes[change.id] = heard(session.take_notices());
    } catch (const support::DatabaseError& error) {
      // It needs something that is not there yet, or that stands in its way (a view): then the worst is assumed.
      if (error.facts().connection_lost) throw;
      probes[change.id] = {.rewrites = change.what == Change::What::set, .scans = false, .builds = false};
    }
  }
  return probes;
}

}  // namespace lockstep::reconciler
