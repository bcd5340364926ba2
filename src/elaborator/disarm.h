// Disables code that a scratch database must not run although a superuser creates it there: C functions that read files, run
// programs or open connections, and C functions that misread memory if they are combined with functions they don't belong to.
// Private to the elaborator.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "session/session.h"

namespace lockstep::elaborator {

// Changes the functions of all extensions created so far:
//   handlers of foreign-data wrappers       always raise an error: nothing reads a foreign table
//   validators of foreign-data wrappers     accept everything and call nothing
//   functions that reach outside, and functions
//   whose EXECUTE is revoked from PUBLIC    always raise an error
//   estimators of operators                 return a constant: an operator of the files can't pass them a type they don't
//                                           expect
// The catalog keeps the functions' names. REQUIRES: called after CREATE EXTENSION before anything else is created.
void disarm_extensions(postgres::Session& superuser);

// The functions of a text search template or parser share a structure in memory. If no template or parser of PostgreSQL or of
// an extension has this combination of functions, they are replaced by those of `simple` or of the default parser; a security
// label stores the original names. REQUIRES: called in the transaction that creates the template or parser.
void disarm_text_search(postgres::Session& superuser);

// Restores in `objects` the declared functions that disarm_text_search() replaced. Returns the ids of the changed objects.
std::vector<catalog::ObjectId> put_back_functions(postgres::Session& superuser, std::vector<catalog::Object>& objects);

// For a server where Lockstep is no superuser and can't disarm: throws DatabaseError if an extension has a function that
// reaches outside. REQUIRES: called in the transaction that creates the extension.
void refuse_reach_out(postgres::Session& session);

}  // namespace lockstep::elaborator
