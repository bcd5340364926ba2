// The order of this list is the order of creation where nothing else decides. A line per kind, declared in kinds_list.h.
#include "kinds/registry.h"

#include <algorithm>
#include <array>

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
    &kPolicy,
    &kPublication,
    &kEventTrigger,
    &kGrant,
    &kComment,
    &kDefaultPrivileges,
});

}  // namespace

std::span<const KindSpec* const> all() {
  return kKinds;
}

const KindSpec* find(std::string_view name) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindSpec* kind) { return kind->tag.name == name; });
  return found == kKinds.end() ? nullptr : *found;
}

const KindSpec& of(const catalog::ObjectId& id) {
  return *kKinds[static_cast<std::size_t>(rank(id))];
}

int rank(const catalog::ObjectId& id) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const KindSpec* kind) { return &kind->tag == id.kind || kind->tag.name == id.kind->name; });
  if (found == kKinds.end()) throw support::InternalError("no kind is called " + std::string(id.kind->name));
  return static_cast<int>(found - kKinds.begin());
}

const AttrSpec* attribute(const KindSpec& kind, std::string_view name) {
  const auto found =
      std::find_if(kind.attributes.begin(), kind.attributes.end(), [&](const AttrSpec& item) { return item.name == name; });
  return found == kind.attributes.end() ? nullptr : &*found;
}

}  // namespace lockstep::kinds
