// Whether a new column's default, or a type change, rewrites the table: PostgreSQL is asked on the scratch copy.
#include <algorithm>

#include "kinds/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/relation.h"
#include "reconciler/builder.h"
#include "reconciler/stages.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {

using catalog::Change;
using catalog::Object;
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

std::string statement_for(const Change& change, const catalog::Catalog& desired) {
  const Object& column = *desired.find(change.id);
  const std::string alter = "ALTER TABLE " + recipes::relation_name(column.id) + " ";
  const std::string name = support::quote_identifier(column.id.path.back());
  const auto type = column.get(catalog::Attr<std::string>{"type"});
  if (change.what == Change::What::set) {
    const auto collation = column.get(catalog::Attr<std::string>{"collation"});
    return alter + "ALTER COLUMN " + name + " DROP DEFAULT, ALTER COLUMN " + name + " TYPE " + type +
           (collation.empty() ? "" : " COLLATE " + collation) + " USING " + name + "::" + type;
  }
  const Object* value = desired.find({&kinds::kDefault.tag, column.id.path});
  return alter + "ADD COLUMN " + kinds::column_definition(column) +
         (value != nullptr ? " DEFAULT " + value->get(catalog::Attr<std::string>{"expression"}) : "");
}

bool to_ask(const Change& change, const catalog::Catalog& desired, const catalog::Catalog& live) {
  if (!change.id.is(kinds::kColumn.tag) || change.what == Change::What::removed || kinds::is_inherited(*desired.find(change.id)))
    return false;
  if (change.what == Change::What::added) return live.contains(recipes::relation_of(change.id));
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [](const auto& item) { return item.attribute == "type" || item.attribute == "collation"; });
}

}  // namespace

std::map<ObjectId, ColumnProbe> probe_columns(postgres::Scratch& copy, const std::vector<Change>& changes,
                                              const catalog::Catalog& live, const catalog::Catalog& desired) {
  std::map<ObjectId, ColumnProbe> probes;
  postgres::Session& session = copy.session();
  for (const Change& change : changes) {
    if (!to_ask(change, desired, live)) continue;
    try {
      const postgres::Transaction undone(session);
      session.execute("SET LOCAL client_min_messages = debug1");
      session.take_notices();
      session.execute(statement_for(change, desired));
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
