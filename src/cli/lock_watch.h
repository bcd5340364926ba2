// The longest time that one of an application's requests waited for a lock behind Lockstep, seen by looking every 20 ms.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace lockstep::cli {

class LockWatch {
 public:
  // `waiting`: application_name of those who wait; `blocking`: how that of those they wait for begins.
  static std::unique_ptr<LockWatch> start(const std::string& url, const std::string& waiting, const std::string& blocking);
  virtual ~LockWatch() = default;  // stops
  // The longest wait that was seen; 0: none that lasted until a look. Call once. A wait may have lasted 20 ms longer.
  virtual std::chrono::milliseconds stop() = 0;
};

}  // namespace lockstep::cli
