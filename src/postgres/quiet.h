// Keeps the functions of a scratch database from running as its superuser: an event trigger runs as whoever defines
// something. Only what Lockstep itself issues may, so all are off while the superuser defines something.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "postgres/session.h"

namespace lockstep::postgres {

// Off from construction to destruction, where each gets its state back (but for one that was made meanwhile: it keeps its own).
class Quiet {
 public:
  explicit Quiet(Session& superuser);
  ~Quiet();
  Quiet(const Quiet&) = delete;
  // False for statements about event triggers: PostgreSQL fires no event about them.
  static bool fires_events(const std::string& statement);

  Quiet& operator=(const Quiet&) = delete;

 private:
  Session& superuser_;
  struct State {
    std::string oid, name;
    char enabled = 'O';  // pg_event_trigger.evtenabled
  };
  std::vector<State> states_;
};

}  // namespace lockstep::postgres
