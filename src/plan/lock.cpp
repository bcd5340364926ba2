#include "plan/lock.h"

#include <array>

namespace lockstep::plan {

namespace {

struct Row {
  LockMode mode;
  std::string_view sql;
  std::string_view pg_locks;
};

constexpr std::array<Row, 9> kModes{{
    {LockMode::none, "none", ""},
    {LockMode::access_share, "ACCESS SHARE", "AccessShareLock"},
    {LockMode::row_share, "ROW SHARE", "RowShareLock"},
    {LockMode::row_exclusive, "ROW EXCLUSIVE", "RowExclusiveLock"},
    {LockMode::share_update_exclusive, "SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock"},
    {LockMode::share, "SHARE", "ShareLock"},
    {LockMode::share_row_exclusive, "SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock"},
    {LockMode::exclusive, "EXCLUSIVE", "ExclusiveLock"},
    {LockMode::access_exclusive, "ACCESS EXCLUSIVE", "AccessExclusiveLock"},
}};

}  // namespace

std::string_view to_string(LockMode mode) {
  return kModes[static_cast<std::size_t>(mode)].sql;
}

std::optional<LockMode> lock_mode_from_pg_locks(std::string_view name) {
  for (const Row& row : kModes) {
    if (row.mode != LockMode::none && row.pg_locks == name) return row.mode;
  }
  return std::nullopt;
}

std::optional<LockMode> lock_mode_from(std::string_view text) {
  for (const Row& row : kModes) {
    if (row.sql == text) return row.mode;
  }
  return std::nullopt;
}

}  // namespace lockstep::plan
