// Rows of the kinds' queries → objects with names, parents and attributes.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "postgres/address.h"
#include "postgres/session.h"

namespace lockstep::postgres {

using AddressSet = std::unordered_set<Address, AddressHash>;

struct ReadObjects {
  std::vector<catalog::Object> objects;
  std::unordered_map<Address, catalog::Index, AddressHash> by_address;  // index into `objects`
  AddressSet left_out;                                                  // transitional ones
  std::vector<std::pair<Address, catalog::Object>> transitional;        // what kinds say of those, under the names they have now
};

// One query per kind. Left out: `members` (objects of extensions), what hangs on them, what hangs on nothing read, and
// `transitional` objects (transitional.h) with what hangs on those. `former`: read all the same, and under this name.
using FormerNames = std::vector<std::pair<Address, std::string>>;
ReadObjects read_objects(Session& session, const AddressSet& members, AddressSet transitional, const FormerNames& former);

Address address_at(const Result& result, std::size_t row, std::size_t column);  // three columns from there on

}  // namespace lockstep::postgres
