// Scratch databases on the embedded server. Each has a file lock.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

#include "postgres/embedded_server.h"
#include "postgres/process.h"
#include "postgres/scratch_server.h"

namespace lockstep::postgres {
namespace {

class FileHold : public ScratchServer::Hold {
 public:
  explicit FileHold(std::string path) : path_(std::move(path)) {
    fd_ = FileLock::open(path_);
    struct stat found {};
    held_ = fd_ >= 0 && FileLock::try_exclusive(fd_) && ::fstat(fd_, &found) == 0 && found.st_nlink > 0;
  }
  ~FileHold() override {
    if (held_) ::unlink(path_.c_str());
    if (fd_ >= 0) ::close(fd_);
  }
  FileHold(const FileHold&) = delete;
  FileHold& operator=(const FileHold&) = delete;
  bool held() const { return held_; }

 private:
  std::string path_;
  int fd_ = -1;
  bool held_ = false;
};

class Embedded : public ScratchServer {
 public:
  Embedded(int major, const std::vector<std::string>& binaries)
      : server_(EmbeddedServer::start(major, binaries)),
        admin_(connect(server_->url("postgres"), "lockstep scratch")),
        folder_(server_->folder() + "/scratch") {
    make_private_folder(folder_, server_user());
  }
  Session& admin() override { return *admin_; }
  int major() const override { return server_->major(); }
  bool embedded() const override { return true; }
  bool superuser() const override { return true; }
  bool makes_stubs() const override { return true; }
  std::string url(const std::string& database) const override { return server_->url(database); }
  // Its socket is in a private folder that nobody else can access, so no password is needed.
  std::string url(const std::string& database, const std::string& role, const std::string&) const override {
    const std::string address = server_->url(database);  // postgresql://superuser@/…
    const std::size_t user = address.find("://") + 3;
    return address.substr(0, user) + role + address.substr(address.find('@'));
  }
  std::string prefix() const override { return "lockstep_scratch_"; }
  std::string fresh_name() override {
    static std::atomic<int> counter{0};
    return prefix() + std::to_string(::getpid()) + '_' + std::to_string(++counter);
  }
  std::unique_ptr<Hold> hold(const std::string& name) override {
    auto lock = std::make_unique<FileHold>(folder_ + '/' + name + ".lock");
    if (!lock->held()) return nullptr;
    return lock;
  }

 private:
  std::unique_ptr<EmbeddedServer> server_;
  std::unique_ptr<Session> admin_;
  std::string folder_;
};

}  // namespace

std::unique_ptr<ScratchServer> embedded_scratch_server(int major, const std::vector<std::string>& binaries) {
  return std::make_unique<Embedded>(major, binaries);
}

}  // namespace lockstep::postgres
