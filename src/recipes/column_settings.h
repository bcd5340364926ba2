// How ALTER COLUMN says a column's storage settings: of a column, and of one that comes from it in a partition or child. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/value.h"

namespace lockstep::recipes {

// `wanted` empty: the type's own. Before 16 has SET STORAGE DEFAULT that has to be asked for by what it isn't: `now`.
std::string storage_clause(const std::string& now, const std::string& wanted, int server_version);
// Empty: default_toast_compression, whatever it is when a row is written.
std::string compression_clause(const std::string& wanted);
// Absent: default_statistics_target.
std::string statistics_clause(const std::optional<std::int64_t>& target);
// Options that are set ("n_distinct=5") are reset first, whatever takes their place.
std::vector<std::string> option_clauses(const catalog::List& now, const catalog::List& wanted);

}  // namespace lockstep::recipes
