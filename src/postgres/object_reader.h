// Rows of the kinds' queries → objects with names, parents and attributes.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "catalog/catalog.h"
#include "postgres/address.h"
#include "postgres/session.h"

namespace lockstep::postgres {

using AddressSet = std::unordered_set<Address, AddressHash>;

struct ReadObjects {
  std::vector<catalog::Object> objects;
  std::unordered_map<Address, catalog::Index, AddressHash> by_address;  // index into `objects`
};

// One query per kind. Left out: `members` (objects of extensions), what hangs on them, and what hangs on nothing read.
ReadObjects read_objects(Session& session, const AddressSet& members);

Address address_at(const Result& result, std::size_t row, std::size_t column);  // three columns from there on

}  // namespace lockstep::postgres
