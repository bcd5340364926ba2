// Names that a plan gives at its end and that work from the gate on, beside the old ones (docs/adr/0029). Data only.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace lockstep::recipes {

// A column under its new name: a column of its own that a trigger keeps equal to the old one, in both directions.
struct SecondColumn {
  struct Index {
    catalog::ObjectId id;         // an index or key that uses the column
    catalog::ObjectId successor;  // the same over the second column, under the name that it is built under
  };
  catalog::ObjectId id;  // the column before the plan
  std::string name;      // the new one, plain
  std::vector<Index> indexes;
};

// A table under its new name: a view, which PostgreSQL can write through.
struct SecondTable {
  catalog::ObjectId id;  // the table before the plan
  std::string name;      // the new one, plain
  struct Column {
    std::string before, after;
  };
  std::vector<Column> columns;  // of the table as the files declare it, in order
};

struct SecondNames {
  std::vector<SecondColumn> columns;
  std::vector<SecondTable> tables;
  // The live schema as a scratch database prints it while the columns have their second names.
  catalog::Catalog renamed;
};

}  // namespace lockstep::recipes
