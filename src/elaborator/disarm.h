// What a scratch database must not run although a superuser makes it there: C functions that read files, run programs, open
// connections, or that misread memory when they are called beside functions they don't belong to. Private to the elaborator.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "postgres/session.h"

namespace lockstep::elaborator {

// Of what extensions brought so far:
//   handlers of foreign-data wrappers       always an error: nothing reads a foreign table
//   validators of foreign-data wrappers     accept everything, and call nothing
//   functions that reach out, and functions
//   that their script keeps from PUBLIC     always an error
//   estimators of operators                 a constant: an operator of the files can't hand them a type they don't expect
// The catalog goes on naming the same functions. To be called before anything else is made after an extension.
void disarm_extensions(postgres::Session& superuser);

// A text search template or parser names functions that share a structure in memory. Where its functions stand together in no
// row of PostgreSQL's own or of an extension, it gets those of `simple` or of the default parser in their place; what it named is
// kept in a label. To be called in the transaction that makes it.
void disarm_text_search(postgres::Session& superuser);

// `objects` as they were declared, where disarm_text_search() changed them. The ids of those.
std::vector<catalog::ObjectId> put_back_functions(postgres::Session& superuser, std::vector<catalog::Object>& objects);

// On a server where Lockstep is no superuser it can't disarm: throws DatabaseError where an extension brought a function that
// reaches out. To be called in the transaction that makes the extension.
void refuse_reach_out(postgres::Session& session);

}  // namespace lockstep::elaborator
