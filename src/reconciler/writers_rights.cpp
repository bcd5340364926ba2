#include "reconciler/writers_rights.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "catalog/keys.h"
#include "kinds/registry.h"
#include "kinds/values/evaluated.h"
#include "postgres/writers.h"
#include "recipes/fill.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "recipes/transitional.h"
#include "reconciler/intents.h"
#include "support/sql_text.h"

namespace lockstep::reconciler {
namespace {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using catalog::Path;
using plan::Helper;
using postgres::NeededRight;
using support::quote_identifier;

constexpr std::string_view kPublic = "PUBLIC";

bool is_trigger_made(const Helper& helper) {
  const bool mirrors = helper.role == recipes::kMirrorTrigger || helper.role == recipes::kSecondNameTrigger;
  return helper.change == Helper::Change::made && helper.names.size() == 3 && (mirrors || recipes::fills(helper));
}

// Whether the grant's list has one of these privileges.
bool gives(const Object& grant, std::initializer_list<std::string_view> privileges) {
  const catalog::List list = grant.get(keys::kPrivileges);
  return std::any_of(list.begin(), list.end(), [&](const std::string& item) {
    return item == "ALL" || std::any_of(privileges.begin(), privileges.end(), [&](std::string_view privilege) {
             return item == privilege || item == std::string(privilege) + std::string(keys::kWithGrantOption);
           });
  });
}

class RightsFinder {
 public:
  RightsFinder(plan::Plan& plan, elaborator::Copy& copy, postgres::Session& target, const planner::Input& input,
               const postgres::Snapshot& live)
      : plan_(plan), copy_(copy), target_(target), input_(input), live_(live) {}

  void run() {
    for (std::size_t at = 0; at < plan_.steps.size(); ++at) {
      if (plan_.steps[at].phase >= plan::Phase::contract) continue;  // those of a hold let every row through
      std::map<Path, Needed> tables;
      for (const Helper& helper : plan_.steps[at].helpers) {
        if (is_trigger_made(helper)) add(tables[{helper.names[0], helper.names[1]}], plan_.steps[at], helper);
      }
      for (const auto& [table, needs] : tables) {
        warn(at, table, needs, "the transitional trigger of " + support::qualified(table) + " calls or reads this",
             "INSERTs into " + support::qualified(table) + " and UPDATEs of it with these rights fail");
      }
    }
    standing();
  }

 private:
  // What the plan leaves on tables that are written to already.
  void standing() {
    struct Evaluated {
      Needed needs;
      std::vector<std::string> objects;
    };
    std::map<std::pair<std::size_t, Path>, Evaluated> found;
    for (const auto& change : input_.changes) {
      if (change.what == catalog::Change::What::removed || !kinds::evaluated_by_writers(change.id)) continue;
      const ObjectId table = recipes::relation_of(change.id);
      if (!input_.from.contains(table)) continue;
      Needed needs;
      const kinds::Called before = kinds::called_by(input_.from, change.id), now = kinds::called_by(input_.to, change.id);
      add_new(needs.routines, before.routines, now.routines);
      add_new(needs.sequences, before.sequences, now.sequences);
      const auto& parent = input_.to.find(change.id)->parent;  // a default comes with its column
      const auto made = [&](const ObjectId& id) {
        return std::find_if(plan_.steps.begin(), plan_.steps.end(),
                            [&](const plan::Step& one) { return plan::names(one.produces, id); });
      };
      auto step = made(change.id);
      if (step == plan_.steps.end() && parent) step = made(*parent);
      if ((needs.routines.empty() && needs.sequences.empty()) || step == plan_.steps.end()) continue;
      Evaluated& here = found[{static_cast<std::size_t>(step - plan_.steps.begin()), table.path}];
      here.needs.routines.merge(needs.routines);
      here.needs.sequences.merge(needs.sequences);
      here.objects.push_back(catalog::to_string(change.id));
    }
    for (const auto& [where, evaluated] : found) {
      warn(where.first, where.second, evaluated.needs, "PostgreSQL evaluates " + support::join(evaluated.objects, ", "),
           "an INSERT into " + support::qualified(where.second) + " or UPDATE of it for which it does fails with these rights");
    }
  }

  static void add_new(std::set<Path>& added, const std::set<Path>& before, const std::set<Path>& now) {
    std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::inserter(added, added.end()));
  }

  void add(Needed& needs, const plan::Step& step, const Helper& trigger) {
    if (recipes::fills(trigger)) {
      for (const Helper& helper : step.helpers) {  // the function serves the column that has the expression
        const ObjectId column = column_of(helper.subject);
        const auto intent = input_.intents.find(column);
        if (helper.change != Helper::Change::made || helper.names.size() != 2 || helper.names.back() != trigger.names.back())
          continue;
        if (intent != input_.intents.end() && intent->second.backfill)
          read(needs, column, *intent->second.backfill, input_.to, {});
      }
      return;
    }
    const bool two_ways = trigger.role == recipes::kSecondNameTrigger;
    const auto columns = succeeded(step, {trigger.names[0], trigger.names[1]});
    for (const ObjectId& column : columns) {
      const auto intent = input_.intents.find(column);
      const bool by_author = intent != input_.intents.end() && intent->second.convert.has_value();
      read(needs, column, by_author ? *intent->second.convert : quote_identifier(column.path[2]), input_.to, {});
      if (!two_ways || (by_author && !intent->second.convert_back)) continue;
      read(needs, column, by_author ? *intent->second.convert_back : quote_identifier(column.path[2]), input_.from,
           as_retyped(input_.changes, column.path, input_.to));
    }
  }

  ObjectId column_of(const Path& path) const { return {recipes::kColumn, path}; }

  // The columns of the table that get successors in the step.
  std::vector<ObjectId> succeeded(const plan::Step& step, const Path& table) const {
    std::vector<ObjectId> columns;
    for (const Helper& helper : step.helpers) {
      if (helper.change != Helper::Change::made || helper.type != "table column" || helper.subject.size() != 3) continue;
      const ObjectId column = column_of(helper.subject);
      if (Path{column.path[0], column.path[1]} == table && input_.from.contains(column) && input_.to.contains(column))
        columns.push_back(column);
    }
    return columns;
  }

  void read(Needed& needs, const ObjectId& column, const std::string& expression, const Catalog& typed,
            const std::vector<std::string>& first) {
    const Object* object = typed.find(column);
    if (object == nullptr || !object->has(keys::kType)) return;
    const auto ask = [&](const std::vector<std::string>& statements) {
      return needs_of(copy_, column, expression, object->get(keys::kType), statements, input_.changes, input_.to);
    };
    auto found = ask(first);
    if (!found) {  // perhaps it names what the plan creates
      std::vector<std::string> made = created();
      made.insert(made.end(), first.begin(), first.end());
      found = ask(made);
    }
    if (!found) return;
    needs.routines.merge(found->routines);
    needs.schemas.merge(found->schemas);
    needs.relations.merge(found->relations);
  }

  // What is created for an expression, tried twice, since a routine may call another one.
  std::vector<std::string> created() const {
    const kinds::Context context{.from = input_.from,
                                 .to = input_.to,
                                 .is_new = [](const ObjectId&) { return true; },
                                 .online = [](const ObjectId&) { return false; }};
    std::vector<std::string> statements;
    for (const bool again : {false, true}) {
      for (const auto& change : input_.changes) {
        if (change.what != catalog::Change::What::added) continue;
        const auto& kind = kinds::of(change.id);
        const bool schema = change.id.path.size() == 1 && kinds::schema_of(change.id) == change.id.path[0];
        if (!(schema && !again) && !kinds::is_type(kind) && !kinds::is_routine(kind)) continue;
        for (const auto& step : kind.create(*input_.to.find(change.id), context))
          statements.insert(statements.end(), step.sql.begin(), step.sql.end());
      }
    }
    return statements;
  }

  void warn(std::size_t at, const Path& table, const Needed& needs, const std::string& what, const std::string& fails) {
    std::vector<NeededRight> rights;
    for (const Path& path : needs.routines) {
      const std::string shown = support::qualified(path[0], path[1]) + "(" + path[2] + ")";
      rights.push_back(right(at, {NeededRight::On::routine, path, "", {}, false, "EXECUTE on function " + shown}, {"EXECUTE"}));
    }
    for (const std::string& schema : needs.schemas)
      rights.push_back(right(
          at, {NeededRight::On::schema, {schema}, "", {}, false, "USAGE on schema " + quote_identifier(schema)}, {"USAGE"}));
    for (const auto& [path, column] : needs.relations) {
      const std::string shown = support::qualified(path) + (column.empty() ? "" : "." + quote_identifier(column));
      rights.push_back(right(at, {NeededRight::On::column, path, column, {}, false, "SELECT on " + shown}, {"SELECT"}));
    }
    for (const Path& path : needs.sequences)
      rights.push_back(right(at,
                             {NeededRight::On::sequence, path, "", {}, false, "USAGE on sequence " + support::qualified(path)},
                             {"USAGE", "UPDATE"}));
    if (rights.empty()) return;
    std::map<std::string, std::vector<std::string>> who;  // by what is lacking
    for (const auto& one : postgres::lacking_rights(target_, table, writers(table), rights))
      who[one.shown].push_back(one.role ? "role " + quote_identifier(*one.role) : "PUBLIC");
    if (who.empty()) return;
    std::vector<std::string> parts;
    for (const auto& [shown, roles] : who)
      parts.push_back(support::join(roles, ", ") + (roles.size() == 1 ? " lacks " : " lack ") + shown);
    plan_.steps[at].consequences.push_back(
        {"breaking", support::join(table, "."),
         "from here on " + what + " with the rights of who writes a row, and " + support::join(parts, ", ") + ": " + fails});
  }

  // Roles that the files let write to the table; empty: PUBLIC.
  std::vector<std::string> writers(const Path& table) const {
    std::vector<std::string> roles;
    for (const Object& object : input_.to.objects()) {
      const auto& kind = kinds::of(object.id);
      const bool here = object.id.path.size() >= 2 && object.id.path[0] == table[0] && object.id.path[1] == table[1];
      if (here && object.id.path.size() == 2 && kind.is_relation() && object.has(kinds::kOwner))
        roles.push_back(object.get(kinds::kOwner));
      if (kind.placement != kinds::Placement::target_by_role || !gives(object, {"INSERT", "UPDATE"})) continue;
      const ObjectId target = kinds::target_of(object.id);
      const bool within = target.path.size() >= 2 && target.path[0] == table[0] && target.path[1] == table[1];
      if (!within || !(kinds::of(target).is_relation() || target.is(*recipes::kColumn))) continue;
      const std::string& grantee = object.id.path.back();
      roles.push_back(grantee == kPublic ? "" : grantee);
    }
    return roles;
  }

  // With who has it from the files by the time of the step.
  NeededRight right(std::size_t at, NeededRight needed, std::initializer_list<std::string_view> privileges) const {
    const auto is_meant = [&](const ObjectId& id) {
      if (needed.on == NeededRight::On::routine) return kinds::is_routine(kinds::of(id)) && id.path == needed.path;
      if (needed.on == NeededRight::On::schema) return id.path == needed.path && kinds::schema_of(id) == needed.path[0];
      return id.path == needed.path && kinds::of(id).is_relation();
    };
    bool closed = false;    // nothing is given to PUBLIC by itself
    bool succeeds = false;  // what has its name on the target now isn't it (an identity's own sequence)
    for (const Object& object : input_.to.objects()) {
      if (is_meant(object.id) && !input_.from.contains(object.id)) {
        needed.given.push_back(owner_of(object));
        needed.given_to_all = needed.on == NeededRight::On::routine && !taken_by_default(needed.path[0]);
        if (needed.on == NeededRight::On::sequence) {
          give_by_default(object.id, needed);
          needed.given.emplace_back("pg_write_all_data");
        }
        succeeds = needed.on == NeededRight::On::sequence;
      }
      if (kinds::of(object.id).placement != kinds::Placement::target_by_role || !is_meant(kinds::target_of(object.id))) continue;
      const std::string& grantee = object.id.path.back();
      const bool given = gives(object, privileges);
      if (grantee == kPublic && !given) closed = true;
      if (!given || !made_by(at, object.id)) continue;
      needed.given.push_back(grantee);
      if (grantee == kPublic) needed.given_to_all = true;
    }
    if (closed) needed.given_to_all = false;
    if (succeeds) needed.path = {};
    return needed;
  }

  // Of a new object. A sequence that belongs to a column has the owner of its table.
  std::string owner_of(const Object& object) const {
    const catalog::List column = object.get(keys::kOwnedBy);
    const Object* whole = &object;
    for (const Catalog* side : {&input_.to, &input_.from}) {
      if (whole != nullptr && whole->has(kinds::kOwner)) return whole->get(kinds::kOwner);
      const auto index = column.size() == 3 ? side->index_of({recipes::kColumn, column}) : std::nullopt;
      if (index) whole = &side->at(side->root(*index));
    }
    return whole->has(kinds::kOwner) ? whole->get(kinds::kOwner) : live_.current_user;
  }

  // What ALTER DEFAULT PRIVILEGES gives with a new sequence, unless the files manage its privileges.
  void give_by_default(const ObjectId& sequence, NeededRight& needed) const {
    const auto& parts = input_.to.children(*input_.to.index_of(sequence));
    const bool stated = std::any_of(parts.begin(), parts.end(), [&](const auto part) {
      return kinds::of(input_.to.at(part).id).placement == kinds::Placement::target_by_role;
    });
    if (stated || input_.manages_every_grant) return;
    for (const auto& one : live_.default_privileges) {
      const bool here = one.object_type == 'S' && (one.schema.empty() || one.schema == sequence.path[0]);
      const bool draws = std::any_of(one.privileges.begin(), one.privileges.end(), [](const std::string& item) {
        return item == "ALL" || item.starts_with("USAGE") || item.starts_with("UPDATE");
      });
      if (!here || !draws) continue;
      needed.given.push_back(one.grantee);
      if (one.grantee == kPublic) needed.given_to_all = true;
    }
  }

  bool taken_by_default(const std::string& schema) const {
    return std::any_of(live_.default_privileges.begin(), live_.default_privileges.end(), [&](const auto& one) {
      return one.object_type == 'f' && one.taken && (one.schema.empty() || one.schema == schema);
    });
  }

  bool made_by(std::size_t at, const ObjectId& grant) const {
    const auto end = plan_.steps.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    return std::any_of(plan_.steps.begin(), end, [&](const plan::Step& step) { return plan::names(step.produces, grant); });
  }

  plan::Plan& plan_;
  elaborator::Copy& copy_;
  postgres::Session& target_;
  const planner::Input& input_;
  const postgres::Snapshot& live_;
};

}  // namespace

void name_lacking_rights(plan::Plan& plan, elaborator::Copy& copy, postgres::Session& target, const planner::Input& input,
                         const postgres::Snapshot& live) {
  RightsFinder(plan, copy, target, input, live).run();
}

}  // namespace lockstep::reconciler
