// What little of UTF-8 Lockstep needs: is it valid, how long is it to a reader.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lockstep::support {

// Byte offset of the first sequence that is not UTF-8 (overlong forms, surrogates and beyond U+10FFFF included), or of the first
// NUL, which PostgreSQL can't store.
std::optional<std::size_t> invalid_utf8(std::string_view text);
// Of a valid text. Wide and combining characters count as one: editors number columns so.
std::size_t code_points(std::string_view text);

}  // namespace lockstep::support
