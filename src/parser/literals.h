// Names and texts as they are written in a file, and what they stand for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockstep::parser {

// orders → orders, Orders → orders, "Or""ders" → Or"ders. ${variables} keep their case.
std::string fold_name(std::string_view written);
// The text of 'it''s', E'a\n', $$body$$ or $tag$body$tag$. nullopt: a form that is no text (B'', X'', U&'').
std::optional<std::string> decode_text(std::string_view written);
std::string trim(std::string_view text);
// ASCII only, as PostgreSQL folds names.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

}  // namespace lockstep::parser
