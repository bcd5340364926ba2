// A materialized view with rows whose query changes is built beside the old one, so that its readers wait for names only.
//
//   contract  CREATE MATERIALIZED VIEW s.lockstep_v_new AS …;        reads what its query reads, under ACCESS SHARE; the old one
//             CREATE INDEX lockstep_i_new ON s.lockstep_v_new …      is read and refreshed meanwhile
//   contract  DROP MATERIALIZED VIEW s.v;                            one transaction, an instant, ACCESS EXCLUSIVE on s.v; what
//             ALTER MATERIALIZED VIEW s.lockstep_v_new RENAME TO v;  depends on it is recreated there
//             ALTER INDEX s.lockstep_i_new RENAME TO i
// Safe because: the rows of a materialized view come from its query alone, and names change hands within a transaction. Undo: the
// same with the two queries exchanged; before the exchange, DROP MATERIALIZED VIEW of the new one. Watch: room for both; a
// REFRESH between the two transactions refreshes the old one only, so refresh once more after a run that was resumed late. Pure.
#pragma once

#include <functional>
#include <set>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The materialized views, and their indexes, that are built so. `recreated`: what is dropped and created anew in this plan.
// `changing`: what else can't be used before the old form is gone (a column that changes its type). `has_rows`: whether a
// relation is worth it.
std::set<ObjectId> built_aside(const Catalog& to, const std::set<ObjectId>& recreated, const std::set<ObjectId>& changing,
                               const std::function<bool(const ObjectId&)>& has_rows);

// The steps that make one of them, the last of which gives it its name.
Steps build_aside(const Object& object, const Context& context);

}  // namespace lockstep::kinds
