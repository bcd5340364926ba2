// OPTIONS (…) of foreign-data wrappers, servers, tables and user mappings.
//
// Some of them are secrets (a password), and what Lockstep reads goes into plans, reports and journals: of an option whose
// name looks like a secret only the name is ever read, its value never written, and a declaration that states one is refused.
// An option that a declaration names without a value is managed elsewhere: it is neither set nor changed nor dropped, whatever
// its value is (docs/adr/0021). So a password is kept: `options = (host = 'db1', password)`.
#pragma once

#include <string>
#include <string_view>

#include "kinds/kind.h"

namespace lockstep::kinds {

// text[] of "name=value", sorted, without the secret ones. `column` is a text[] as the catalogs keep it.
std::string foreign_options_sql(std::string_view column);
// text[] of the names of the secret ones, sorted; null when there is none.
std::string secret_names_sql(std::string_view column);

// " OPTIONS (host 'db1', port '5432')", or empty. Throws RefusedError where an option looks like a secret.
std::string foreign_options_clause(const KindSpec& kind, const Object& object);
// ALTER … OPTIONS (ADD …, SET …, DROP …) as a recipe's statement.
std::string foreign_options_change(const KindSpec& kind, const Object& from, const Object& to);

// The options to declare: those that are read, and the secret ones by name alone.
Object with_secret_names(const Object& object);
// Of a step that makes the object: " without its options (password): set them by hand", or empty.
std::string left_to_others(const Object& object);
// `desired` was read back from scratch, where nobody gives an option a value that `declared` doesn't state: those are named
// again.
void keep_unvalued(Object& desired, const Object& declared);
// Whether two lists of options are alike but for those that `to` names without a value. False for any other attribute.
bool alike_but_unvalued(const ObjectId& id, std::string_view attribute, const catalog::Value& from, const catalog::Value& to);

inline constexpr Attr<List> kForeignOptions{"options"};
inline constexpr Attr<List> kSecretOptions{"secret_options"};
inline constexpr AttrSpec kSecretOptionsAttribute{.name = kSecretOptions.name, .type = ValueType::list, .derived = true};
// "(user, password)" of an object's secret options, for titles and losses; empty without any.
std::string secret_names(const Object& object);

}  // namespace lockstep::kinds
