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

namespace lockstep::elaborator {

class Cache {
 public:
  // `name`: of the folder; empty: the cache is off.
  Cache(std::string_view name, std::uintmax_t most_bytes);

  bool any(const std::string& group) const;  // whether the group has an entry
  std::optional<std::string> get(const std::string& group, const std::string& key) const;
  void put(const std::string& group, const std::string& key, std::string_view body) const;

 private:
  std::string path(const std::string& group, const std::string& key) const;
  void tidy() const;

  std::string folder_;  // empty: off
  std::uintmax_t most_bytes_;
};

}  // namespace lockstep::elaborator
