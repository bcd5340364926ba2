// SQL shared by the kinds that live on pg_class: how an introspection query says what a relation's part hangs on.
#pragma once

#include <string>

namespace lockstep::kinds {

// class, object, sub of the row itself, then of its parent: five-odd expressions in the contract's order.
inline std::string address_columns(const std::string& catalog, const std::string& oid, const std::string& sub,
                                   const std::string& parent_catalog, const std::string& parent_oid,
                                   const std::string& parent_sub = "0") {
  const auto regclass = [](const std::string& name) { return "'pg_catalog." + name + "'::pg_catalog.regclass::oid"; };
  return regclass(catalog) + " AS class, " + oid + " AS object, " + sub + " AS sub, " + regclass(parent_catalog) +
         " AS parent_class, " + parent_oid + " AS parent_object, " + parent_sub + " AS parent_sub, ";
}

}  // namespace lockstep::kinds
