#include "elaborator/cache.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "elaborator/build_id.h"
#include "postgres/embedded_server.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::elaborator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "lockstep-cache/1 ";
constexpr auto kLongest = std::chrono::hours(24 * 30);
constexpr auto kLongestWrite = std::chrono::hours(1);
constexpr std::size_t kDigits = 64;      // of a digest
constexpr std::size_t kNameDigits = 32;  // of each half of a file's name
constexpr std::uint64_t kMostBody = std::uint64_t{4} << 30U;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// A file of another user can't be trusted.
bool ours(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == ::geteuid();
}

std::string compressed(std::string_view body) {
  std::string result(ZSTD_compressBound(body.size()), '\0');
  const std::size_t size = ZSTD_compress(result.data(), result.size(), body.data(), body.size(), 1);
  if (ZSTD_isError(size) != 0U) return {};
  result.resize(size);
  return result;
}

std::optional<std::string> decompressed(std::string_view bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostBody) return std::nullopt;
  std::string body(size, '\0');
  const std::size_t got = ZSTD_decompress(body.data(), body.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0U || got != size) return std::nullopt;
  return body;
}

std::string file_name(const std::string& text) {
  return support::sha256(text).substr(0, kNameDigits);
}

}  // namespace

Cache::Cache(std::string_view name, std::uintmax_t most_bytes) : most_bytes_(most_bytes) {
  if (name.empty() || build_id().empty()) return;
  try {
    folder_ = postgres::own_cache_folder(std::string(name));
  } catch (const support::CommandError&) {
    folder_.clear();
  }
}

std::string Cache::path(const std::string& group, const std::string& key) const {
  return folder_ + '/' + file_name(group) + '-' + file_name(key);
}

bool Cache::any(const std::string& group) const {
  if (folder_.empty()) return false;
  const std::string prefix = file_name(group) + '-';
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored))
    if (entry.path().filename().string().starts_with(prefix)) return true;
  return false;
}

std::optional<std::string> Cache::get(const std::string& group, const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const std::string name = path(group, key);
  if (!ours(name)) return std::nullopt;
  const auto text = read_file(name);
  if (!text || !text->starts_with(kFormat)) return std::nullopt;
  const std::string_view rest = std::string_view(*text).substr(kFormat.size());
  const std::string whole = build_id() + '\n' + group + '\n' + key + '\n';
  if (rest.size() < kDigits + 1 + whole.size() || rest.substr(0, kDigits) != support::sha256(rest.substr(kDigits + 1)) ||
      rest.substr(kDigits + 1, whole.size()) != whole) {
    return std::nullopt;
  }
  auto body = decompressed(rest.substr(kDigits + 1 + whole.size()));
  std::error_code ignored;
  if (body) fs::last_write_time(name, fs::file_time_type::clock::now(), ignored);  // marks it as used now
  return body;
}

void Cache::put(const std::string& group, const std::string& key, std::string_view body) const {
  if (folder_.empty()) return;
  const std::string packed = compressed(body);
  if (packed.empty()) return;
  const std::string rest = build_id() + '\n' + group + '\n' + key + '\n' + packed;
  const std::string name = path(group, key), beside = name + '.' + std::to_string(::getpid()) + ".new";
  std::error_code ignored;
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << kFormat << support::sha256(rest) << '\n' << rest;
    if (!file.flush()) {
      file.close();
      fs::remove(beside, ignored);
      return;
    }
  }
  fs::rename(beside, name, ignored);
  tidy();
}

void Cache::tidy() const {
  struct Entry {
    fs::file_time_type used;
    std::uintmax_t bytes = 0;
    fs::path path;
  };
  std::vector<Entry> entries;
  std::error_code ignored;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& file : fs::directory_iterator(folder_, ignored)) {
    Entry entry{file.last_write_time(ignored), file.file_size(ignored), file.path()};
    const bool unfinished = entry.path.extension() == ".new";
    if (now - entry.used > (unfinished ? kLongestWrite : kLongest)) {
      fs::remove(entry.path, ignored);
    } else if (!unfinished) {
      entries.push_back(std::move(entry));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used > b.used; });
  std::uintmax_t bytes = 0;
  for (const Entry& entry : entries) {
    bytes += entry.bytes;
    if (bytes > most_bytes_) fs::remove(entry.path, ignored);
  }
}

}  // namespace lockstep::elaborator
