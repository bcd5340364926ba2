// Finds where values of a type are stored. This one rule is used by everything that changes or drops a domain, composite, enum
// or range, or an attribute. A value can be in a column of the type, of an array of it, of a domain over it, of a composite
// with an attribute of it, of a range or multirange over it, nested to any depth, and in a column whose type is the row type of
// such a table.
// The result is derived from the live catalog's dependencies (pg_depend) and printed types; pure. An inherited column is not
// listed beside its parent's, since a query on the parent reads it. Materialized views are left out because their rows are
// computed again, and foreign tables because they store no rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kinds/kind.h"
#include "recipes/multirange.h"

namespace lockstep::kinds {

// One step from a value to a value inside it.
struct Inward {
  enum class Into { element, attribute, base, bounds, ranges };
  Into into = Into::base;
  std::string name;  // of the attribute
};

struct StoredIn {
  const Object* column = nullptr;  // of a table
  std::vector<Inward> way;         // from the column's value to the values of the type; empty: the type is the column's own
  // PostgreSQL changes a domain in place only if there are nothing but other domains between it and the column.
  bool nested() const;
};

// How the printed type relates to `type`: it is the type itself, an array of it, or its multirange. Absent: it is another type.
std::optional<std::vector<Inward>> inward(const std::string& printed, const Object& type);

using recipes::multirange_of;

// A subquery over the row's columns that gives each of these values, as `lockstep_value`.
std::string values_of(const StoredIn& place);

// The columns that contain values of the type, once for each path to them.
std::vector<StoredIn> stored_in(const ObjectId& type, const Catalog& catalog);
// The types that contain the type at any depth: composites, domains, ranges. Without the type itself, in id order.
std::vector<ObjectId> types_over(const ObjectId& type, const Catalog& catalog);

// A check that is broken by the rows of `place` with a value for which `condition` is true. The condition refers to the value
// as `lockstep_value`. A null inside a value counts as a value; the null of a missing value doesn't. `may_fail`: see
// row_check.h.
plan::DataCheck values_check(const StoredIn& place, std::string rule, const std::string& condition, bool may_fail,
                             const Context& context);

}  // namespace lockstep::kinds
