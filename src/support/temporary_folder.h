// A private folder that goes with this object and all that is in it. A killed process leaves it behind.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::support {

class TemporaryFolder {
 public:
  // "lockstep_USE_…" in the system's folder for temporary files. Throws UsageError.
  explicit TemporaryFolder(std::string_view use);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace lockstep::support
