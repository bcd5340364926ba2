// What the extensions of a database brought, as statements that make the likes of it on a server that can't have them: types
// of the same names (text inside), routines of the same signatures (they return null), operators, casts, classes, languages.
//
// Each statement stands for one object of the extension; the texts come from the catalog of the database, quoted by it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "postgres/session.h"

namespace lockstep::postgres {

struct ExtensionPart {
  std::string create;  // one statement, every name qualified
  std::string add;     // ALTER EXTENSION … ADD it; empty: nothing to add
};
struct ExtensionParts {
  std::string schema, version;
  std::vector<ExtensionPart> parts;  // in an order that works, but for a few
};
using Extensions = std::map<std::string, ExtensionParts>;  // by name; without plpgsql, which every server has

// One query in a transaction of its own: tenths of a second for a thousand objects, so it is asked only when it is needed.
Extensions read_extension_parts(Session& session);

// Makes an extension of these parts in the session's database, whose superuser it must be. What can't be made is left out.
// Throws DatabaseError where the extension itself can't be (its schema is missing).
void make_from_parts(Session& superuser, const std::string& name, const std::string& version, const ExtensionParts& extension);

}  // namespace lockstep::postgres
