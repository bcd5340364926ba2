#include "elaborator/cache.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
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

std::optional<std::string> decompressed(std::string_view bytes, std::uint64_t most) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > most) return std::nullopt;
  std::string body(size, '\0');
  const std::size_t got = ZSTD_decompress(body.data(), body.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0U || got != size) return std::nullopt;
  return body;
}

std::string file_name(const std::string& text) {
  return support::sha256(text).substr(0, kNameDigits);
}

std::string file_name(const std::string& group, const std::string& key) {
  return file_name(group) + '-' + file_name(key);
}

// What follows the checksum; nullopt: it isn't the checksum of that.
std::optional<std::string_view> checked(std::string_view text) {
  if (!text.starts_with(kFormat)) return std::nullopt;
  const std::string_view rest = text.substr(kFormat.size());
  if (rest.size() < kDigits + 1 || rest[kDigits] != '\n' || rest.substr(0, kDigits) != support::sha256(rest.substr(kDigits + 1)))
    return std::nullopt;
  return rest.substr(kDigits + 1);
}

// Takes a line off the front; empty: it isn't one of hexadecimal digits.
std::string digits_off(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_not_of("0123456789abcdef"), rest.size());
  if (end == 0 || end > kDigits || end == rest.size() || rest[end] != '\n') return {};
  std::string digits(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return digits;
}

// False: the disk is full or broken.
bool write_entry(const std::string& name, std::string_view text) {
  const std::string beside = name + '.' + std::to_string(::getpid()) + ".new";
  std::error_code failed;
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) {
      file.close();
      fs::remove(beside, failed);
      return false;
    }
  }
  fs::rename(beside, name, failed);
  return !failed;
}

}  // namespace

struct Cache::File {
  fs::file_time_type used;
  std::uintmax_t bytes = 0;
  fs::path path;
  bool unfinished() const { return path.extension() == ".new"; }
};

std::optional<Entry> entry_in(std::string_view bytes) {
  auto rest = checked(bytes);
  if (!rest) return std::nullopt;
  Entry entry{.program = digits_off(*rest), .group = digits_off(*rest), .key = digits_off(*rest), .body = {}};
  if (entry.program.empty() || entry.group.size() != kDigits || entry.key.size() != kDigits) return std::nullopt;
  if (entry.program != build_id()) return entry;
  auto body = decompressed(*rest, kMostMoved);
  if (!body) return std::nullopt;
  entry.body = std::move(*body);
  return entry;
}

Cache::Cache(std::string_view name, std::uintmax_t most_bytes) : most_bytes_(most_bytes) {
  if (name.empty() || build_id().empty()) return;
  try {
    folder_ = postgres::own_cache_folder(std::string(name));
  } catch (const support::CommandError&) {
    folder_.clear();
  }
}

std::string Cache::path(const std::string& group, const std::string& key) const {
  return folder_ + '/' + file_name(group, key);
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
  const auto rest = text ? checked(*text) : std::nullopt;
  const std::string whole = build_id() + '\n' + group + '\n' + key + '\n';
  if (!rest || !rest->starts_with(whole)) return std::nullopt;
  auto body = decompressed(rest->substr(whole.size()), kMostBody);
  std::error_code ignored;
  if (body) fs::last_write_time(name, fs::file_time_type::clock::now(), ignored);  // marks it as used now
  return body;
}

void Cache::put(const std::string& group, const std::string& key, std::string_view body) const {
  if (folder_.empty()) return;
  const std::string packed = compressed(body);
  if (packed.empty()) return;
  const std::string rest = build_id() + '\n' + group + '\n' + key + '\n' + packed;
  if (write_entry(path(group, key), std::string(kFormat) + support::sha256(rest) + '\n' + rest)) tidy();
}

Cache::Whole Cache::whole(const Limits& limits) const {
  std::map<std::string, std::string> entries;
  Whole result;
  std::uintmax_t bytes = 0, bodies = 0;
  for (const File& file : files()) {
    if (file.unfinished()) continue;
    const std::string name = file.path.filename().string();
    const auto text = ours(file.path.string()) ? read_file(file.path.string()) : std::nullopt;
    const auto entry = text ? entry_in(*text) : std::nullopt;
    const bool fits = entry && entry->program == build_id() && name == file_name(entry->group, entry->key) &&
                      entries.size() < limits.entries && text->size() <= limits.bytes - bytes &&
                      entry->body.size() <= limits.bodies - bodies;
    if (fits) {
      bytes += text->size();
      bodies += entry->body.size();
      entries.emplace(name, *text);
    } else {
      ++result.left_out;
    }
  }
  for (auto& [name, text] : entries) result.entries.push_back(std::move(text));
  return result;
}

bool Cache::take(const std::string& group, const std::string& key, const std::string& entry) const {
  if (get(group, key)) return false;
  const std::string name = path(group, key);
  if (!write_entry(name, entry))
    throw support::CommandError(support::ExitCode::failed,
                                name + " can't be written. Make room there, and run the command again: what was imported stays");
  return true;
}

// Those used last first.
std::vector<Cache::File> Cache::files() const {
  std::vector<File> files;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder_, ignored))
    files.push_back({file.last_write_time(ignored), file.file_size(ignored), file.path()});
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used > b.used; });
  return files;
}

void Cache::tidy() const {
  std::error_code ignored;
  const auto now = fs::file_time_type::clock::now();
  std::uintmax_t bytes = 0;
  for (const File& file : files()) {
    const bool old = now - file.used > (file.unfinished() ? kLongestWrite : kLongest);
    if (!old && !file.unfinished()) bytes += file.bytes;
    if (old || (!file.unfinished() && bytes > most_bytes_)) fs::remove(file.path, ignored);
  }
}

}  // namespace lockstep::elaborator
