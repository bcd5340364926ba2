// Columns of a large table that get another type without a rewrite under ACCESS EXCLUSIVE: each has a successor, a new column
// beside it, until the two change places (docs/adr/0028). Data only: which columns, and under which names what depends on them is
// built again.
#pragma once

#include <memory>
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
    bool exact = true;                  // the successor has what the conversion gives, in every row
    bool named = false;                 // `successor` is the name that the plan gives the column: both are written at the gate
    std::string held_beside = {};  // of one that is taken back: the name of the present column in the hold; empty: as in `id`
    // Of a column whose enum gets other values, or an array of it. The successor's type, as it is called until the swap; empty:
    // it has the type that is declared. Then an expression over the column: its text, or text[], as a value of that type; and, of
    // a column that is taken back, one over the successor: what the change makes of it.
    std::string type, convert, again;
    bool is_array = false;
  };
  // An enum that gets other values: the new one stands beside it.
  struct Type {
    catalog::ObjectId id;
    std::string successor, former;  // plain names: the new one's until the swap, the old one's after it
  };
  struct Dependent {
    catalog::ObjectId id;         // an index, key or foreign key, of one of the tables or of another one
    catalog::ObjectId successor;  // the same kind, under the name that it is built under
  };
  std::vector<Column> columns;        // sorted; the steps belong to the change of the first one
  std::vector<Dependent> dependents;  // what others lean on comes first
  std::vector<Type> types;            // of the columns
  // The successors are the old columns of a succession that is taken back: they are there, and kept up to date.
  bool stands = false;
};

struct Successions {
  std::vector<Succession> all;
  // The live schema as a scratch database prints it while the columns and dependents have their successors' names.
  catalog::Catalog renamed;
  // The same turned round, of those that can be taken back while the old columns are held (docs/adr/0031). Null: none.
  std::shared_ptr<const Successions> back = nullptr;
};

}  // namespace lockstep::recipes
