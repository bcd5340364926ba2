// `map 'old' to 'new'` of an enum: what it means for each column that holds values of the enum.
//
// A map acts in a plan that takes `old` away from the live type; otherwise it rests. The column's values are then converted as by
// a `convert using` that Lockstep writes. PostgreSQL allows no subquery in USING, so the values of an array are replaced by
// array_replace() and those of a composite one attribute at a time:
//   a column of the enum     CASE c::text WHEN 'old' THEN 'new' ELSE c::text END
//   an array of it           array_replace(c::text[], 'old', 'new')
//   a domain over it         as what it is over, then a cast
//   a composite              ROW((c).a, CASE (c).b::text …)
// Values in an array of composites, a range, or an array of a domain over an array can't be reached so. Then, and where the
// column's own `convert using` is used, the map doesn't act. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// The maps that act on the enum.
std::vector<catalog::MappedValue> acting_maps(const ObjectId& type, const Catalog& from, const Catalog& to,
                                              const catalog::Intents& intents);

struct MappedColumn {
  ObjectId column;
  std::string convert;                     // for Intent::convert
  std::optional<std::string> before;       // for Intent::convert_before
  std::vector<catalog::MappedValue> maps;  // of all enums in it
  std::string count;                       // SELECT the number of rows with each of them
};
// `intents`: as declared.
std::vector<MappedColumn> mapped_columns(const std::vector<Change>& changes, const Catalog& from, const Catalog& to,
                                         const catalog::Intents& intents);

// Whether the column's values are converted by a map.
bool is_mapped(const ObjectId& column, const Context& context);
// The maps of the way back: a value that only the new type has becomes the first one that was mapped to it.
std::vector<catalog::MappedValue> maps_back(const ObjectId& type, const Catalog& from, const Catalog& to,
                                            const catalog::Intents& intents);
// Says in `intents` that the column is converted so. `rows`: how many have each value, in words; empty: not asked.
void convert_by_map(catalog::Intents& intents, MappedColumn column, const std::vector<std::string>& rows);

// The columns that save its former values: its key, what each value is after the plan and its way back (plan::kBecame), the
// value. So a way back leaves alone what was written since.
std::string mapped_saving(const Object& column, const Context& context);
// The same where the values are in a column of this name, quoted.
std::string mapped_saving(const Object& column, const std::string& value, const Context& context);

// What the maps, or those of the way back, make of `value` of the type that the column has, or of an array of it: text or text[].
std::string mapped_text(const Object& column, const ObjectId& type, const std::string& value, const Context& context);
std::string mapped_back_text(const Object& column, const ObjectId& type, const std::string& value, const Context& context);

}  // namespace lockstep::kinds
