#include "postgres/dependencies.h"

#include <algorithm>

namespace lockstep::postgres {
namespace {

using catalog::Edge;
using catalog::Index;

constexpr int kLongestChain = 16;

// Some rows belong to an object although their dependency is only "automatic": a column's default that is no object of its own
// (on a view), a check of a foreign table, the relations of a publication, the members of an operator class. The SQL marks them
// ('I'). A default that a descendant's column inherits is treated like the parent's ('S').
// Left out: TOAST tables (nothing refers to them), and constraints that belong to their column or parent (NOT NULL since 18,
// inherited checks).
constexpr support::Sql kQuery = R"sql(
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid,
  CASE WHEN d.deptype = 'a' AND d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
      AND (d.refobjid, d.refobjsubid) IN (SELECT a.attrelid, a.attnum::pg_catalog.int4 FROM pg_catalog.pg_attribute a
        WHERE a.attinhcount > 0 AND a.attgenerated = '') THEN 'S'
    WHEN d.deptype = 'a' AND (d.classid IN ('pg_catalog.pg_attrdef'::pg_catalog.regclass,
           'pg_catalog.pg_amop'::pg_catalog.regclass, 'pg_catalog.pg_amproc'::pg_catalog.regclass)
         OR d.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass
         OR d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.refobjid IN (
           SELECT f.ftrelid FROM pg_catalog.pg_foreign_table f)) THEN 'I' ELSE d.deptype END
FROM pg_catalog.pg_depend d
WHERE (d.objid >= 16384 OR d.deptype = 'e')
  AND NOT (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid IN (
    SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = 'pg_toast'::pg_catalog.regnamespace))
  AND NOT (d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid IN (
    SELECT k.oid FROM pg_catalog.pg_constraint k WHERE k.contype = 'n' OR k.contype = 'c' AND NOT k.conislocal)))sql";

// If there are several owners: internal before "on its parent" before "on its partition".
int rank(char type) {
  return type == 'i' ? 0 : type == 'I' ? 1 : type == 'P' ? 2 : 3;
}

bool above(const std::vector<std::optional<Index>>& parents, Index ancestor, Index descendant) {
  for (std::optional<Index> at = descendant; at; at = parents[*at]) {
    if (*at == ancestor) return true;
  }
  return false;
}

std::vector<std::optional<Index>> parents_of(const ReadObjects& read) {
  std::unordered_map<catalog::ObjectId, Index, catalog::ObjectIdHash> by_id;
  by_id.reserve(read.objects.size());
  for (Index i = 0; i < read.objects.size(); ++i) by_id.emplace(read.objects[i].id, i);
  std::vector<std::optional<Index>> parents(read.objects.size());
  for (Index i = 0; i < read.objects.size(); ++i) {
    if (read.objects[i].parent) parents[i] = by_id.at(*read.objects[i].parent);
  }
  return parents;
}

}  // namespace

Dependencies::Dependencies(Session& session) {
  const Result result = session.execute(kQuery);
  rows_.reserve(result.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Row row{address_at(result, i, 0), address_at(result, i, 3), result.at(i, 6)->front()};
    if (row.type == 'e') {
      members_.insert(row.dependent.whole());
      extension_of_.emplace(row.dependent.whole(), row.referenced);
      continue;
    }
    if (row.type != 'n' && row.type != 'a' && row.dependent.sub == 0) {
      const auto [owner, fresh] = owners_.try_emplace(row.dependent, Owner{row.referenced, row.type});
      if (!fresh && rank(row.type) < rank(owner->second.type)) owner->second = {row.referenced, row.type};
    }
    rows_.push_back(row);
  }
}

Dependencies::Found Dependencies::find(const ReadObjects& read, Address address) const {
  Found found;
  for (int step = 0; step < kLongestChain; ++step) {
    for (const Address& candidate : {address, address.whole()}) {
      const auto object = read.by_address.find(candidate);
      if (object == read.by_address.end()) continue;
      found.object = object->second;
      return found;
    }
    address = address.whole();
    found.root = address;
    if (const auto extension = extension_of_.find(address); extension != extension_of_.end()) {
      found.member = true;
      address = extension->second;
      continue;
    }
    const auto owner = owners_.find(address);
    if (owner == owners_.end()) break;
    if (owner->second.type == 'P' || owner->second.type == 'S') found.clone = true;
    address = owner->second.address;
  }
  return found;
}

bool Dependencies::known(const ReadObjects& read, const Address& address) const {
  const Found found = find(read, address);
  return found.object || found.member || found.clone;
}

std::vector<Edge> Dependencies::edges(const ReadObjects& read) const {
  const auto parents = parents_of(read);
  std::vector<Edge> edges;
  edges.reserve(rows_.size());
  for (const Row& row : rows_) {
    const Found dependent = find(read, row.dependent);
    // A copy on a partition is dropped with its parent's object. An edge of its own would tie the parent's object to the
    // partition.
    if (!dependent.object || dependent.clone) continue;
    const Found referenced = find(read, row.referenced);
    if (!referenced.object) continue;
    const Index from = *dependent.object, to = *referenced.object;
    if (above(parents, from, to) || above(parents, to, from)) continue;
    // A part that can be dropped alone (a table's membership in a publication) doesn't drop the whole.
    const bool itself = read.by_address.find(row.dependent) != read.by_address.end();
    edges.push_back({from, to, row.type != 'n' && itself});
  }
  return edges;
}

std::unordered_map<Address, std::vector<Index>, AddressHash> Dependencies::left_over(const ReadObjects& read) const {
  std::unordered_map<Address, std::vector<Index>, AddressHash> result;
  for (const Row& row : rows_) {
    const Found dependent = find(read, row.dependent);
    if (dependent.object || dependent.member || dependent.clone) continue;
    std::vector<Index>& needs = result[dependent.root];
    const Found referenced = find(read, row.referenced);
    if (referenced.object) needs.push_back(*referenced.object);
  }
  return result;
}

}  // namespace lockstep::postgres
