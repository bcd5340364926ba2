// The kinds, one line each. The order is the order of creation if nothing else decides. kinds_list.h declares them.
#include "kinds/registry.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "catalog/signatures.h"
#include "kinds/kinds_list.h"
#include "support/error.h"

namespace lockstep::kinds {
namespace {

constexpr auto kKinds = std::to_array<const KindSpec*>({
    &kSchema,
    &kExtension,
    &kEnum,
    &kDomain,
    &kDomainConstraint,
    &kComposite,
    &kAttribute,
    &kRange,
    &kCollation,
    &kSequence,
    &kFunction,
    &kProcedure,
    &kAggregate,
    &kCast,
    &kConversion,
    &kOperator,
    &kTextSearchParser,
    &kTextSearchTemplate,
    &kTextSearchDictionary,
    &kTextSearchConfiguration,
    &kForeignDataWrapper,
    &kForeignServer,
    &kUserMapping,
    &kTable,
    &kColumn,
    &kDefault,
    &kOverride,
    &kCheck,
    &kPrimaryKey,
    &kUnique,
    &kExclude,
    &kForeignKey,
    &kIndex,
    &kForeignTable,
    &kStatistics,
    &kView,
    &kViewColumn,
    &kMaterializedView,
    &kRule,
    &kTrigger,
    &kTriggerState,
    &kPolicy,
    &kPublication,
    &kEventTrigger,
    &kGrant,
    &kComment,
    &kIndexComment,
    &kSecurityLabel,
    &kDefaultPrivileges,
    &kExtensionPrivileges,
});

[[maybe_unused]] const bool kSignaturesSaid = [] {
  for (const KindSpec* kind : {&kFunction, &kProcedure, &kAggregate, &kOperator}) catalog::last_name_is_signature(kind->tag);
  return true;
}();

// A map, because a large schema needs millions of look-ups by name.
const std::unordered_map<std::string_view, std::size_t>& places() {
  static const auto kPlaces = [] {
    std::unordered_map<std::string_view, std::size_t> result;
    for (std::size_t i = 0; i < kKinds.size(); ++i) result.emplace(kKinds[i]->tag.name, i);
    return result;
  }();
  return kPlaces;
}

}  // namespace

std::span<const KindSpec* const> all() {
  return kKinds;
}

const KindSpec* find(std::string_view name) {
  const auto found = places().find(name);
  return found == places().end() ? nullptr : kKinds[found->second];
}

const KindSpec& of(const catalog::ObjectId& id) {
  return *kKinds[static_cast<std::size_t>(rank(id))];
}

int rank(const catalog::ObjectId& id) {
  const auto found = places().find(id.kind->name);
  if (found == places().end()) throw support::InternalError("no kind is called " + std::string(id.kind->name));
  return static_cast<int>(found->second);
}

const AttrSpec* attribute(const KindSpec& kind, std::string_view name) {
  const auto found =
      std::find_if(kind.attributes.begin(), kind.attributes.end(), [&](const AttrSpec& item) { return item.name == name; });
  return found == kind.attributes.end() ? nullptr : &*found;
}

}  // namespace lockstep::kinds
