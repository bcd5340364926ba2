// Adding, changing and dropping a column.
//
// ADD COLUMN on a table with rows:
//   nullable, or with a default that PostgreSQL can store (the probe saw no rewrite): one statement, ACCESS EXCLUSIVE, brief
//   volatile default, or a backfill: added nullable, default set separately, filled in batches (fill.h), then NOT NULL
//   (not_null.h)
//   identity, stored generated: no online form exists; the statement rewrites the table (hazard `rewrite`)
// ALTER TYPE: one statement under ACCESS EXCLUSIVE. The probe tells whether it rewrites, scans or rebuilds indexes.
//   If it does none of these, it leaves every value as it is and needs no consent.
//   If it rewrites, it may lose precision: the old values are saved first (hazard `lossy-type`), unless the new type only
//   widens (widens.h). conversion.h describes how values are converted.
// Safe because: the probe has seen on an empty copy what PostgreSQL rewrites, scans and builds, and the rows were asked first.
// Undo: DROP COLUMN; the former type with a cast (or `back using`) and the former default; a dropped column comes back last in
// its table, its values from the backup. Watch: the queue behind ACCESS EXCLUSIVE (pg_locks), free disk for a rewrite (twice the
// table).
#pragma once

#include "catalog/change.h"
#include "recipes/context.h"
#include "recipes/conversion.h"

namespace lockstep::recipes {

struct ColumnText {
  std::string definition;             // "name type … NOT NULL", without the default
  std::vector<std::string> settings;  // "ALTER COLUMN c SET STATISTICS 5"
  std::string default_expression;     // empty: none
  bool had_default = false;
};

plan::Steps add_column(const Object& column, const ColumnText& text, const Context& context);
plan::Steps drop_column(const Object& column, bool had_default, const Context& context);
plan::Steps change_column(const catalog::Change& change, const Object& from, const Object& to, const ColumnText& text,
                          const Context& context);

// The one ALTER TABLE that retypes a column. It drops the default before and sets it after, since the old default need not fit
// the new type. `using_text`: " USING …" or empty.
plan::Step retype_step(const Object& column, const std::string& type, const std::string& using_text, const Context& context);
// Says that the step, which retypes the column, sets its new default too, if that is another one.
void sets_default(plan::Step& step, const ObjectId& column, const Context& context);
// Merges `part` into `head` if both are such steps of one table, so that one ALTER TABLE rewrites the table once. Returns false
// and changes nothing if they are not.
bool join_retypes(plan::Step& head, const plan::Step& part);

}  // namespace lockstep::recipes
