// What happens to the values of a column that changes its type.
//
// PostgreSQL's own rules hold: where it converts by itself (an assignment cast), ALTER COLUMN TYPE says no USING, and a text that
// doesn't fit into varchar(3) is an error, not cut. Where PostgreSQL wants the cast written out, the plan writes it, and every
// value must come back the same. Anything else is said by the author: `convert using (expression)`.
//
// All of that is tried on the live rows before the first step, in one read of the table a question: that each value converts, and
// that the converted rows obey the CHECKs, keys, NOT NULL and generated columns that are declared. Pure.
#pragma once

#include <string>
#include <vector>

#include "recipes/context.h"

namespace lockstep::recipes {

// The key of Context::probes under which a retyping is that PostgreSQL made only with the cast written out. A column (or domain)
// that has neither this nor an entry under its own id that was tried could not be retyped at all, or not be tried.
ObjectId cast_written_out(const ObjectId& column);
// What the probe saw of retyping the column, however it was said; nullptr: nothing.
const ColumnProbe* retype_probe(const ObjectId& column, const Context& context);
// The column keeps its rows, and its values are converted in this plan: questions about the values as they are now make no sense.
bool is_converted(const ObjectId& relation, const std::vector<std::string>& columns, const Context& context);

// " USING …", or empty: PostgreSQL converts by itself.
std::string using_of(const Object& from, const Object& to, const Context& context);
std::vector<plan::DataCheck> conversion_tried(const Object& from, const Object& to, const Context& context);

// Of a column whose type is recreated, a domain over a type that stands, and whose values `convert using` converts: that the
// rows obey what is declared then.
std::vector<plan::DataCheck> carried_rows_tried(const Object& column, const Context& context);

// The values are not the same, both of that type: as text, but for the trailing zeros of a numeric without a scale.
std::string differs(const std::string& a, const std::string& b, const std::string& type);
// A cast to it that is written out cuts what is too long.
bool is_cut_by(const std::string& type);
// The two are not the same text, but for blanks at the end; of arrays: in some element. `type`: what the second is of.
std::string cut(const std::string& value, const std::string& converted, const std::string& type);
// ", in time zone UTC of the database", or empty: see time_zones.h. `from` is a type of the live database, `to` one of the files.
std::string in_time_zone(const std::string& from, const std::string& to, const Context& context);
// What sessions of another time zone see then: a consequence of the step. `object`: as people name it.
void warn_of_time_zones(plan::Step& step, const ObjectId& object, const std::string& from, const std::string& to,
                        const Context& context);

}  // namespace lockstep::recipes
