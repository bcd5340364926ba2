// The moment of a succession in which columns, and what stands on them, change places: statements for one transaction that
// changes the catalog only. Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

class ColumnExchange {
 public:
  // Refers to it.
  explicit ColumnExchange(const Context& context) : context_(context) {}
  // Drops the indexes, keys and foreign keys that have successors.
  void drop_old(const recipes::Succession& succession, std::vector<std::string>& sql) const;
  // The columns change names; default, identity, owned sequence, comments and privileges move to the successor.
  void names(const recipes::Succession::Column& column, std::vector<std::string>& sql) const;
  // The comment, CLUSTER ON and replica identity of an index or key, which has its own name again.
  void restore(const ObjectId& id, std::vector<std::string>& sql) const;
  // The name of the successor's NOT NULL constraint, until it takes the one that the column's had; empty: before 18 it has none.
  std::string name_of_not_null(const recipes::Succession::Column& column) const;

 private:
  const Context& context_;
};

}  // namespace lockstep::kinds
