#include "kinds/recreation/back_mirror.h"

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/recreation/type_succession.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "recipes/trigger_function.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::relation_name;
using support::quote_identifier;

namespace {

std::string digest_of(const ObjectId& column) {
  return support::sha256(catalog::to_string(column)).substr(0, 12);
}

}  // namespace

BackMirror::BackMirror(const recipes::Succession::Column& column, const Context& back, Names under)
    : column_(column), context_(back), under_(under) {}

bool BackMirror::has_new_names() const {
  return under_ == Names::of_hold && !column_.held_beside.empty();
}

// Its names tell which names it knows: one takes the other's place as the names come back.
std::string BackMirror::function() const {
  return "zz_lockstep_back_" + digest_of(column_.id) + (has_new_names() ? "_n" : "");
}

std::string BackMirror::trigger() const {
  return std::string(kLastTrigger) + "back_" + digest_of(column_.id) + (has_new_names() ? "_n" : "");
}

std::string BackMirror::present() const {
  return quote_identifier(has_new_names() ? column_.held_beside : column_.id.path[2]);
}

// Expressions are written in the names before.
std::string BackMirror::row(const std::string& record) const {
  std::string columns = "(" + record + ").*";
  if (under_ == Names::of_hold) {
    for (const auto& succession : context_.successions->all) {
      for (const auto& one : succession.columns) {
        if (!one.held_beside.empty() && recipes::relation_of(one.id) == recipes::relation_of(column_.id))
          columns += ", " + record + "." + quote_identifier(one.held_beside) + " AS " + quote_identifier(one.id.path[2]);
      }
    }
  }
  return " FROM (SELECT " + columns + ") AS " + quote_identifier(column_.id.path[1]);
}

// A cast may round or cut.
std::string BackMirror::unless_it_survives() const {
  if (context_.intents.contains(column_.id) || !column_.type.empty()) return {};
  const std::string target = "NEW." + quote_identifier(column_.successor), now = "NEW." + present();
  const std::string type = context_.from.find(column_.id)->get(keys::kType);
  return "    IF " + recipes::differs(target + "::" + type, now, type) + " THEN\n      " + target + " := NULL;\n    END IF;\n";
}

std::string BackMirror::body() const {
  const std::string target = quote_identifier(column_.successor), name = present();
  const std::string is_untouched =
      "IF ROW(NEW." + name + ")::pg_catalog.record OPERATOR(pg_catalog.*=) ROW(OLD." + name + ")::pg_catalog.record THEN\n";
  // The author's own expression may read other columns of the row.
  const bool by_row = context_.intents.contains(column_.id);
  const std::string untouched =
      by_row ? "" : "  IF TG_OP = 'UPDATE' THEN\n    " + is_untouched + "      RETURN NEW;\n    END IF;\n  END IF;\n";
  const std::string kept = "NEW." + target + " := OLD." + target + ";\n";
  const std::string keep =
      !by_row ? "" : "    IF TG_OP = 'UPDATE' THEN\n      " + is_untouched + "        " + kept + "      END IF;\n    END IF;\n";
  const Object& old = *context_.to.find(column_.id);
  const auto computed = [&](const char* record, const std::string& into) {
    return "SELECT " + conversion_to_successor(column_, context_).assigned + " INTO " + into + row(record) + ";\n";
  };
  // What it gave before and gives now is the same: nothing that it reads has changed, and the former value, which it may not give
  // exactly, stays.
  const std::string unless_it_changed =
      !by_row ? ""
              : "    IF TG_OP = 'UPDATE' THEN\n      " + computed("OLD", "lockstep_former") + "      " + is_untouched +
                    "        IF ROW(lockstep_former)::pg_catalog.record OPERATOR(pg_catalog.*=) ROW(NEW." + target +
                    ")::pg_catalog.record THEN\n          " + kept + "        END IF;\n      END IF;\n    END IF;\n";
  const std::string declared = !by_row ? "" : "DECLARE\n  lockstep_former " + old.get(keys::kType) + ";\n";
  return declared + "BEGIN\n" + untouched + "  BEGIN\n    " + computed("NEW", "NEW." + target) + unless_it_survives() +
         unless_it_changed + "  EXCEPTION WHEN OTHERS THEN\n    NEW." + target + " := NULL;\n" + keep +
         "  END;\n  RETURN NEW;\nEND";
}

void BackMirror::create(Step& step) const {
  step.sql.push_back(recipes::trigger_function(function(), body(), {column_.settings.begin(), column_.settings.end()}));
  step.sql.push_back("CREATE TRIGGER " + quote_identifier(trigger()) + " BEFORE INSERT OR UPDATE ON " +
                     relation_name(column_.id) + " FOR EACH ROW EXECUTE FUNCTION lockstep." + function() + "()");
  step.sql.push_back("ALTER TABLE " + relation_name(column_.id) + " ENABLE ALWAYS TRIGGER " + quote_identifier(trigger()));
  for (plan::Helper& helper : helpers()) step.helpers.push_back(std::move(helper));
}

void BackMirror::drop(std::vector<std::string>& sql) const {
  sql.push_back("DROP TRIGGER IF EXISTS " + quote_identifier(trigger()) + " ON " + relation_name(column_.id));
  sql.push_back("DROP FUNCTION IF EXISTS lockstep." + function() + "()");
}

std::vector<plan::Helper> BackMirror::helpers() const {
  return {recipes::function_helper(recipes::kMirrorTrigger, column_.id, function()),
          recipes::trigger_helper(recipes::kMirrorTrigger, column_.id, trigger())};
}

std::string BackMirror::lost(const std::string& differ, const std::vector<const recipes::Succession::Column*>& columns) const {
  const std::string name = quote_identifier(column_.id.path[2]), old = quote_identifier(column_.successor);
  if (!column_.type.empty()) return lost_label(column_);
  // The change may have no value for what the way back gives, so it is asked last.
  return "CASE WHEN " + old + " IS NOT DISTINCT FROM NULL THEN " + name + " IS DISTINCT FROM NULL AND (" +
         recipes::conversion_of(*context_.to.find(column_.id), context_).value + ") IS DISTINCT FROM NULL WHEN " + differ +
         " THEN ROW(" + name + ")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(" + forward_again(columns) +
         ")::pg_catalog.record ELSE false END";
}

// What the change has made, or would make, of the old value. The author's expression sees the row that it was written for.
std::string BackMirror::forward_again(const std::vector<const recipes::Succession::Column*>& columns) const {
  const std::string type = context_.from.find(column_.id)->get(keys::kType);
  const auto intent = context_.intents.find(column_.id);
  if (intent == context_.intents.end() || !intent->second.convert_back) return quote_identifier(column_.successor) + "::" + type;
  const ObjectId table = recipes::relation_of(column_.id);
  std::vector<std::string> parts;
  for (const auto child : context_.from.children(*context_.from.index_of(table))) {
    const ObjectId& part = context_.from.at(child).id;
    if (!part.is(kColumn.tag)) continue;
    const auto retyped = std::find_if(columns.begin(), columns.end(), [&](const auto* one) { return one->id == part; });
    const std::string name = quote_identifier(part.path[2]);
    parts.push_back(retyped == columns.end() ? name : quote_identifier((*retyped)->successor) + " AS " + name);
  }
  return "(SELECT (" + *intent->second.convert_back + ")::" + type + " FROM (SELECT " + support::join(parts, ", ") + ") AS " +
         quote_identifier(table.path[1]) + ")";
}

Backwards::Backwards(const Context& forward)
    : context{.from = forward.to,
              .to = forward.from,
              .intents = intents,
              .facts = forward.facts,
              .server_version = forward.server_version,
              .is_new = [&forward](const ObjectId& id) { return !forward.to.contains(id); },
              .online = [](const ObjectId&) { return true; },
              .probes = probes,
              .successions = forward.successions->back.get(),
              .time_zones = forward.time_zones,
              .default_privileges = forward.default_privileges,
              .manages_every_grant = forward.manages_every_grant} {
  for (const auto& succession : forward.successions->all) {
    for (const auto& column : succession.columns) {
      // Nobody has tried how PostgreSQL converts back: the cast is written out, and each value is asked whether it survives it.
      probes[recipes::cast_written_out(column.id)] = {.rewrites = true, .scans = true, .builds = true};
      const auto intent = forward.intents.find(column.id);
      if (intent != forward.intents.end() && intent->second.convert_back)
        intents[column.id] = {
            .convert = intent->second.convert_back, .convert_back = intent->second.convert, .span = intent->second.span};
    }
  }
}

std::string lacking_former(const Mirror::Columns& columns, const Context& context) {
  std::vector<std::string> conditions;
  for (const auto* column : columns) {
    const std::string differ = "(" + Mirror(recipes::relation_of(column->id), {column}, context).differ() + ")";
    conditions.push_back(column->exact ? differ : BackMirror(*column, context, BackMirror::Names::before).lost(differ, columns));
  }
  return support::join(conditions, " OR ");
}

}  // namespace lockstep::kinds
