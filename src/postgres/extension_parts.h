// The contents of a database's extensions, as statements that create replacements on a server without them: types of the same
// names (with text inside), routines of the same signatures (they return null), operators, casts, classes, languages.
//
// Each statement creates one object of the extension. The texts come from the catalog of the database, which quoted them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "session/session.h"

namespace lockstep::postgres {

struct ExtensionPart {
  std::string create;  // one statement, every name qualified
  std::string add;     // adds it with ALTER EXTENSION … ADD; empty: nothing to add
};
struct ExtensionParts {
  std::string schema, version;
  std::vector<ExtensionPart> parts;  // in an order that works for all but a few
};
using Extensions = std::map<std::string, ExtensionParts>;  // by name; without plpgsql, which every server has

// One query in a transaction of its own. It takes tenths of a second for a thousand objects, so it runs only when it is needed.
Extensions read_extension_parts(Session& session);

// Creates an extension of these parts in the session's database and leaves out the parts that can't be created. Throws
// DatabaseError if the extension itself can't be created (its schema is missing). REQUIRES: the session's role is a superuser.
void make_from_parts(Session& superuser, const std::string& name, const std::string& version, const ExtensionParts& extension);

}  // namespace lockstep::postgres
