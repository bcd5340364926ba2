// A sequence that begins anew hands out numbers that are taken: where another one takes over a column that holds rows, it goes on
// where the numbers end. Statements for the transaction in which it takes over. Pure.
#pragma once

#include <optional>

#include "recipes/context.h"

namespace lockstep::recipes {

// The sequence that the column's default draws from; absent: none, or not known (while elaborating there are no dependencies).
std::optional<ObjectId> drawn_from(const Catalog& catalog, const ObjectId& column);

// The sequence of a column's own that goes because the column becomes an identity: the column's own steps hand over where it
// stood, and drop it.
std::optional<ObjectId> hands_over(const Context& context, const ObjectId& column);
// … seen from the sequence.
bool is_handed_over(const Context& context, const ObjectId& sequence);

struct Numbers {
  std::string sequence;  // qualified, quoted
  std::int64_t start = 1;
  bool ascends = true;
};
Numbers numbers_of(const Object& sequence);
// Afterwards the next number is beyond those in the column. On an empty table it changes nothing.
std::string beyond_the_last(const ObjectId& column, const Numbers& numbers);
// Whether finding the last number takes reading the whole table: no key begins with the column.
bool reads_all(const ObjectId& column, const Context& context);

}  // namespace lockstep::recipes
