#include "elaborator/programs.h"

#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "elaborator/options.h"
#include "postgres/embedded_server.h"
#include "postgres/process.h"
#include "support/digest.h"

namespace lockstep::elaborator {
namespace {

namespace fs = std::filesystem;

std::string written(const fs::path& path) {
  std::error_code ignored;
  return path.string() + ' ' + std::to_string(fs::file_size(path, ignored)) + ' ' +
         std::to_string(fs::last_write_time(path, ignored).time_since_epoch().count()) + '\n';
}

// A package sets the times of its files, but not of the folder: so it is the same on every machine that has the same packages.
std::string all_written(const fs::path& folder) {
  std::set<std::string> files;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder, ignored)) files.insert(written(file.path()));
  std::string text;
  for (const std::string& file : files) text += file;
  return text;
}

}  // namespace

std::string programs_digest(const Options& options) {
  std::string text;
  for (const auto& found : postgres::find_binaries(options.binaries)) {
    text += std::to_string(found.major) + ' ' + written(found.folder + "/postgres");
    const auto share = postgres::run({found.folder + "/pg_config", "--sharedir"}, {"", ::geteuid(), ::getegid()});
    if (share.status == 0) text += all_written(share.output.substr(0, share.output.find('\n')) + "/extension");
  }
  return support::sha256(text);
}

}  // namespace lockstep::elaborator
