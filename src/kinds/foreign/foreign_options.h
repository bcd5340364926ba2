// OPTIONS (…) of foreign-data wrappers, servers, tables and user mappings.
//
// Some options are secrets (a password), and what Lockstep reads goes into plans, reports and journals. So of an option whose
// name looks like a secret, Lockstep reads only the name and never writes the value, and it refuses a declaration that states a
// value. An option that a declaration names without a value is managed elsewhere: Lockstep neither sets, changes nor drops it,
// whatever its value is (docs/adr/0021). That keeps a password: `options = (host = 'db1', password)`.
#pragma once

#include <string>
#include <string_view>

#include "kinds/kind.h"

namespace lockstep::kinds {

// text[] of "name=value", sorted, without the secret options. `column`: a text[] as the catalogs store options.
std::string foreign_options_sql(std::string_view column);
// text[] of the names of the secret options, sorted; null if there are none.
std::string secret_names_sql(std::string_view column);

// " OPTIONS (host 'db1', port '5432')", or empty. Throws RefusedError if an option looks like a secret.
std::string foreign_options_clause(const KindSpec& kind, const Object& object);
// ALTER … OPTIONS (ADD …, SET …, DROP …), as the statement of a recipe.
std::string foreign_options_change(const KindSpec& kind, const Object& from, const Object& to);

// The options to declare: those that Lockstep reads, and the secret ones by name only.
Object with_secret_names(const Object& object);
// For the title of a step that creates the object: " without its options (password): set them by hand", or empty.
std::string left_to_others(const Object& object);
// Adds the options that `declared` names without a value to `desired`, which was read back from scratch, where they have no
// value.
void keep_unvalued(Object& desired, const Object& declared);
// Whether two lists of options are equal apart from those that `to` names without a value. False for any other attribute.
bool alike_but_unvalued(const ObjectId& id, std::string_view attribute, const catalog::Value& from, const catalog::Value& to);

inline constexpr Attr<List> kSecretOptions{"secret_options"};
inline constexpr AttrSpec kSecretOptionsAttribute{.name = kSecretOptions.name, .type = ValueType::list, .derived = true};
// "(user, password)": an object's secret options, for titles and losses; empty if there are none.
std::string secret_names(const Object& object);

}  // namespace lockstep::kinds
