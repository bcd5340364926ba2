// The UTF-8 functions that Lockstep needs: validity and length in characters.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lockstep::support {

// The byte offset of the first invalid sequence (overlong forms, surrogates and values beyond U+10FFFF included) or of the
// first NUL, which PostgreSQL can't store.
std::optional<std::size_t> invalid_utf8(std::string_view text);
// Counts code points, as editors do: wide and combining characters count as one. REQUIRES: `text` is valid UTF-8.
std::size_t code_points(std::string_view text);

}  // namespace lockstep::support
