// Keeps numbers unique when another sequence takes over a column that has rows. A sequence that starts anew would return
// numbers that are in use; these statements make it continue after the last one, in the transaction that switches to it. Pure.
#pragma once

#include <optional>

#include "recipes/context.h"

namespace lockstep::recipes {

// The sequence that the column's default uses; nullopt: none, or unknown (during elaboration there are no dependencies).
std::optional<ObjectId> drawn_from(const Catalog& catalog, const ObjectId& column);

// The column's own sequence, if it is dropped because the column becomes an identity. The column's own steps pass its position
// on and drop it.
std::optional<ObjectId> hands_over(const Context& context, const ObjectId& column);
// The same, asked of the sequence.
bool is_handed_over(const Context& context, const ObjectId& sequence);

struct Numbers {
  std::string sequence;  // qualified, quoted
  std::int64_t start = 1;
  bool ascends = true;
};
Numbers numbers_of(const Object& sequence);
// A statement after which the next number is beyond all numbers in the column. It has no effect if the table is empty, or if the
// sequence is further: several columns may draw from it.
std::string beyond_the_last(const ObjectId& column, const Numbers& numbers);
// The same, beyond all numbers that the sequence `former` has given out.
std::string beyond_what_it_gave(const std::string& former, const Numbers& numbers);
// Whether finding the last number reads the whole table, because no key begins with the column.
bool reads_all(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
