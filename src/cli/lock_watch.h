// Measures the longest time that a request of an application waited for a lock behind Lockstep, by sampling every 20 ms.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace lockstep::cli {

class LockWatch {
 public:
  // `waiting`: the application_name of waiting sessions; `blocking`: the prefix of the application_name of the sessions they
  // wait for.
  static std::unique_ptr<LockWatch> start(const std::string& url, const std::string& waiting, const std::string& blocking);
  virtual ~LockWatch() = default;  // stops
  // The longest wait that was seen; 0: none was seen. A wait may have been 20 ms longer. REQUIRES: called once.
  virtual std::chrono::milliseconds stop() = 0;
};

}  // namespace lockstep::cli
