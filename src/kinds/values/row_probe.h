// What is made on the scratch copy, and undone, to hear how PostgreSQL reads what a new index, exclusion constraint or partition
// says of a row (recipes/row_probe.h). Pure.
#pragma once

#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct RowQuestion {
  std::vector<std::string> made;
  // Rows of (what, text): "key", "with" (an operator), "condition" and "level" (of a partition: the condition, where a CHECK
  // proves it) are said of the row in this order; "parent" is the oid of the made partitioned table, which a condition may name.
  std::string query;
  std::string parent;  // the table that the made one stands for, qualified; empty: none
};
// Several: of a partition and of each that it lies in. Empty: the change says nothing of rows that are there.
std::vector<RowQuestion> row_questions(const Change& change, const Catalog& live, const Catalog& desired);

}  // namespace lockstep::kinds
