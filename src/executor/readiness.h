// Finds other obstacles that would stop a plan half-way and can be known before its first step: the server's state, rows that
// the running role can't read or write, roles that can't be made owners, too little space in the backup folder.
//
// Row-level security: sessions run with row_security = off, so a save or a backfill fails instead of leaving rows out. It must
// not fail after a column was hidden. FORCE ROW LEVEL SECURITY is not lifted for the copy, because that takes ACCESS EXCLUSIVE
// for the duration of the copy and would switch the owner's policies off for the transaction.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "session/session.h"

namespace lockstep::executor {

// One line an obstacle, with what to do; empty: none found. `done`: steps that are finished and need nothing any more.
// `backup_folder` empty: nothing is saved. Reads only.
std::vector<std::string> obstacles(postgres::Session& session, const plan::Plan& plan, const std::set<std::string>& done,
                                   const std::string& backup_folder);

}  // namespace lockstep::executor
