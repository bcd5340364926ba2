// An index of a partition that goes because a new index of its parent says the same. It becomes the partition's share of the new
// one, instead of a second index that is built beside it.
//   ALTER INDEX p_i RENAME TO …; ALTER INDEX i ATTACH PARTITION …      SHARE UPDATE EXCLUSIVE and ACCESS EXCLUSIVE on that index,
//   brief
// Safe because: PostgreSQL attaches only an index of the same definition, and it serves all along. Undo: the partition's index is
// built again, since PostgreSQL detaches none. Watch: nothing. Pure.
#pragma once

#include <optional>

#include "recipes/context.h"

namespace lockstep::recipes {

// The index of `leaf` that becomes its share of `index`, which this plan creates on a partitioned table above.
std::optional<ObjectId> adopted_share(const Object& index, const ObjectId& leaf, const Context& context);
// Whether PostgreSQL prints one definition for both, each on its own table.
bool say_the_same(const Object& a, const Object& b);
// Whether the index, which goes, becomes a share so.
bool is_adopted(const Object& index, const Context& context);

}  // namespace lockstep::recipes
