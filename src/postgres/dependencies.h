// Reads pg_depend once as a whole and determines who depends on whom among the objects read.
//
// PostgreSQL records dependencies between smaller units than our objects: a view's rule, a table's row type, the index of a
// constraint, the sequence of an identity column. Each of those depends internally on the object that it belongs to, so it is
// replaced by that object, over as many levels as necessary. A member of an extension is replaced by the extension.
#pragma once

#include <unordered_map>
#include <vector>

#include "catalog/catalog.h"
#include "postgres/address.h"
#include "postgres/object_reader.h"
#include "session/session.h"

namespace lockstep::postgres {

class Dependencies {
 public:
  explicit Dependencies(Session& session);

  const AddressSet& members() const { return members_; }  // objects of extensions
  // Edges among the objects read, without edges from an object to itself, its ancestors or its children.
  std::vector<catalog::Edge> edges(const ReadObjects& read) const;
  // Dependents that belong to no object read, each with the objects that it needs.
  std::unordered_map<Address, std::vector<catalog::Index>, AddressHash> left_over(const ReadObjects& read) const;
  // Whether the address is, or is part of, an object that was read or a member of an extension.
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
    Address root;        // the outermost object that it belongs to, if that was not read
    bool clone = false;  // created by PostgreSQL on a partition, as a copy of its parent's
    bool member = false;
  };
  Found find(const ReadObjects& read, Address address) const;

  std::vector<Row> rows_;
  AddressSet members_;
  std::unordered_map<Address, Address, AddressHash> extension_of_;
  std::unordered_map<Address, Owner, AddressHash> owners_;  // internal dependencies
};

}  // namespace lockstep::postgres
