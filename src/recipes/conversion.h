// What happens to the values of a column whose type changes.
//
// PostgreSQL's rules apply. If PostgreSQL has an assignment cast, ALTER COLUMN TYPE gets no USING, and a text too long for
// varchar(3) is an error instead of being truncated. If PostgreSQL requires an explicit cast, the plan writes it, and every
// value must be equal after conversion back. Everything else needs the author's `convert using (expression)`.
//
// All of that is tried on the live rows before the first step, with one read of the table per check: that each value converts,
// and that the converted rows satisfy the declared CHECKs, keys, NOT NULL and generated columns. Pure.
#pragma once

#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// The key in Context::probes for a retype that PostgreSQL accepted only with an explicit cast. If a column or domain has
// neither this entry nor a successful one under its own id, PostgreSQL could not retype it, or it could not be tried.
ObjectId cast_written_out(const ObjectId& column);
// What the probe observed when it retyped the column, with or without an explicit cast; nullptr: nothing.
const ColumnProbe* retype_probe(const ObjectId& column, const Context& context);
// Whether the relation keeps its rows and this plan converts one of these columns. Checks on its present values make no sense
// then.
bool is_converted(const ObjectId& relation, const std::vector<std::string>& columns, const Context& context);

// " USING …", or empty if PostgreSQL converts by itself.
std::string using_of(const Object& from, const Object& to, const Context& context);
std::vector<plan::DataCheck> conversion_tried(const Object& from, const Object& to, const Context& context);
// For the way back in a hold, where a row that nobody has changed has its former value: it needn't convert back to its own.
std::vector<plan::DataCheck> conversion_tried_in_hold(const Object& from, const Object& to, const Context& context);

// For a column of a domain over an existing type, where the domain is recreated and `convert using` converts the values: checks
// that the rows satisfy what is declared afterwards.
std::vector<plan::DataCheck> carried_rows_tried(const Object& column, const Context& context);

// How the value of a column becomes one of its new type, in the words of the row that it is in.
struct Conversion {
  std::string assigned;  // what is assigned; PostgreSQL's assignment cast does the rest, and fails where it would truncate
  std::string value;     // the same by an explicit cast, to compare with
  std::string cut;       // a condition: the explicit cast truncates the value; empty: it never does
};
Conversion conversion_of(const Object& to, const Context& context);
// Whether stored values may become others: the author says how, or the new type doesn't contain all values of the old one.
bool converts_values(const Object& from, const Object& to, const Context& context);
// For rows that were written since conversion_tried() asked: first that each value converts, then what the converted rows are to
// satisfy. Without keys and NOT NULL, which the successor has itself when they are asked.
std::vector<plan::DataCheck> conversion_tried_again(const Object& from, const Object& to, const Context& context);

// For a column whose values follow from the `map` of an enum: that no two rows become alike in a key and, if the conversion can
// be computed before the plan, that the rows satisfy the CHECKs afterwards.
std::vector<plan::DataCheck> mapped_rows_tried(const Object& column, const Context& context);

// A condition: the two values of the type differ, compared as text. For a numeric without a scale, trailing zeros don't count.
std::string differs(const std::string& a, const std::string& b, const std::string& type);
// Whether an explicit cast to the type truncates.
bool is_cut_by(const std::string& type);
// A condition: the two texts differ in more than trailing blanks; for arrays, in some element. `type`: the type of the second.
std::string cut(const std::string& value, const std::string& converted, const std::string& type);
// ", in time zone UTC of the database", or empty (see time_zones.h). `from` is a type of the live catalog, `to` one of the
// desired catalog.
std::string in_time_zone(const std::string& from, const std::string& to, const Context& context);
// Adds to the step, as a consequence, what sessions with another time zone will see. `object`: its name for people.
void warn_of_time_zones(plan::Step& step, const ObjectId& object, const std::string& from, const std::string& to,
                        const Context& context);

}  // namespace lockstep::recipes
