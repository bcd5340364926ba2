// The ALTER COLUMN clauses for a column's storage settings, for own and for inherited columns. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/value.h"

namespace lockstep::recipes {

// `wanted` empty: the type's default. PostgreSQL before 16 has no SET STORAGE DEFAULT; there the clause is needed only if `now`
// differs.
std::string storage_clause(const std::string& now, const std::string& wanted, int server_version);
// `wanted` empty: default_toast_compression, as it is when a row is written.
std::string compression_clause(const std::string& wanted);
// nullopt: default_statistics_target.
std::string statistics_clause(const std::optional<std::int64_t>& target);
// Options that are set now ("n_distinct=5") are reset before the wanted ones are set.
std::vector<std::string> option_clauses(const catalog::List& now, const catalog::List& wanted);

}  // namespace lockstep::recipes
