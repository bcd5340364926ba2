// Writes files of a backup under a temporary name, flushes them to disk and renames them, so that a name without ".tmp" always
// has complete contents. Only the owner may read them. They are never written through a symbolic link.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lockstep::executor {

// An open folder. Files are accessed relative to its descriptor, so nobody can replace the folder during a run.
class Folder {
 public:
  // Creates `base` and the folders below it if they are missing (mode 0700). Throws std::system_error.
  static Folder make(const std::string& base, const std::string& database, const std::string& run);
  ~Folder();
  Folder(Folder&& other) noexcept;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }                           // absolute
  int create(const std::string& name) const;                                  // creates a new file (O_EXCL); the caller closes it
  void publish(const std::string& temporary, const std::string& name) const;  // rename, then flush the folder
  void remove(const std::string& name) const;                                 // if it exists
  void remove_temporaries() const;                                            // those of a killed run

 private:
  Folder(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_;
  std::string path_;
};

// Writes a small file at once.
void write_file(const Folder& folder, const std::string& name, std::string_view contents);

// Sizes and SHA-256 of a file's contents before and after compression.
struct StoredSize {
  std::int64_t raw_bytes = 0, stored_bytes = 0;
  std::string raw_sha256, stored_sha256;
};

// Writes a zstd stream in frames of 8 MiB of raw data with a checksum each, which `zstd -dc` can read. Without finish(), the
// destructor removes the temporary file.
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

// Reads such a file: returns pieces until an empty one. Throws std::runtime_error if the file is damaged.
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

// Reads a whole file. Throws std::system_error.
std::string read_file(const std::string& path);
// SHA-256 of a file of any size. Throws std::system_error.
std::string file_sha256(const std::string& path);

}  // namespace lockstep::executor
