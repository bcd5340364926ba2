#include "executor/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "executor/file_descriptor.h"
#include "support/digest.h"
#include "support/plain_file.h"

namespace lockstep::executor {

namespace {

constexpr std::string_view kTemporary = ".tmp";

// A database may be called "../etc", so every character that isn't plain is written as %XX.
std::string as_file_name(const std::string& name) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                       (c == '.' && !result.empty());
    if (plain) {
      result += c;
    } else {
      result += '%';
      result += kHex[byte >> 4U];
      result += kHex[byte & 15U];
    }
  }
  return result;
}

int open_subfolder(int parent, const std::string& name, const std::string& path) {
  if (mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) throw_errno("can't make folder " + path);
  const int descriptor = openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) throw_errno("can't open folder " + path);
  return descriptor;
}

}  // namespace

void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void require_open(const support::PlainFile& file, const std::string& path) {
  if (!file.failure().empty())
    throw std::system_error(std::make_error_code(std::errc::io_error), "can't open " + path + " (" + file.failure() + ")");
}

void write_all(int descriptor, std::string_view bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw_errno("can't write " + what);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

Folder Folder::make(const std::string& base, const std::string& database, const std::string& run) {
  std::error_code error;
  const std::filesystem::path root = std::filesystem::absolute(base, error);
  if (error) throw std::system_error(error, "can't find folder " + base);
  for (std::filesystem::path part; const auto& name : root) {
    part /= name;
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR && errno != EROFS) {
      if (!std::filesystem::is_directory(part, error)) {
        errno = error ? error.value() : errno;
        throw_errno("can't make folder " + part.string());
      }
    }
  }
  const Descriptor top(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (top.get() < 0) throw_errno("can't open folder " + root.string());
  const std::string database_path = (root / as_file_name(database)).lexically_normal().string();
  const Descriptor middle(open_subfolder(top.get(), as_file_name(database), database_path));
  const std::string path = database_path + "/" + run;
  Folder folder(open_subfolder(middle.get(), run, path), path);
  if (fsync(middle.get()) != 0 || fsync(top.get()) != 0) throw_errno("can't flush folder " + path);
  return folder;
}

Folder::Folder(Folder&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

Folder::~Folder() {
  if (descriptor_ >= 0) close(descriptor_);
}

int Folder::create(const std::string& name) const {
  const int file = openat(descriptor_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) throw_errno("can't make file " + path_ + "/" + name);
  return file;
}

void Folder::publish(const std::string& temporary, const std::string& name) const {
  if (renameat(descriptor_, temporary.c_str(), descriptor_, name.c_str()) != 0)
    throw_errno("can't name file " + path_ + "/" + name);
  if (fsync(descriptor_) != 0) throw_errno("can't flush folder " + path_);
}

void Folder::remove(const std::string& name) const {
  if (unlinkat(descriptor_, name.c_str(), 0) != 0 && errno != ENOENT) throw_errno("can't remove file " + path_ + "/" + name);
}

void Folder::remove_temporaries() const {
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > kTemporary.size() && name.compare(name.size() - kTemporary.size(), kTemporary.size(), kTemporary) == 0) {
      remove(name);
    }
  }
}

void write_file(const Folder& folder, const std::string& name, std::string_view contents) {
  const std::string temporary = name + std::string(kTemporary);
  folder.remove(temporary);
  const Descriptor file(folder.create(temporary));
  write_all(file.get(), contents, folder.path() + "/" + name);
  if (fsync(file.get()) != 0) throw_errno("can't flush file " + folder.path() + "/" + name);
  folder.publish(temporary, name);
}

namespace {

template <class Sink>
void read_pieces(const std::string& path, Sink sink) {
  const support::PlainFile file(path, false);
  require_open(file, path);
  std::string piece(1 << 16, '\0');
  for (std::string_view got = file.read(piece); !got.empty(); got = file.read(piece)) sink(got);
}

}  // namespace

std::string read_file(const std::string& path) {
  std::string contents;
  read_pieces(path, [&contents](std::string_view piece) { contents += piece; });
  return contents;
}

std::string file_sha256(const std::string& path) {
  support::Sha256 digest;
  read_pieces(path, [&digest](std::string_view piece) { digest.update(piece); });
  return digest.hex();
}

}  // namespace lockstep::executor
