// The only place that quotes identifiers and literals or joins SQL text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::support {

// Quotes unless the name is a plain lower-case word that every PostgreSQL from 14 to 18 takes bare (as quote_ident does on
// that server: unreserved keywords such as `name` and `type` stay bare, what any of these versions reserves is quoted).
std::string quote_identifier(std::string_view name);
// "shop.orders" from {"shop", "orders"}.
std::string qualified(const std::vector<std::string>& path);
std::string qualified(std::string_view schema, std::string_view name);
// 'text', with E'' never needed: standard_conforming_strings is pinned on in every session.
std::string quote_literal(std::string_view text);
// $$text$$, or with the first tag $a$, $b$ … that does not occur in the text.
std::string dollar_quote(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// quote_identifier on each, joined by ", ".
std::string identifier_list(const std::vector<std::string>& names);

}  // namespace lockstep::support
