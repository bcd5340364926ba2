// Bounds under a partitioned table: which steps free a bound, which occupy one, and which of the two has to run first.
// Pure.
#pragma once

#include <optional>
#include <string>

#include "kinds/kind.h"

namespace lockstep::kinds {

struct PartitionPlace {
  ObjectId parent;
  std::string bound;  // "FOR VALUES …" | "DEFAULT", as PostgreSQL prints it
};

// The place that the step frees, because it drops or detaches this partition of the live catalog.
std::optional<PartitionPlace> place_emptied(const Step& step, const Object& from);
// The place that the step occupies, because it creates or attaches the partition.
std::optional<PartitionPlace> place_taken(const Step& step, const Object& to);
// Whether PostgreSQL may refuse the new place while the old one is occupied: the bounds overlap, or rows of a DEFAULT partition
// may belong to the new one. True if the texts alone don't tell.
bool must_be_emptied(const PartitionPlace& old, const PartitionPlace& taken);

// Whether the step finishes a DETACH PARTITION … CONCURRENTLY that was cut off. Before that, PostgreSQL alters nothing of the
// partition.
bool finishes_detaching(const Step& step, const Object& from);
// Whether the plan puts another partition into the place that `from` leaves.
bool frees_for_another(const Object& from, const Context& context);

// "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES …"
std::string attach_statement(const Object& to);

}  // namespace lockstep::kinds
