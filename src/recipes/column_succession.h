// Columns of a large table that get another type without a rewrite under ACCESS EXCLUSIVE: each has a successor, a new column
// beside it, until the two change places (docs/adr/0028). Data only: which columns, and under which names what depends on them is
// built again.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::recipes {

struct Succession {
  struct Column {
    catalog::ObjectId id;
    std::string successor, former;      // plain names: the new column's until the swap, the old one's after it
    bool converts = false;              // values change: the former ones are saved before the old column goes
    std::vector<std::string> settings;  // of a session: what a value becomes may depend on them
  };
  struct Dependent {
    catalog::ObjectId id;         // an index, key or foreign key, of one of the tables or of another one
    catalog::ObjectId successor;  // the same kind, under the name that it is built under
  };
  std::vector<Column> columns;        // sorted; the steps belong to the change of the first one
  std::vector<Dependent> dependents;  // what others lean on comes first
};

struct Successions {
  std::vector<Succession> all;
  // The live schema as a scratch database prints it while the columns and dependents have their successors' names.
  catalog::Catalog renamed;
};

}  // namespace lockstep::recipes
