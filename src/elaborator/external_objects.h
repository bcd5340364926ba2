// Objects that declared text refers to and that Lockstep doesn't manage. They have to exist on a scratch database. Private to
// the elaborator.
#pragma once

#include <map>
#include <set>
#include <string>

#include "catalog/catalog.h"
#include "kinds/kind.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "support/diagnostic.h"

namespace lockstep::elaborator {

// Whether only the name of such an object matters, as for an extension: there is nothing in it to elaborate, and its contents
// come from the server.
bool known_by_name(const kinds::KindSpec& kind);

struct ExternalObjects {
  catalog::Catalog catalog;           // the declared objects plus external objects
  std::set<catalog::ObjectId> seeds;  // the external objects that were added first, of the live database
};

// Adds the live objects outside the managed part whose names occur in `text` (the text of the statements that failed), with
// everything that they need, and every extension, because an extension's objects don't contain its name. Leaves out what
// `baseline` has.
ExternalObjects with_mentioned(const parser::Declared& declared, const std::string& text, const postgres::Snapshot& live,
                               const catalog::Catalog& baseline);

// `catalog` without the objects whose root (Catalog::root) is in `roots`. A schema stays as long as something is in it.
catalog::Catalog without(const catalog::Catalog& catalog, const std::set<catalog::ObjectId>& roots);

// Compares declared external tables with the live ones: each declared object must exist live with the declared attributes.
// `elaborated`: the declared catalog as PostgreSQL reads it back; `respelt`: maps a declared id to the id there.
void check_external(const parser::Declared& declared, const catalog::Catalog& elaborated,
                    const std::map<catalog::ObjectId, catalog::ObjectId>& respelt, const catalog::Catalog& live,
                    support::Diagnostics& diagnostics);

}  // namespace lockstep::elaborator
