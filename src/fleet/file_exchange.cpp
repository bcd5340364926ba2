#include "fleet/file_exchange.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <vector>

#include "executor/crash_point.h"
#include "support/error.h"
#include "support/plain_file.h"

namespace lockstep::fleet {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> content(const std::string& path) {
  const support::PlainFile file(path);
  if (!file.failure().empty()) return std::nullopt;
  std::string text, block(1 << 16, '\0');
  for (std::string_view piece = file.read(block); !piece.empty(); piece = file.read(block)) text += piece;
  return text;
}

struct Prepared {
  std::string path;    // after links
  std::string beside;  // the new text, on disk
  const Exchanged* files = nullptr;
};

// Removes what was not renamed, and folders that nothing was renamed into.
class Beside {
 public:
  Beside() = default;
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() {
    std::error_code ignored;
    for (const Prepared& one : all) fs::remove(one.beside, ignored);
    for (auto folder = made.rbegin(); folder != made.rend(); ++folder) rmdir(folder->c_str());
  }
  void make_folder(const fs::path& folder, std::error_code& failure) {
    std::vector<std::string> missing;
    std::error_code ignored;
    for (fs::path at = folder; !at.empty() && !fs::exists(at, ignored); at = at.parent_path()) missing.push_back(at.string());
    made.insert(made.end(), missing.rbegin(), missing.rend());
    fs::create_directories(folder, failure);
  }
  std::vector<Prepared> all;
  std::vector<std::string> made;  // outermost first
};

std::string rest_of(const std::vector<std::string>& written) {
  if (written.empty()) return "nothing was written";
  std::string rest = "these files had been written before:";
  for (const std::string& path : written) rest += "\n  " + path;
  return rest;
}

[[noreturn]] void fail(const std::string& path, const std::string& why, const std::vector<std::string>& written = {}) {
  throw support::CommandError(
      support::ExitCode::failed,
      fmt::format("{} can't be written: {}; {}\nGive the same command again when it can.", path, why, rest_of(written)));
}

void write_beside(Prepared one, Beside& others) {
  struct stat now {};
  const bool there = stat(one.path.c_str(), &now) == 0;
  const mode_t mode = there ? now.st_mode & 0777 : 0666;
  const int made = open(one.beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (made < 0) fail(one.path, std::strerror(errno));
  others.all.push_back(one);
  const std::string& text = one.files->after;
  bool good = !there || fchmod(made, mode) == 0;
  for (std::size_t at = 0; good && at < text.size();) {
    const ssize_t written = write(made, text.data() + at, text.size() - at);
    good = written > 0;
    at += good ? static_cast<std::size_t>(written) : 0;
  }
  good = good && fsync(made) == 0;
  const int why = good ? 0 : errno;
  close(made);
  if (!good) fail(one.path, std::strerror(why));
}

void require_same(const Prepared& one, const std::vector<std::string>& written) {
  if (content(one.path) == one.files->before) return;
  throw support::RefusedError(
      fmt::format("{}: somebody has changed it since it was read; {}\nGive the same command again.", one.path, rest_of(written)));
}

}  // namespace

void exchange(const std::map<std::string, Exchanged>& files) {
  Beside beside;
  for (const auto& [path, one] : files) {
    std::error_code failure;
    const std::string whole = fs::weakly_canonical(path, failure).string();
    if (failure) fail(path, failure.message());
    if (!one.before) beside.make_folder(fs::path(whole).parent_path(), failure);
    if (failure) fail(path, failure.message());
    write_beside({whole, fmt::format("{}.{}.new", whole, getpid()), &one}, beside);
  }
  std::vector<std::string> written;
  for (const Prepared& one : beside.all) require_same(one, written);
  executor::crash_point("adopt", "before-rename");
  for (const Prepared& one : beside.all) {
    require_same(one, written);
    // A link fails where a file has come to be meanwhile; a rename would replace it.
    const bool done = one.files->before ? std::rename(one.beside.c_str(), one.path.c_str()) == 0
                                        : link(one.beside.c_str(), one.path.c_str()) == 0;
    if (!done) fail(one.path, std::strerror(errno), written);
    written.push_back(one.path);
    executor::crash_point("adopt", "after-rename");
  }
}

}  // namespace lockstep::fleet
