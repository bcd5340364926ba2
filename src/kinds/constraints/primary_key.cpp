// A table's primary key. Its index is part of it; recipes/unique_constraint.h describes how it is built.
#include "catalog/keys.h"
#include "kinds/constraints/constraint_text.h"
#include "kinds/constraints/displaced.h"
#include "kinds/constraints/key_constraint.h"
#include "kinds/kinds_list.h"

namespace lockstep::kinds {
namespace primary_key {
namespace {

std::string introspect(int server_version) {
  return introspect_key('p', server_version);
}
Steps create(const Object& key, const Context& context) {
  return create_key(key, context, true);
}
Steps change(const Change&, const Object& from, const Object& to, const Context& context) {
  return change_key(from, to, context, true);
}
std::string declare(const Object& key, const Catalog&) {
  return declare_key(key, "primary key");
}

constexpr AttrSpec kAttributes[] = {
    {.name = keys::kColumns.name, .type = ValueType::list, .recipe = change, .by_successor = true},
    {.name = keys::kInclude.name, .type = ValueType::list, .recipe = change, .by_successor = true},
    {.name = keys::kWithoutOverlaps.name, .type = ValueType::boolean, .recipe = change, .by_successor = true},
    {.name = keys::kDeferrable.name, .recipe = change, .by_successor = true},
    {.name = keys::kOptions.name, .type = ValueType::list, .recipe = change, .by_successor = true},
    {.name = keys::kTablespace.name, .recipe = change, .by_successor = true},
    {.name = keys::kClustered.name, .type = ValueType::boolean, .recipe = change_clustered},
    {.name = keys::kAttachedTo.name, .recipe = change_attached},
};

}  // namespace
}  // namespace primary_key

constinit const KindSpec kPrimaryKey{
    .tag = {"primary_key"},
    .keyword = "CONSTRAINT",
    .introspect = primary_key::introspect,
    .attributes = primary_key::kAttributes,
    .create = primary_key::create,
    .drop = drop_key,
    .address = constraint_address,
    .declare = primary_key::declare,
    .rename = rename_constraint,
    .uses = key_uses,
    .precedes = serves_index,
    .name_scope = NameScope::relations,
    .renamed_when_alike = true,
    .displaces = displaced_by_primary_key,
};

}  // namespace lockstep::kinds
