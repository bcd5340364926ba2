// The only place that quotes identifiers and literals and joins SQL text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

// Quotes the name unless it is a lower-case word that every PostgreSQL from 14 to 18 accepts unquoted. Like quote_ident() it
// leaves unreserved keywords such as `name` and `type` unquoted; it quotes what any of these versions reserves.
std::string quote_identifier(std::string_view name);
// "shop.orders" from {"shop", "orders"}.
std::string qualified(const std::vector<std::string>& path);
std::string qualified(std::string_view schema, std::string_view name);
// 'text'. Never needs E'': every session sets standard_conforming_strings to on.
std::string quote_literal(std::string_view text);
// $$text$$, or with the first tag of $a$, $b$ … that does not occur in the text.
std::string dollar_quote(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// quote_identifier on each, joined by ", ".
std::string identifier_list(const std::vector<std::string>& names);

}  // namespace lockstep::support
