// The settings that affect what a text means, or the text of a value: how an input function reads it (TimeZone, DateStyle,
// lc_monetary …), how a cast writes it (bytea_output …), how it is parsed (array_nulls, transform_null_equals).
//
// There are two sets of values:
//   pinned  the same everywhere. Catalogs are printed and rows saved under them, so that texts can be compared. Text that
//           PostgreSQL printed is also read under them.
//   own     those of a fresh session of the connected role in the database (ALTER DATABASE, ALTER ROLE, the server's
//           configuration, `options` of the URL). The author's text is read, and stored values are computed, under them.
// connect() pins a session. The own values remain its reset values (pg_settings.reset_val), so RESET restores them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "plan/step.h"
#include "session/session.h"

namespace lockstep::postgres {

using TextSettings = std::map<std::string, std::string>;  // by the name in pg_settings

TextSettings pinned_text_settings();
// The session's own values, independent of its present ones. One query.
TextSettings own_text_settings(Session& session);

// One statement: "SELECT pg_catalog.set_config(…), …". `local`: until the transaction ends. Empty if there are no settings.
support::Sql set_text_settings(const TextSettings& settings, bool local);
// "RESET …; RESET …;": restores the session's own values until it is pinned again.
support::Sql reset_text_settings();

// The settings under which a step's statements are parsed and run. Settings that matter only during parsing stay pinned if the
// statements contain text that PostgreSQL printed; a step that converts or fills contains the author's text.
TextSettings text_settings_of(const plan::Step& step, const TextSettings& own);

// The target's settings when a plan was made, as entries of the plan's read set.
void remember_text_settings(const TextSettings& own, std::map<std::string, std::string>& read_set);
TextSettings remembered_text_settings(const std::map<std::string, std::string>& read_set);
bool names_text_setting(std::string_view read_set_key);

}  // namespace lockstep::postgres
