// Answers that took long, kept on disk between runs: one file an answer, below the cache folder (embedded_server.h).
//
// An entry is "lockstep-cache/1 ", a SHA-256 of all that follows, a newline, the key, a newline, the body compressed by zstd. It
// is written aside and renamed, so two processes don't disturb each other. What doesn't check out (cut short, changed, another
// key's, another user's) is no entry. Bounded: what wasn't used for 30 days goes, then the longest unused until the bytes fit.
//
// A cache never fails a command: a folder that can't be had, or a full disk, is an empty cache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::elaborator {

class Cache {
 public:
  // `name` of the folder; empty: a cache that is off.
  Cache(std::string_view name, std::uintmax_t most_bytes);

  bool any(const std::string& group) const;  // is there an entry of this group?
  std::optional<std::string> get(const std::string& group, const std::string& key) const;
  void put(const std::string& group, const std::string& key, std::string_view body) const;

 private:
  std::string path(const std::string& group, const std::string& key) const;
  void tidy() const;

  std::string folder_;  // empty: off
  std::uintmax_t most_bytes_;
};

}  // namespace lockstep::elaborator
