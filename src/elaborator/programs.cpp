#include "elaborator/programs.h"

#include <unistd.h>

#include <filesystem>
#include <set>

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

// Not when the folder itself was written: that is the time of the installation, which differs between machines that have the
// same packages.
std::string written_in(const fs::path& folder) {
  std::set<std::string> all;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder, ignored)) all.insert(written(file.path()));
  std::string text = folder.string() + '\n';
  for (const std::string& one : all) text += one;
  return text;
}

}  // namespace

std::string programs_digest(const Options& options) {
  std::string text;
  for (const auto& found : postgres::find_binaries(options.binaries)) {
    text += std::to_string(found.major) + ' ' + written(found.folder + "/postgres");
    const auto share = postgres::run({found.folder + "/pg_config", "--sharedir"}, {"", ::geteuid(), ::getegid()});
    if (share.status == 0) text += written_in(share.output.substr(0, share.output.find('\n')) + "/extension");
  }
  return support::sha256(text);
}

}  // namespace lockstep::elaborator
