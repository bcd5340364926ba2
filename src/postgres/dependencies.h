// pg_depend, read whole and once → who depends on whom among the objects read.
//
// PostgreSQL records dependencies between finer things than our objects: a view's rule, a table's row type, the index of
// a constraint, the sequence of an identity column. Each of those depends "internally" on what it belongs to, so it stands
// for that (an alias), over as many steps as it takes. A member of an extension stands for the extension.
#pragma once

#include <unordered_map>
#include <vector>

#include "catalog/catalog.h"
#include "postgres/address.h"
#include "postgres/object_reader.h"
#include "postgres/session.h"

namespace lockstep::postgres {

class Dependencies {
 public:
  explicit Dependencies(Session& session);

  const AddressSet& members() const { return members_; }  // objects of extensions
  // Edges among the objects read, without those to an object itself, its ancestors or its children.
  std::vector<catalog::Edge> edges(const ReadObjects& read) const;
  // Dependents that no object read stands for, each with the objects that it needs.
  std::unordered_map<Address, std::vector<catalog::Index>, AddressHash> left_over(const ReadObjects& read) const;
  // Is it, or is it a part of, an object that was read or a member of an extension?
  bool known(const ReadObjects& read, const Address& address) const;

 private:
  struct Row {
    Address dependent, referenced;
    char type = 'n';
  };
  struct Owner {
    Address address;
    char type = 'i';
  };
  struct Found {
    std::optional<catalog::Index> object;
    Address root;        // what it belongs to in the end, when that was not read
    bool clone = false;  // made by PostgreSQL on a partition, after its parent's
    bool member = false;
  };
  Found find(const ReadObjects& read, Address address) const;

  std::vector<Row> rows_;
  AddressSet members_;
  std::unordered_map<Address, Address, AddressHash> extension_of_;
  std::unordered_map<Address, Owner, AddressHash> owners_;  // internal dependencies
};

}  // namespace lockstep::postgres
