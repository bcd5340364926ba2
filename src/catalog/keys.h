// The names of attributes that more than one file reads, typed: the one place that declares them. A name that only one kind or
// recipe uses stays in that file. An attribute that two kinds have with different types has two keys, named by the kind.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/value.h"

namespace lockstep::catalog::keys {

inline constexpr Attr<std::string> kAccessMethod{"access_method"};
inline constexpr Attr<std::string> kAction{"action"};
inline constexpr Attr<bool> kAllTables{"all_tables"};
inline constexpr Attr<std::string> kArguments{"arguments"};      // a routine's, as PostgreSQL prints them, defaults included
inline constexpr Attr<std::string> kAttachedTo{"attached_to"};   // the parent's index that this partition's index belongs to
inline constexpr Attr<List> kAttributeOrder{"attribute_order"};  // the names of a composite type's attributes, in order
inline constexpr Attr<std::string> kBody{"body"};
inline constexpr Attr<std::string> kBound{"bound"};           // a partition's FOR VALUES … or DEFAULT
inline constexpr std::string_view kDefaultBound = "DEFAULT";  // the value of kBound for a default partition
inline constexpr Attr<bool> kClustered{"clustered"};          // the table was clustered on it: CLUSTER without a name uses it
inline constexpr Attr<std::string> kCollation{"collation"};
inline constexpr Attr<List> kColumns{"columns"};
inline constexpr Attr<std::string> kCompression{"compression"};
inline constexpr Attr<bool> kConversionDefault{"default"};     // a conversion is the default one of its encodings
inline constexpr Attr<std::string> kDefault{"default"};        // an expression: an override's, a domain's or a view column's
inline constexpr Attr<std::string> kDeferrable{"deferrable"};  // a constraint's words: deferrable, deferrable initially deferred
inline constexpr Attr<std::string> kDefinition{"definition"};  // what follows the name in its CREATE, as PostgreSQL prints it
inline constexpr Attr<std::string> kDescribed{"described"};    // an extension's comment in its control file
inline constexpr Attr<std::string> kEnabled{"enabled"};        // when a trigger or rule fires; absent: as it was created
inline constexpr Attr<bool> kEnforced{"enforced"};             // false: a NOT ENFORCED constraint (18 and later)
inline constexpr Attr<std::string> kEvents{"events"};
inline constexpr Attr<std::string> kExpression{"expression"};
inline constexpr Attr<bool> kExpressions{"expressions"};  // the index has a column that is an expression
inline constexpr Attr<std::string> kExtension{"extension"};
inline constexpr Attr<bool> kForceRowSecurity{"force_row_security"};
inline constexpr Attr<std::string> kFunction{"function"};
inline constexpr Attr<std::string> kGenerated{"generated"};               // a generated column's expression
inline constexpr Attr<std::string> kIdentity{"identity"};                 // always, by default
inline constexpr Attr<std::string> kIdentityOptions{"identity_options"};  // the options of an identity column's sequence
inline constexpr Attr<List> kInclude{"include"};
inline constexpr Attr<std::int64_t> kIncrement{"increment"};
inline constexpr Attr<List> kIndexStatistics{"statistics"};  // an index's targets, one for each of its expressions
inline constexpr Attr<bool> kInherited{"inherited"};         // the column comes from a parent
inline constexpr Attr<List> kInherits{"inherits"};           // the parents, each of them qualified
inline constexpr Attr<std::string> kLanguage{"language"};
inline constexpr Attr<std::int64_t> kMaximum{"maximum"};
inline constexpr Attr<std::int64_t> kMinimum{"minimum"};
inline constexpr Attr<std::string> kMultirange{"multirange"};
inline constexpr Attr<bool> kNoDefault{"no_default"};  // the column has no default, although its parent's has
inline constexpr Attr<bool> kNotNull{"not_null"};
inline constexpr Attr<std::string> kNotNullName{"not_null_name"};  // a constraint's, from 18 on; no file can state it
inline constexpr Attr<bool> kNullsNotDistinct{"nulls_not_distinct"};
inline constexpr Attr<std::string> kOfType{"of_type"};
inline constexpr Attr<List> kOptions{"options"};
inline constexpr Attr<List> kOwnedBy{"owned_by"};          // the column that a sequence is dropped with
inline constexpr Attr<std::string> kParserStart{"start"};  // a text search parser's function
inline constexpr Attr<std::string> kPartitionBy{"partition_by"};
inline constexpr Attr<List> kPartitionOf{"partition_of"};   // the parent's path
inline constexpr Attr<std::int64_t> kPosition{"position"};  // a column's attnum
inline constexpr Attr<List> kPrivileges{"privileges"};
inline constexpr std::string_view kWithGrantOption = " WITH GRANT OPTION";  // ends a privilege that its grantee may grant
inline constexpr Attr<std::string> kQuery{"query"};
inline constexpr Attr<List> kReferencedColumns{"referenced_columns"};
inline constexpr Attr<List> kReferences{"references"};
inline constexpr Attr<List> kRelations{"relations"};
inline constexpr Attr<std::string> kReplicaIdentity{"replica_identity"};
inline constexpr Attr<std::string> kResult{"result"};
inline constexpr Attr<std::string> kReverse{"reverse"};  // the statement that takes it back
inline constexpr Attr<List> kRoles{"roles"};
inline constexpr Attr<bool> kRowSecurity{"row_security"};
inline constexpr Attr<std::string> kSchema{"schema"};
inline constexpr Attr<std::int64_t> kStart{"start"};            // a sequence's first value
inline constexpr Attr<std::int64_t> kStatistics{"statistics"};  // a column's target
inline constexpr Attr<std::string> kStorage{"storage"};
inline constexpr Attr<std::string> kSubtype{"subtype"};
inline constexpr Attr<std::string> kTablespace{"tablespace"};
inline constexpr Attr<std::string> kText{"text"};
inline constexpr Attr<std::string> kType{"type"};
inline constexpr Attr<bool> kUnique{"unique"};
inline constexpr Attr<bool> kUnlogged{"unlogged"};
inline constexpr Attr<bool> kUnpopulated{"unpopulated"};  // a materialized view WITH NO DATA
inline constexpr Attr<bool> kValid{"valid"};
inline constexpr Attr<List> kValues{"values"};
inline constexpr Attr<std::string> kVersion{"version"};
inline constexpr Attr<bool> kVirtual{"virtual"};  // a generated column isn't stored
inline constexpr Attr<bool> kWithoutOverlaps{"without_overlaps"};

}  // namespace lockstep::catalog::keys

namespace lockstep {
namespace keys = catalog::keys;
}
