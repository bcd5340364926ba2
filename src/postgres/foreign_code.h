// Code in a database that belongs to a role which the connected role doesn't trust, and everything that evaluates it.
//
// Read from the server's own catalogs, so that it doesn't matter whether any kind expresses what stands in between: a support
// function of an operator class is found as well as the check of a domain.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/object.h"
#include "postgres/session.h"

namespace lockstep::postgres {

// One piece of code, as reached by one thing that evaluates it.
struct ForeignCode {
  std::string through;  // what evaluates it, as pg_describe_object says it: "constraint ck on table shop.o"; may be `code` itself
  std::string code;     // "function lw.chk(text)"
  catalog::Path path;   // of the code as the catalog has it: {"lw", "chk", "text"}
  std::string owner;    // of the code
  bool own_table =
      false;  // no stranger to a table of `owner`: the connected role has the owner's rights, or the owner has the database
  // A foreign table, which is read and not called: what its server and user mapping reach is read with the rights of whoever
  // reads it, or of whom the mapping names. `owner` has the table, or its server. Such code has no path.
  bool reads = false;
};
using ForeignCodes = std::vector<ForeignCode>;

struct ForeignCast {
  catalog::Path source, target;  // types without their array; a type of PostgreSQL's own is in pg_catalog
  ForeignCode code;
};

// What evaluates such code, by name. Transitive.
struct Evaluated {
  std::map<catalog::Path, ForeignCodes> routines;  // {schema, name, arguments}: when it is called
  std::map<catalog::Path, ForeignCodes> types;     // {schema, name}: when a value of the type is made or compared
  std::map<catalog::Path, ForeignCodes>
      relations;  // {schema, name}: when it is read; views, and foreign tables with all that they are partitions or children of
  // {schema, name}: when its rows are written, checked or indexed (checks, generated columns, indexes, partition keys, extended
  // statistics), and when rows are updated (triggers, rules). Those of a child count for its parents too.
  std::map<catalog::Path, ForeignCodes> rows, updates;
  std::map<catalog::Path, ForeignCodes> inserts, defaults;  // triggers and rules on INSERT; defaults of columns
  std::vector<ForeignCast> casts;
  ForeignCodes statements;  // by event triggers
  bool empty() const;
};

// Trusted are superusers and the connected role. Foreign are routines of all others, foreign tables that are, or whose server is,
// of another role, and their expressions (defaults, checks,
// views' queries …) that call functions of PostgreSQL's own which can do more than compute. Policies are left out: under
// row_security = off PostgreSQL ends a statement with an error and evaluates none. One query.
Evaluated read_evaluated(Session& session);

}  // namespace lockstep::postgres
