// Settings that decide what a text means or what a value's text is: how an input function reads it (TimeZone, DateStyle,
// lc_monetary …), how a cast writes it (bytea_output …), how it is parsed (array_nulls, transform_null_equals).
//
// Two sets of values:
//   pinned  the same everywhere: catalogs are printed, and rows saved, under them, so that two texts compare. What PostgreSQL
//           printed is also read under them.
//   own     of a fresh session of the connected role in the database (ALTER DATABASE, ALTER ROLE, the server's configuration,
//           `options` of the URL): text of the author's is read, and stored values are computed, under them.
// connect() pins a session; the own values stay its reset values (pg_settings.reset_val), so RESET brings them back.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "plan/step.h"
#include "postgres/session.h"

namespace lockstep::postgres {

using TextSettings = std::map<std::string, std::string>;  // by the name pg_settings has

TextSettings pinned_text_settings();
// The own values of the session, whatever it is set to now. One query.
TextSettings own_text_settings(Session& session);

// One statement: "SELECT pg_catalog.set_config(…), …". `local`: until the transaction ends. Empty for no settings.
support::Sql set_text_settings(const TextSettings& settings, bool local);
// "RESET …; RESET …;": the session's own values, until it is pinned again.
support::Sql reset_text_settings();

// Under which a step's statements are read and run. What is only used while a text is parsed stays pinned where the statements
// hold text that PostgreSQL printed; a step that converts, or fills, holds the author's.
TextSettings text_settings_of(const plan::Step& step, const TextSettings& own);

// In a plan's read set: what the target's settings were when it was made.
void remember_text_settings(const TextSettings& own, std::map<std::string, std::string>& read_set);
TextSettings remembered_text_settings(const std::map<std::string, std::string>& read_set);
bool names_text_setting(std::string_view read_set_key);

}  // namespace lockstep::postgres
