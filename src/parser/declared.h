// The declared side of a comparison: the contents of a set of schema files, before PostgreSQL has read them.
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

// The places of a declared object and of its texts in the files, for PostgreSQL's errors.
struct Place {
  support::Span head;
  std::vector<support::Span> more;                               // where else it is stated: a grant, by several statements
  std::map<std::string, support::Span, std::less<>> attributes;  // by attribute name: span of the raw text
};

// The managed part of a database: the objects that Lockstep may change.
struct Scope {
  bool everything = false;                // manage all
  std::set<std::string> schemas;          // declared whole
  std::set<std::string> partial_schemas;  // only the objects they name
  std::vector<std::string> ignored;       // "shop.flyway_*" globs on qualified names
  std::set<catalog::ObjectId> dropped;    // `drop table y;`
  // declared by `external table`: objects of others, and the schemas that contain only those
  std::set<catalog::ObjectId> external;
  std::set<catalog::ObjectId> protects;  // `protect table y;`
  // Whether the object is managed, by its schema, its root object and, for partial schemas, whether `desired` contains it.
  // `root`: the object directly inside the schema (or a schema, or a database-level object).
  bool covers(const catalog::ObjectId& root, const catalog::Catalog& desired) const;
};

struct Declared {
  catalog::Catalog catalog;  // attribute texts as the user wrote them
  catalog::Intents intents;
  std::map<catalog::ObjectId, Place> places;
  Scope scope;
  std::vector<Script> scripts;                      // plain SQL; only PostgreSQL knows what it creates
  std::map<catalog::ObjectId, std::string> owners;  // owners that scripts set for objects that only scratch's superuser can own
  std::vector<std::string> files;                   // all that were read, with those that others include
  std::string digest;  // of the files and variables; empty: unknown, so that nothing about it may be cached
  // A digest of the files' formatted text without comments, before variables are replaced: the same for every environment. Only
  // if Sources::promoted asks for it.
  std::string declarations;
};

// Lowers all files of one desired state together. Their order never matters; two declarations of one object are an error that
// names both. (If only PostgreSQL can tell that a script creates a declared object, elaboration reports it.)
// `variables` replace ${name} in identifiers and strings, never inside SQL bodies. An undefined variable is LS0104.
Declared lower(const std::vector<ast::File>& files, std::vector<Script> scripts,
               const std::map<std::string, std::string>& variables, support::Diagnostics& diagnostics);

// Prints a catalog as a .schema file in canonical layout (beginning with `manage all;`): the inverse of read + lower.
// Owners::left_out: prints no owners, since an owner that is not declared is not changed.
// Owners::each: prints every owner that the catalog has at its object, and no default.
enum class Owners { stated, left_out, each };
std::string to_schema_text(const catalog::Catalog& catalog, Owners owners = Owners::stated);

// The same as several files, by their paths below a folder. `schema`: one file a schema. `object`: in addition one file for
// each table (with its partitions), view, function name … in a folder of its kind, "shop/table/orders.schema". Objects outside
// every schema are in "database.schema". Together the files contain what to_schema_text() returns.
enum class Split { schema, object };
// Manages::declared: without `manage all;`, so that schemas which the catalog lacks are left alone; a file that says nothing is
// left out.
enum class Manages { everything, declared };
std::string object_file(const catalog::ObjectId& id);  // the file of an object directly in a schema, with Split::object
std::map<std::string, std::string> to_schema_files(const catalog::Catalog& catalog, Split split, Owners owners = Owners::stated,
                                                   Manages manages = Manages::everything);

}  // namespace lockstep::parser
