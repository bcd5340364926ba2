// Whether the expression of a `backfill` can give NULL, which the rows that it fills may not have.
#pragma once

#include <string>
#include <vector>

#include "elaborator/scratch_copy.h"

namespace lockstep::elaborator {

struct FillProbe {
  bool can_be_null = false;          // for some row that the table allows, as far as that can be known
  std::vector<std::string> columns;  // of which NULL leads to it; may be empty
  bool can_be_asked = false;         // the rows can be, before the plan: it names only what is there, and changes nothing
};

// `expression`: elaborated, over a row of the column's table. PostgreSQL evaluates it over rows with a value in every column, and
// with NULL in those that may have it. What depends on more than that (a CASE, a subquery, the field of a json, the elements of
// an array, a function that isn't PostgreSQL's own) counts as one that can be NULL unless coalesce() ends with a constant.
// `path`: in which it finds its names. The copy is as before afterwards.
FillProbe probe_fill(Copy& copy, const catalog::ObjectId& column, const std::string& expression,
                     const std::vector<std::string>& path, const catalog::Catalog& live, const catalog::Catalog& desired);

}  // namespace lockstep::elaborator
