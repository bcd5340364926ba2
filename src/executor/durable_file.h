// Files of a backup: written under a temporary name, flushed to disk, then renamed, so that a name without ".tmp" always
// stands for whole contents. Readable by their owner only; never written through a symbolic link.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lockstep::executor {

// An open folder. Files are named relative to it, so nobody can swap it for another under a run.
class Folder {
 public:
  // Makes `base` and the folders of `below` where missing (mode 0700). Throws std::system_error.
  static Folder make(const std::string& base, const std::string& database, const std::string& run);
  ~Folder();
  Folder(Folder&& other) noexcept;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }                           // absolute
  int create(const std::string& name) const;                                  // a new file, exclusively; the caller closes it
  void publish(const std::string& temporary, const std::string& name) const;  // rename, then flush the folder
  void remove(const std::string& name) const;                                 // if it is there
  void remove_temporaries() const;                                            // of a killed run

 private:
  Folder(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

// A whole small file at once.
void write_file(const Folder& folder, const std::string& name, std::string_view contents);

// What is known of a file's contents before and after compression.
struct StoredSize {
  std::int64_t raw_bytes = 0, stored_bytes = 0;
  std::string raw_sha256, stored_sha256;
};

// A stream compressed with zstd, in frames of 8 MiB raw with a checksum each: `zstd -dc` reads it. Left without finish(),
// the temporary file is removed.
class CompressedWriter {
 public:
  CompressedWriter(const Folder& folder, std::string name);
  ~CompressedWriter();
  CompressedWriter(const CompressedWriter&) = delete;
  CompressedWriter& operator=(const CompressedWriter&) = delete;
  void write(std::string_view bytes);
  StoredSize finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same backwards: pieces until an empty one. Throws std::runtime_error on a damaged file.
class CompressedReader {
 public:
  explicit CompressedReader(const std::string& path);
  ~CompressedReader();
  CompressedReader(const CompressedReader&) = delete;
  CompressedReader& operator=(const CompressedReader&) = delete;
  std::string next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads a file whole. Throws std::system_error.
std::string read_file(const std::string& path);
// SHA-256 of a file of any size. Throws std::system_error.
std::string file_sha256(const std::string& path);

}  // namespace lockstep::executor
