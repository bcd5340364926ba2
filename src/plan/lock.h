// PostgreSQL's table-level lock modes, named as in pg_locks, weakest first.
#pragma once

#include <optional>
#include <string_view>

namespace lockstep::plan {

enum class LockMode {
  none,
  access_share,
  row_share,
  row_exclusive,
  share_update_exclusive,
  share,
  share_row_exclusive,
  exclusive,
  access_exclusive,
};

std::string_view to_string(LockMode mode);                          // "ACCESS EXCLUSIVE"; none: "none"
std::optional<LockMode> lock_mode_from_pg_locks(std::string_view);  // "AccessExclusiveLock"
std::optional<LockMode> lock_mode_from(std::string_view text);      // inverse of to_string

}  // namespace lockstep::plan
