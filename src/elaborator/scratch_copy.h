// A scratch copy: a scratch database with the schema of another database.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "elaborator/options.h"
#include "elaborator/stubs.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

struct Copy {
  std::unique_ptr<postgres::Scratch> scratch;
  std::unique_ptr<Stubs> stubs;  // on the scratch database
  catalog::Catalog catalog;      // as read back
  // objects of the source that it lacks or that differ, and why
  std::vector<std::pair<catalog::ObjectId, std::string>> lacking;
  std::map<catalog::ObjectId, std::string> stood_in;  // objects that it has only as a stub, and why
  std::vector<std::string> differences;               // of the whole database
};
// Reads the copy's present catalog.
catalog::Catalog read_copy(Copy& copy);
// Its objects by their pg_depend addresses, which they keep when they are renamed. What has none (a comment) is left out.
std::map<postgres::Address, catalog::ObjectId> read_addresses(Copy& copy);
// What of a desired state can't be tried on the copy is added to `stood_in`; make_copy does it for its own.
void note_untried(Copy& copy, const catalog::Catalog& source, const catalog::Catalog& desired);
// `live`: the server that the copy imitates. The roles of `desired` are created too, since a plan will refer to them, and
// `roles`.
Copy make_copy(const catalog::Catalog& source, const catalog::Catalog& desired, const postgres::Snapshot& live,
               const Options& options, const std::vector<std::string>& roles = {});

}  // namespace lockstep::elaborator
