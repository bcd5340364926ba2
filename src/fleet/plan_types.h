// The types that columns have in the database, without domains, while a plan's statements are read one after the other. Private
// to the guard of plans.
#pragma once

#include <map>
#include <string>

#include "catalog/object.h"
#include "fleet/type_name.h"
#include "postgres/introspect.h"

namespace lockstep::fleet {

class PlanTypes {
 public:
  // Refers to `live`.
  explicit PlanTypes(const postgres::Snapshot& live) : live_(live) {}

  // A domain that the plan creates, by its qualified name, and its base type.
  void add_domain(const std::string& name, TypeName base) { domains_[name] = std::move(base); }
  // As format_type() prints it, of a column that a run has added or hidden too; empty: there is none.
  std::string live(const catalog::Path& column) const;
  // The type under all domains. A domain's checks can refuse a value but don't change it.
  TypeName without_domains(TypeName type) const;
  // Whether the other type has each value of a column of the database, as it is.
  bool keeps(const catalog::Path& column, const TypeName& type) const;

 private:
  const postgres::Snapshot& live_;
  std::map<std::string, TypeName> domains_;
};

}  // namespace lockstep::fleet
