// A detached process that owns one embedded server: it starts PostgreSQL, waits while anybody uses it and some time more
// (so that the next command need not start it again), then stops it. It needs nothing of the process that made it, so a
// server never outlives its users for long, even when they were all killed.
#pragma once

#include <string>
#include <vector>

#include "postgres/process.h"

namespace lockstep::postgres {

struct KeeperTask {
  std::vector<std::string> server;  // the postgres program and its arguments
  OsUser user;
  std::string log;         // stdout and stderr of the server
  std::string start_lock;  // held exclusively by whoever starts or stops the server
  std::string users_lock;  // held shared by every user of the server
  std::string alive_lock;  // held exclusively by the keeper as long as it lives
  int idle_seconds = 120;
};

// Returns once the keeper runs (PostgreSQL may not accept connections yet). The caller holds start_lock.
// Throws CommandError when the keeper can't be started.
void start_keeper(const KeeperTask& task);

// Whether a keeper lives (it may be waiting for its server to end).
bool keeper_lives(const std::string& alive_lock);

}  // namespace lockstep::postgres
