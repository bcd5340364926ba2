// The trigger that keeps the successors of a table's columns up to date while the application writes the old columns.
//
// BEFORE INSERT OR UPDATE, fires after all others, ENABLE ALWAYS. Successors that only have more room get their column's value,
// and if the table has no others the trigger fires only where the two differ. A conversion is computed over the whole row, which
// stands under the table's name; one that depends on settings gets those that the copy in batches has, whoever writes.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"
#include "recipes/column_succession.h"

namespace lockstep::kinds {

class Mirror {
 public:
  using Columns = std::vector<const recipes::Succession::Column*>;
  // Refers to both arguments.
  Mirror(const ObjectId& table, const Columns& columns, const Context& context);

  // Adds the statements and helpers. REQUIRES: the successors exist.
  void create(Step& step) const;
  void drop(std::vector<std::string>& sql, bool if_exists = false) const;
  // "lockstep_new_a = a, …", as an UPDATE of the table assigns them.
  std::string assignments() const;
  // A condition over a row of the table: some successor isn't what it is to be.
  std::string differ() const;
  // The same of the row that `row` names: "NEW.".
  std::string differ(const std::string& row) const;
  bool converts() const;     // some column's values change
  bool by_settings() const;  // what some value becomes may depend on settings

 private:
  std::string digest() const;
  std::string function() const;
  std::string trigger() const;
  std::string differs(const recipes::Succession::Column& column, const std::string& row) const;
  std::string body() const;

  const ObjectId& table_;
  const Columns& columns_;
  const Context& context_;
};

}  // namespace lockstep::kinds
