// A scratch database that holds what another database holds.
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
  std::unique_ptr<Stubs> stubs;                                    // on it
  catalog::Catalog catalog;                                        // as read back
  std::vector<std::pair<catalog::ObjectId, std::string>> lacking;  // what the source has and it has not, or otherwise; and why
  std::map<catalog::ObjectId, std::string> stood_in;               // what it has only a stub of, and why
  std::vector<std::string> differences;                            // of the whole database
};
// What it holds by now.
catalog::Catalog read_copy(Copy& copy);
// `live`: the server it must be like. The roles of `desired` are made there too, since a plan will speak of them.
Copy make_copy(const catalog::Catalog& source, const catalog::Catalog& desired, const postgres::Snapshot& live,
               const Options& options);

}  // namespace lockstep::elaborator
