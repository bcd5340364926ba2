// Converts rows of the kinds' queries to objects with names, parents and attributes.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "postgres/address.h"
#include "session/session.h"

namespace lockstep::postgres {

using AddressSet = std::unordered_set<Address, AddressHash>;

struct ReadObjects {
  std::vector<catalog::Object> objects;
  std::unordered_map<Address, catalog::Index, AddressHash> by_address;  // index into `objects`
  AddressSet left_out;                                                  // transitional ones
  // the transitional ones as kinds read them, under their present names
  std::vector<std::pair<Address, catalog::Object>> transitional;
};

// What the kinds' queries have returned.
class KindRows;
// One query a kind. `beside`: another session with the same snapshot, used by a thread of its own for some of them; may be null.
// `others`: what else is to be read, each once with one of the sessions; they are begun first.
using Reading = std::function<void(Session&)>;
std::shared_ptr<const KindRows> read_rows(Session& session, Session* beside, const std::vector<Reading>& others);

// Leaves out `members` (objects of extensions) and what belongs to them, what belongs to no object read, and
// `transitional` objects (transitional.h) with what belongs to those. `former`: objects to read all the same, under this name.
using FormerNames = std::vector<std::pair<Address, std::string>>;
ReadObjects read_objects(const KindRows& rows, const AddressSet& members, AddressSet transitional, const FormerNames& former);

Address address_at(const Result& result, std::size_t row, std::size_t column);  // from three columns, beginning with this one

}  // namespace lockstep::postgres
