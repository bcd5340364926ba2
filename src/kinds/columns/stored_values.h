// Where values of a type are stored. One rule for everybody who changes or drops a domain, composite, enum or range, or an
// attribute: a value lives in a column of the type, of an array of it, of a domain over it, of a composite that has an attribute
// of it, of a range or multirange over it, nested to any depth, and in columns whose type is the row type of such a table. From
// the live catalog's dependencies (pg_depend) and printed types; pure. Inherited columns are those of their parent: a query on
// the parent reads them. Rows of materialized views are computed again, foreign tables hold none of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kinds/kind.h"
#include "recipes/multirange.h"

namespace lockstep::kinds {

// One step from a value to a value in it.
struct Inward {
  enum class Into { element, attribute, base, bounds, ranges };
  Into into = Into::base;
  std::string name;  // of the attribute
};

struct StoredIn {
  const Object* column = nullptr;  // of a table
  std::vector<Inward> way;         // from the column's value to those of the type; empty: it is the column's own type
  // PostgreSQL changes a domain in place only where nothing but other domains stands between it and the column.
  bool nested() const;
};

// How a printed type says this one: itself, an array of it, its multirange. Absent: it is another type.
std::optional<std::vector<Inward>> inward(const std::string& printed, const Object& type);

using recipes::multirange_of;

// Columns that hold values of the type, each way to them.
std::vector<StoredIn> stored_in(const ObjectId& type, const Catalog& catalog);
// Types that have the type in them, at any depth: composites, domains, ranges. Without itself, in id order.
std::vector<ObjectId> types_over(const ObjectId& type, const Catalog& catalog);

// Rows of `place` that hold a value for which `condition` is true; it speaks of the value as `lockstep_value`. A null inside a
// value counts as one, a null where no value is does not. `may_fail`: see row_check.h.
plan::DataCheck values_check(const StoredIn& place, std::string rule, const std::string& condition, bool may_fail,
                             const Context& context);

}  // namespace lockstep::kinds
