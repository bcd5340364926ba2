// A detached process that owns one embedded server: it starts PostgreSQL, waits as long as anybody uses it and some time more
// (so that the next command finds it running), then stops it. It doesn't depend on the process that started it, so a server
// doesn't outlive its users for long, even if all were killed.
#pragma once

#include <string>
#include <vector>

#include "postgres/process.h"

namespace lockstep::postgres {

struct KeeperTask {
  std::vector<std::string> server;  // the postgres program and its arguments
  OsUser user;
  std::string log;         // stdout and stderr of the server
  std::string start_lock;  // locked exclusively by whoever starts or stops the server
  std::string users_lock;  // locked shared by every user of the server
  std::string alive_lock;  // locked exclusively by the keeper for its lifetime
  int idle_seconds = 120;
};

// Returns when the keeper runs (PostgreSQL may not accept connections yet). Throws CommandError if it can't be started.
// REQUIRES: the caller holds start_lock.
void start_keeper(const KeeperTask& task);

// Whether a keeper is alive (it may be waiting for its server to end).
bool keeper_lives(const std::string& alive_lock);

}  // namespace lockstep::postgres
