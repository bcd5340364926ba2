// The hold of a run: for some time after contract, what the run has taken away is only hidden, so that a rollback has it back
// with all that is in it. `purge` ends it: it saves what is hidden, and removes it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fleet/rollout.h"
#include "support/error.h"

namespace lockstep::fleet {

struct Hold {
  std::string run;                   // its uuid
  std::string until;                 // ISO 8601 UTC
  bool over = false;                 // by the server's clock
  std::vector<std::string> objects;  // what it hides, by the declared names: "shop.orders.fax"
  std::string last_error;            // of a purge that was cut off; else empty
  std::string given_up;              // "run 0123abcd after 3 of 9 steps": its way back, if that was given up there; else empty
};

// Of all held runs, newest first. Reads only.
std::vector<Hold> holds(postgres::Session& session);
// What is held by the run that has just ended, and the commands; several lines.
std::string hold_text(const executor::Report& report, const Known& known);
// Throws RefusedError, naming the run, if the plan changes a relation of which a held run hides something, or takes a name of
// what is hidden: a rollback of that run would not fit any more. A plan that undoes the run may. REQUIRES: nothing was changed.
void require_unheld(postgres::Session& session, const plan::Plan& plan, const Known& known);

// For `--hold` beside an open run, which goes on as it was planned. Throws UsageError if that is another hold.
void require_same_hold(const executor::RunRecord& open, std::chrono::seconds hold);

struct Purged {
  std::vector<executor::Report> done;
  std::string before;                       // the named run, if an earlier purge has ended its hold; its uuid
  std::vector<Hold> kept;                   // their time has not come
  std::optional<support::ExitCode> failed;  // of several, why the last that could not be purged was not; each was said
};
// Purges the held run whose id begins with `named`, or, if that is empty, each whose hold is over, the oldest first. `early`: why
// the named one is purged before its time; journalled. What somebody else has removed is told, and left out. Throws UsageError if
// there is no such run, RefusedError if its time has not come and `early` is empty, and as apply() does. If it is cut off, the
// run is held as before, and the same call goes on.
Purged purge(const Job& job, Conversation& conversation, const std::string& named, const std::string& early);

}  // namespace lockstep::fleet
