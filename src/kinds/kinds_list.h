// The kinds, one line each. registry.cpp lists them in order; other files refer to their tags through this header.
#pragma once

#include "kinds/kind.h"

namespace lockstep::kinds {

extern const KindSpec kSchema;
extern const KindSpec kExtension;
extern const KindSpec kEnum;
extern const KindSpec kDomain;
extern const KindSpec kDomainConstraint;
extern const KindSpec kComposite;
extern const KindSpec kAttribute;
extern const KindSpec kRange;
extern const KindSpec kCollation;
extern const KindSpec kSequence;
extern const KindSpec kFunction;
extern const KindSpec kProcedure;
extern const KindSpec kAggregate;
extern const KindSpec kCast;
extern const KindSpec kConversion;
extern const KindSpec kOperator;
extern const KindSpec kTextSearchParser;
extern const KindSpec kTextSearchTemplate;
extern const KindSpec kTextSearchDictionary;
extern const KindSpec kTextSearchConfiguration;
extern const KindSpec kForeignDataWrapper;
extern const KindSpec kForeignServer;
extern const KindSpec kUserMapping;
extern const KindSpec kTable;
extern const KindSpec kColumn;
extern const KindSpec kDefault;
extern const KindSpec kOverride;
extern const KindSpec kCheck;
extern const KindSpec kPrimaryKey;
extern const KindSpec kUnique;
extern const KindSpec kExclude;
extern const KindSpec kForeignKey;
extern const KindSpec kIndex;
extern const KindSpec kForeignTable;
extern const KindSpec kStatistics;
extern const KindSpec kView;
extern const KindSpec kViewColumn;
extern const KindSpec kMaterializedView;
extern const KindSpec kRule;
extern const KindSpec kTrigger;
extern const KindSpec kTriggerState;
extern const KindSpec kPolicy;
extern const KindSpec kPublication;
extern const KindSpec kEventTrigger;
extern const KindSpec kGrant;
extern const KindSpec kComment;
extern const KindSpec kIndexComment;
extern const KindSpec kSecurityLabel;
extern const KindSpec kDefaultPrivileges;
extern const KindSpec kExtensionPrivileges;

}  // namespace lockstep::kinds
