// Makes the statement that drops a transitional object, or that gives a hidden column its former name back.
#pragma once

#include <optional>
#include <string>

#include "plan/helper.h"

namespace lockstep::plan {

// Uses the helper's type, names and subject only, never Helper::undo. `partitioned`: the object is an index of a partitioned
// table, which PostgreSQL can't drop CONCURRENTLY. Returns nullopt if Lockstep makes no transitional object of that type, or
// gives none such a name. Pure.
std::optional<std::string> undo_statement(const Helper& helper, bool partitioned);

// Whether it is a hidden column, which holds the values of its subject.
bool holds_former_values(const Helper& helper);
// Whether it is a column whose successor has its name and holds what its values were converted to: they must be saved before it
// goes. Any other transitional object holds nothing of its own.
bool holds_converted_values(const Helper& helper);
// An enum beside the one that takes its place, before or after.
bool is_type(const Helper& helper);
// Whether it is the old column of a type change, converted or not: hidden until its run is purged, if that is held.
bool stands_for_former_type(const Helper& helper);
bool is_trigger(const Helper& helper);

}  // namespace lockstep::plan
