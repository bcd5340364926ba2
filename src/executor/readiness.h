// What else would stop a plan half-way and can be known before its first step: the server's state, rows that can't be read or
// written by the running role, roles that can't be given as owners, a backup folder without room.
//
// Row-level security: sessions run with row_security = off, so that a save or a backfill fails instead of leaving rows out. It
// must not fail after a column was hidden. FORCE ROW LEVEL SECURITY is not lifted for the copy: that takes ACCESS EXCLUSIVE for
// as long as the copy takes, and would let the owner's policies slip for the transaction.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "postgres/session.h"

namespace lockstep::executor {

// One line per obstacle, with what to do; empty: none found. `done`: steps that need nothing any more. `backup_folder` empty:
// nothing is saved. Reads only.
std::vector<std::string> obstacles(postgres::Session& session, const plan::Plan& plan, const std::set<std::string>& done,
                                   const std::string& backup_folder);

}  // namespace lockstep::executor
