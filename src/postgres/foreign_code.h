// Foreign code: code in a database that belongs to a role which the connected role doesn't trust, and everything that evaluates
// it.
//
// Read from the server's own catalogs, so that it is found independently of the kinds: a support function of an operator class
// as well as the check of a domain.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "session/session.h"

namespace lockstep::postgres {

// One piece of code, as reached from one object that evaluates it.
struct ForeignCode {
  // what evaluates it, as pg_describe_object() prints it: "constraint ck on table shop.o"; may be `code` itself
  std::string through;
  std::string code;    // "function lw.chk(text)"
  catalog::Path path;  // of the code as the catalog has it: {"lw", "chk", "text"}
  std::string owner;   // of the code
  bool own_table =
      false;  // no stranger to a table of `owner`: the connected role has the owner's rights, or the owner has the database
  // For a foreign table, which is read instead of called: its server and user mapping are used with the rights of whoever reads
  // it, or of the role that the mapping names. `owner` owns the table or its server. Such code has no path.
  bool reads = false;
};
using ForeignCodes = std::vector<ForeignCode>;

struct ForeignCast {
  catalog::Path source, target;  // types without array; types of PostgreSQL itself are in pg_catalog
  ForeignCode code;
};

// What evaluates such code, by name. Transitive.
struct Evaluated {
  std::map<catalog::Path, ForeignCodes> routines;  // {schema, name, arguments}: evaluated when it is called
  std::map<catalog::Path, ForeignCodes> types;     // {schema, name}: evaluated when a value of the type is made or compared
  std::map<catalog::Path, ForeignCodes>
      relations;  // {schema, name}: when it is read; views, and foreign tables with all that they are partitions or children of
  // {schema, name}: evaluated when its rows are written, checked or indexed (checks, generated columns, indexes, partition
  // keys, extended statistics), and when rows are updated (triggers, rules). Code of a child counts for its parents too.
  std::map<catalog::Path, ForeignCodes> rows, updates;
  std::map<catalog::Path, ForeignCodes> inserts, defaults;  // triggers and rules on INSERT; defaults of columns
  std::vector<ForeignCast> casts;
  ForeignCodes statements;  // evaluated by event triggers
  bool empty() const;
};

// Trusted roles are superusers and the connected role. Foreign code is: routines of all other roles; foreign tables that
// belong, or whose server belongs, to another role; and their expressions (defaults, checks, views' queries …) that call those
// functions of PostgreSQL which do more than compute. Policies are left out, because under row_security = off PostgreSQL raises
// an error and evaluates none. One query.
Evaluated read_evaluated(Session& session);

}  // namespace lockstep::postgres
