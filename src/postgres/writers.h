// Which roles write to a table and lack a right that its transitional trigger needs: it runs with the rights of who writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "session/session.h"

namespace lockstep::postgres {

struct NeededRight {
  enum class On { routine, schema, column, sequence };
  On on = On::routine;
  catalog::Path path;              // {schema, name, arguments} of a routine, {schema}, {schema, relation}
  std::string column;              // empty: of any column
  std::vector<std::string> given;  // roles that have it once the trigger is there, beside those that have it now
  bool given_to_all = false;       // PUBLIC too
  std::string shown;               // for people
};

struct Lacking {
  std::optional<std::string> role;  // absent: PUBLIC, and so any role
  std::string shown;                // NeededRight::shown
  friend bool operator==(const Lacking&, const Lacking&) = default;
};

// Roles that hold INSERT or UPDATE on the table or a column of it, on a table that it is part of or that is a partition of it, or
// on a view through which rows of one of these are written; and `others`, with those that lack one of the rights. Who has such a
// privilege only as a member of a role stands under that role's name, since it has that role's rights too. Superusers lack none.
// In the order of names. Empty if there is no such table.
std::vector<Lacking> lacking_rights(Session& session, const catalog::Path& table, const std::vector<std::string>& others,
                                    const std::vector<NeededRight>& needed);

}  // namespace lockstep::postgres
