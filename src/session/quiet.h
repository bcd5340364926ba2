// Keeps functions of a scratch database from running as its superuser. An event trigger runs as the role whose statement fires
// it, so all event triggers are off while the superuser runs DDL.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "session/session.h"

namespace lockstep::postgres {

// Turns event triggers off from construction to destruction, which restores each one's state (one created in between keeps its
// own).
class Quiet {
 public:
  explicit Quiet(Session& superuser);
  ~Quiet();
  Quiet(const Quiet&) = delete;
  // False for statements about event triggers, for which PostgreSQL fires no event.
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
