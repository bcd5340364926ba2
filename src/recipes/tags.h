// The kinds that recipes look for among the objects, by name: this module is below the list of kinds.
#pragma once

#include "catalog/object.h"

namespace lockstep::recipes {

inline const catalog::KindTag* const kAttribute = catalog::intern_kind("attribute");
inline const catalog::KindTag* const kCheck = catalog::intern_kind("check");
inline const catalog::KindTag* const kColumn = catalog::intern_kind("column");
inline const catalog::KindTag* const kComment = catalog::intern_kind("comment");
inline const catalog::KindTag* const kComposite = catalog::intern_kind("composite");
inline const catalog::KindTag* const kDefault = catalog::intern_kind("default");
inline const catalog::KindTag* const kDomain = catalog::intern_kind("domain");
inline const catalog::KindTag* const kDomainConstraint = catalog::intern_kind("domain_constraint");
inline const catalog::KindTag* const kEnum = catalog::intern_kind("enum");
inline const catalog::KindTag* const kExtension = catalog::intern_kind("extension");
inline const catalog::KindTag* const kForeignKey = catalog::intern_kind("foreign_key");
inline const catalog::KindTag* const kIndex = catalog::intern_kind("index");
inline const catalog::KindTag* const kIndexComment = catalog::intern_kind("index_comment");
inline const catalog::KindTag* const kOverride = catalog::intern_kind("override");
inline const catalog::KindTag* const kPolicy = catalog::intern_kind("policy");
inline const catalog::KindTag* const kPrimaryKey = catalog::intern_kind("primary_key");
inline const catalog::KindTag* const kPublication = catalog::intern_kind("publication");
inline const catalog::KindTag* const kRange = catalog::intern_kind("range");
inline const catalog::KindTag* const kRule = catalog::intern_kind("rule");
inline const catalog::KindTag* const kSequence = catalog::intern_kind("sequence");
inline const catalog::KindTag* const kTable = catalog::intern_kind("table");
inline const catalog::KindTag* const kTrigger = catalog::intern_kind("trigger");
inline const catalog::KindTag* const kUnique = catalog::intern_kind("unique");

}  // namespace lockstep::recipes
