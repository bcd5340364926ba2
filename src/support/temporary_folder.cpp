#include "support/temporary_folder.h"

#include <stdlib.h>

#include <filesystem>

#include "support/error.h"

namespace lockstep::support {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(std::string_view use)
    : path_((fs::temp_directory_path() / ("lockstep_" + std::string(use) + "_XXXXXX")).string()) {
  if (mkdtemp(path_.data()) == nullptr)
    throw UsageError("no temporary folder can be made in " + fs::temp_directory_path().string());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace lockstep::support
