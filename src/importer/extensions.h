// The extensions that migrations ask for. An extension's script runs as superuser, so it must not meet code of the migrations:
// one that PostgreSQL doesn't trust for that (`trusted` in its control file), or that brings others along, is made before
// anything else runs; its own CREATE EXTENSION then finds it. Private to the importer.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "elaborator/stubs.h"
#include "importer/script.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"
#include "support/error.h"

namespace lockstep::importer {

class Extensions {
 public:
  // `live` may be null; else an extension that this machine lacks is made from its objects there.
  Extensions(postgres::Scratch& scratch, const postgres::Snapshot* live);

  // Makes those that aren't trusted. REQUIRES: nothing of the migrations has run.
  void make_first(const std::vector<Script>& scripts);
  // Runs one CREATE EXTENSION. REQUIRES: no transaction is open. Throws DatabaseError.
  void make(const Piece& piece);
  // Whether make_first() made this schema for an extension, and the migrations haven't made it since.
  bool takes_schema(const Piece& piece);

  elaborator::Stubs& stubs() { return stubs_; }

 private:
  void create(const Piece& piece);
  bool exists(const std::string& name);
  bool installed(const std::string& name);
  bool trusted(const std::string& name);

  postgres::Scratch& scratch_;
  const postgres::Snapshot* live_;
  elaborator::Stubs stubs_;
  std::set<std::string> waiting_;                                // made first, their own statement hasn't come yet
  std::map<std::string, support::DatabaseError::Facts> failed_;  // of make_first()
  std::set<std::string> schemas_;
};

}  // namespace lockstep::importer
