// Places under a partitioned table: which steps empty one, which take one, and whether the one has to happen before the other.
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

// The step drops this partition of the live database, or detaches it.
std::optional<PartitionPlace> place_emptied(const Step& step, const Object& from);
// The step creates the partition, or attaches it.
std::optional<PartitionPlace> place_taken(const Step& step, const Object& to);
// PostgreSQL may refuse the new place while the old one is occupied: their bounds overlap, or rows of a DEFAULT partition may
// belong to the new one. True where the texts alone don't tell.
bool must_be_emptied(const PartitionPlace& old, const PartitionPlace& taken);

// "ALTER TABLE p DETACH PARTITION p1", and "… ATTACH PARTITION p1 FOR VALUES …".
std::string detach_statement(const Object& from);
std::string attach_statement(const Object& to);

}  // namespace lockstep::kinds
