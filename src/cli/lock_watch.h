// Finds the longest time that a request of an application waited for a lock behind Lockstep, by sampling every 20 ms.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace lockstep::cli {

struct LockWait {
  std::chrono::milliseconds time{0};  // 0: no wait was seen. It may have been 20 ms longer
  std::string lock;                   // what was waited for: "a row (ShareLock)", "customers (RowExclusiveLock)"
  std::string behind;  // the statement of the session that held it or waited for it before, and what that waited for
};

class LockWatch {
 public:
  // `waiting`: the application_name of waiting sessions; `blocking`: the prefix of the application_name of the sessions they
  // wait for.
  static std::unique_ptr<LockWatch> start(const std::string& url, const std::string& waiting, const std::string& blocking);
  virtual ~LockWatch() = default;  // stops
  // The longest wait that was seen. REQUIRES: called once.
  virtual LockWait stop() = 0;
};

}  // namespace lockstep::cli
