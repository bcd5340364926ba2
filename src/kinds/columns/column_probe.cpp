#include "kinds/columns/column_probe.h"

#include <algorithm>
#include <set>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

using support::quote_identifier;

constexpr std::string_view kCopy = "lockstep_probe";

// Types that the plan will have created by then. The probe's transaction creates them too.
class NewTypes {
 public:
  NewTypes(const Catalog& live, const Catalog& desired)
      : live_(live),
        desired_(desired),
        context_{.from = nothing_,
                 .to = desired,
                 .intents = intents_,
                 .facts = facts_,
                 .is_new = [](const ObjectId&) { return true; },
                 .online = [](const ObjectId&) { return false; },
                 .probes = probes_,
                 .elaborating = true} {}

  std::vector<std::string> for_object(const ObjectId& id) {
    look_under(*desired_.index_of(id));
    return std::move(sql_);
  }

 private:
  void look_under(catalog::Index object) {
    for (const auto& edge : desired_.edges_from(object)) {
      const ObjectId& used = desired_.at(edge.referenced).id;
      const bool type = used.is(kEnum.tag) || used.is(kDomain.tag) || used.is(kComposite.tag) || used.is(kRange.tag);
      if (!type || live_.contains(used) || !seen_.insert(used).second) continue;
      look_under(edge.referenced);
      for (const auto child : desired_.children(edge.referenced)) {
        if (of(desired_.at(child).id).made_with_parent) look_under(child);
      }
      make(edge.referenced);
    }
  }

  // With its constraints, because PostgreSQL reads every row for a domain with constraints.
  void make(catalog::Index type) {
    add(type);
    for (const auto child : desired_.children(type)) {
      if (desired_.at(child).id.is(kDomainConstraint.tag)) add(child);
    }
  }

  void add(catalog::Index object) {
    for (auto& step : of(desired_.at(object).id).create(desired_.at(object), context_)) {
      sql_.insert(sql_.end(), step.sql.begin(), step.sql.end());
    }
  }

  const Catalog& live_;
  const Catalog& desired_;
  const Catalog nothing_;
  const catalog::Intents intents_;
  const std::map<ObjectId, recipes::TableFacts> facts_;
  const std::map<ObjectId, recipes::ColumnProbe> probes_;
  const Context context_;
  std::set<ObjectId> seen_;
  std::vector<std::string> sql_;
};

std::string adding(const Object& column, const Catalog& desired) {
  const Object* value = desired.find({&kDefault.tag, column.id.path});
  return "ALTER TABLE " + recipes::relation_name(column.id) + " ADD COLUMN " + column_definition(column) +
         (value != nullptr ? " DEFAULT " + value->get(keys::kExpression) : "");
}

bool is_enum(const Object& column, const Catalog& side) {
  const auto& edges = side.edges_from(*side.index_of(column.id));
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return side.at(edge.referenced).id.is(kEnum.tag); });
}

// On a copy of the table, without what on the table itself prevents the change and is dropped and recreated around it (a view,
// a CHECK); on the table if it can't be copied. `convert`: the author's expression; null: there is none.
std::vector<ProbeAttempt> retyping(const Object& before, const Object& column, const std::string* convert, const Catalog& live,
                                   const Catalog& desired) {
  const std::string name = quote_identifier(column.id.path.back()), type = column.get(keys::kType), old = before.get(keys::kType);
  const std::string table = recipes::relation_name(column.id), copy = support::qualified(column.id.path[0], kCopy);
  const std::string retype =
      "ALTER COLUMN " + name + " TYPE " + type + (column.has(keys::kCollation) ? " COLLATE " + column.get(keys::kCollation) : "");
  const auto made = NewTypes(live, desired).for_object(column.id);
  std::vector<ProbeAttempt> attempts;
  const auto attempt = [&](const ObjectId& key, const std::string& clause, const std::string& back) {
    std::vector<std::string> needs = made;
    if (!back.empty()) needs.push_back("SELECT " + back);
    if (column.has(keys::kGenerated)) {  // it has no default and accepts no USING
      attempts.push_back({.key = key, .before = needs, .statement = "ALTER TABLE " + table + " " + retype});
      return;
    }
    const std::string actions = " ALTER COLUMN " + name + " DROP DEFAULT, " + retype + clause;
    std::vector<std::string> with_copy = needs;
    with_copy.push_back("CREATE TABLE " + copy + " (LIKE " + table + " INCLUDING STORAGE INCLUDING INDEXES)");
    const bool converts = convert != nullptr;
    attempts.push_back({key, std::move(with_copy), "ALTER TABLE " + copy + actions, converts});
    attempts.push_back({key, std::move(needs), "ALTER TABLE " + table + actions, converts});
  };
  if (convert != nullptr) {  // it may rewrite where the cast would not, and the other way round
    attempt(column.id, " USING (" + *convert + ")", {});
    return attempts;
  }
  attempt(column.id, {}, {});
  if (column.has(keys::kGenerated) || type == old) return attempts;
  const ObjectId written_out = recipes::cast_written_out(column.id);
  attempt(written_out, " USING " + name + "::" + type, "(NULL::" + type + ")::" + old);
  if (is_enum(before, live) && is_enum(column, desired)) attempt(written_out, " USING " + name + "::text::" + type, {});
  return attempts;
}

// A domain over another type is recreated and its columns are converted. The probe uses a table with one such column.
std::vector<ProbeAttempt> retyping_domain(const Change& change, const Catalog& live, const Catalog& desired) {
  const Object &before = *live.find(change.id), &after = *desired.find(change.id);
  const std::string table = support::qualified(change.id.path[0], kCopy);
  std::vector<std::string> made = NewTypes(live, desired).for_object(change.id);
  made.push_back("CREATE TABLE " + table + " (c " + before.get(keys::kType) + ")");
  const std::string retype = "ALTER TABLE " + table + " ALTER COLUMN c TYPE " + after.get(keys::kType);
  std::vector<std::string> back = made;
  back.push_back("SELECT (NULL::" + after.get(keys::kType) + ")::" + before.get(keys::kType));
  return {
      {.key = change.id, .before = made, .statement = retype},
      {.key = recipes::cast_written_out(change.id), .before = back, .statement = retype + " USING c::" + after.get(keys::kType)}};
}

}  // namespace

std::vector<ProbeAttempt> column_probe(const Change& change, const Catalog& live, const Catalog& desired,
                                       const catalog::Intents& intents) {
  const bool set = change.what == Change::What::set;
  if (change.id.is(kDomain.tag) && set && changes(change, keys::kType.name)) return retyping_domain(change, live, desired);
  if (!change.id.is(kColumn.tag) || change.what == Change::What::removed || is_inherited(*desired.find(change.id))) return {};
  if (!set) {
    if (!live.contains(recipes::relation_of(change.id))) return {};
    return {{.key = change.id,
             .before = NewTypes(live, desired).for_object(change.id),
             .statement = adding(*desired.find(change.id), desired)}};
  }
  if (!changes(change, keys::kType.name) && !changes(change, keys::kCollation.name)) return {};
  const auto intent = intents.find(change.id);
  const bool converts = changes(change, keys::kType.name) && intent != intents.end() && intent->second.convert;
  return retyping(*live.find(change.id), *desired.find(change.id), converts ? &*intent->second.convert : nullptr, live, desired);
}

}  // namespace lockstep::kinds
