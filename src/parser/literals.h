// Decodes names and string literals as they are written in a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockstep::parser {

// orders → orders, Orders → orders, "Or""ders" → Or"ders. ${variables} keep their case.
std::string fold_name(std::string_view written);
// The text of 'it''s', E'a\n', $$body$$ or $tag$body$tag$. nullopt: not a text literal (B'', X'', U&'').
std::optional<std::string> decode_text(std::string_view written);
std::string trim(std::string_view text);
// ASCII only, as PostgreSQL folds names.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

// Whether a name or a keyword can go on with this byte, apart from a dollar sign.
bool is_name(char c);

}  // namespace lockstep::parser
