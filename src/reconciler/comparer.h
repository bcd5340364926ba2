// Computes the differences between a live and a desired catalog.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/change.h"
#include "parser/declared.h"

namespace lockstep::reconciler {

// The differences in the managed part. Texts are compared as PostgreSQL reads them back, if that is available.
class Comparer {
 public:
  Comparer(const parser::Scope& scope, const catalog::Catalog& desired) : scope_(&scope), desired_(&desired) {}
  // Sets both catalogs as read back from scratch once more; texts that are equal there count as equal. May be null.
  void elaborated(const catalog::Catalog* live, const catalog::Catalog* desired) {
    live_again_ = live;
    desired_again_ = desired;
  }
  std::vector<catalog::Change> changes(const catalog::Catalog& live) const;
  bool same(const catalog::Object& from, const catalog::Object& to, std::string_view attribute) const;
  // The ids of those that change an expression.
  static std::set<catalog::ObjectId> with_expressions(const std::vector<catalog::Change>& changes);
  // Whether the change belongs to the managed part. `side`: the catalog that contains the object.
  bool managed(const catalog::Catalog& side, const catalog::Change& change) const;

 private:
  const parser::Scope* scope_;
  const catalog::Catalog* desired_;
  const catalog::Catalog* live_again_ = nullptr;
  const catalog::Catalog* desired_again_ = nullptr;
};

std::set<catalog::ObjectId> ids_of(const std::vector<catalog::Change>& changes);
// One line a difference, for people.
std::vector<std::string> describe(const std::vector<catalog::Change>& changes);

}  // namespace lockstep::reconciler
