// The declared side of a comparison: what a set of schema files says, before PostgreSQL has read it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/intent.h"
#include "parser/ast.h"
#include "parser/script.h"
#include "support/diagnostic.h"

namespace lockstep::parser {

// Where a declared object and its texts stand, to map PostgreSQL's errors back.
struct Place {
  support::Span head;
  std::map<std::string, support::Span, std::less<>> attributes;  // by attribute name: span of the raw text
};

// What of a live database is ours to change.
struct Scope {
  bool everything = false;                // manage all
  std::set<std::string> schemas;          // declared whole
  std::set<std::string> partial_schemas;  // only the objects they name
  std::vector<std::string> ignored;       // "shop.flyway_*" globs on qualified names
  std::set<catalog::ObjectId> dropped;    // `drop table y;`
  std::set<catalog::ObjectId> external;   // `external table`: what others own, and the schemas that only those stand in
  // Is this object (by its schema, root object and, for partial schemas, membership in `declared`) managed?
  // `root` is the object directly inside the schema (or a schema, or a database-level object).
  bool covers(const catalog::ObjectId& root, const catalog::Catalog& desired) const;
};

struct Declared {
  catalog::Catalog catalog;  // attribute texts as the user wrote them
  catalog::Intents intents;
  std::map<catalog::ObjectId, Place> places;
  Scope scope;
  std::set<catalog::ObjectId> protects;
  std::vector<Script> scripts;                      // plain SQL: what it makes is known only to PostgreSQL
  std::map<catalog::ObjectId, std::string> owners;  // stated by scripts of what only scratch's superuser can own
  std::string digest;  // of the files and variables it was made from; empty: unknown, and then nothing about it is cached
};

// All files of one desired state together: order never matters, two declarations of one object are an error naming both.
// (Where only PostgreSQL can tell that a script's object is declared elsewhere too, elaboration says so.)
// `variables` replace ${name} in identifiers and strings (an undefined one is LS0104), never inside SQL bodies.
Declared lower(const std::vector<ast::File>& files, std::vector<Script> scripts,
               const std::map<std::string, std::string>& variables, support::Diagnostics& diagnostics);

// A catalog as a .schema file in canonical layout (`manage all;` first): the inverse of read + lower.
// `left_out`: nothing is said of who owns what; an owner that is not declared is not changed.
enum class Owners { stated, left_out };
std::string to_schema_text(const catalog::Catalog& catalog, Owners owners = Owners::stated);

// The same as several files below a folder, by their paths there. `schema`: a file a schema. `object`: beside it a file a table
// (with its partitions), view, function name … in a folder of its kind: "shop/table/orders.schema". What stands in no schema is
// in "database.schema". Together they say what to_schema_text says.
enum class Split { schema, object };
std::map<std::string, std::string> to_schema_files(const catalog::Catalog& catalog, Split split, Owners owners = Owners::stated);

}  // namespace lockstep::parser
