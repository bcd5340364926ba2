// Results that are slow to compute, stored on disk between runs: one file a result, below the cache folder (embedded_server.h).
//
// An entry is "lockstep-cache/1 ", a SHA-256 of all that follows, a newline, the key, a newline, and the body compressed with
// zstd. It is written to a temporary file and renamed, so that concurrent processes don't disturb each other. A file that fails
// the check (truncated, changed, of another key or another user) counts as missing. The size is limited: entries not used for
// 30 days are removed, then the least recently used until the rest fits.
//
// A cache never fails a command: if the folder can't be created or the disk is full, the cache is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::elaborator {

// What files elaborate to. Its groups and keys are digests, which `whole` and `take` rely on.
inline constexpr std::string_view kElaborated = "elaborated";
inline constexpr std::uintmax_t kMostElaborated = std::uintmax_t{256} << 20U;  // a catalog of 10,000 tables takes some 3 MB

class Cache {
 public:
  // `name`: of the folder; empty: the cache is off.
  Cache(std::string_view name, std::uintmax_t most_bytes);

  bool any(const std::string& group) const;  // whether the group has an entry
  std::optional<std::string> get(const std::string& group, const std::string& key) const;
  void put(const std::string& group, const std::string& key, std::string_view body) const;

  // For cache_file.h, which moves entries between machines. REQUIRES: on().
  struct Limits {
    std::size_t entries;
    std::uintmax_t bytes, bodies;  // `bodies`: before they were compressed
  };
  struct Whole {
    std::vector<std::string> entries;  // as their files hold them, by the files' names
    std::size_t left_out = 0;          // damaged, of another build or user, or beyond a limit
  };
  bool on() const { return !folder_.empty(); }
  // The entries that get() would find; of more than fit, those used last.
  Whole whole(const Limits& limits) const;
  // Stores an entry that is checked (entry_in); false: the same key has one already, which stays. Throws CommandError{failed} if
  // it can't be written. tidy() comes after the last one.
  bool take(const std::string& group, const std::string& key, const std::string& entry) const;
  void tidy() const;

 private:
  struct File;
  std::string path(const std::string& group, const std::string& key) const;
  std::vector<File> files() const;

  std::string folder_;  // empty: off
  std::uintmax_t most_bytes_;
};

// An entry of a cache whose groups and keys are digests.
struct Entry {
  std::string program, group, key, body;  // body: empty unless `program` is this build
};
// The entry that the bytes of a file are; nullopt: they fail the check, or it has more than kMostMoved bytes.
std::optional<Entry> entry_in(std::string_view bytes);
inline constexpr std::uint64_t kMostMoved = std::uint64_t{64} << 20U;  // of a body, so that a small file can't fill the memory

}  // namespace lockstep::elaborator
