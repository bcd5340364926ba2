// What is created on the scratch copy, and undone, to observe how PostgreSQL interprets what a new index, exclusion constraint
// or partition requires of a row (recipes/row_probe.h). Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct RowQuestion {
  // The statements that create it.
  std::vector<std::string> made;
  // Returns rows of (what, text): "key", "with" (an operator), "condition" and "level" (of a partition: the condition, where a
  // CHECK proves it) are requirements of a row, in this order; "parent" is the oid of the created partitioned table, which a
  // condition may contain.
  std::string query;
  std::string parent;  // the table that the created one represents, qualified; empty: none
};
// More than one for a partition: one for each table that it is nested in. Empty: the change doesn't concern existing rows.
std::vector<RowQuestion> row_questions(const Change& change, const Catalog& live, const Catalog& desired);

}  // namespace lockstep::kinds
