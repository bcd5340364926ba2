#include "fleet/harmed_hold.h"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/gate.h"
#include "fleet/hold.h"
#include "fleet/open_run.h"
#include "fleet/present_columns.h"
#include "plan/plan_file.h"
#include "plan/undo.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using executor::RunRecord;
using executor::Transitional;
using plan::Helper;

bool is_hidden(const Helper& helper) {
  return plan::holds_former_values(helper) || plan::stands_for_former_type(helper);
}

Helper helper_of(const Transitional& one) {
  return {.role = one.role, .type = one.type, .names = one.names, .subject = one.subject};
}

// What these steps would take away, under the names that the run gave it.
std::vector<Helper> hidden_until(const plan::Steps& steps) {
  std::vector<Helper> list;
  for (const plan::Step& step : steps) {
    for (const Helper& helper : step.helpers)
      if (helper.change == Helper::Change::taken && is_hidden(helper)) list.push_back(helper);
  }
  return list;
}

struct Found {
  std::set<std::vector<std::string>> there;   // names, as the run gave them; also of what was renamed
  std::vector<Transitional> renamed;          // of what is hidden
  std::vector<Transitional> former;           // old columns of type changes, of descendants too
  std::set<std::vector<std::string>> filled;  // subjects of triggers
};

Found find(postgres::Session& session, const std::string& run) {
  Found found;
  const std::vector<Transitional> all = executor::transitional_objects(session);
  for (const Transitional& one : all) {
    if (one.run != run || !one.there) continue;
    if (one.named.empty()) found.there.insert(one.names);
    if (plan::stands_for_former_type(helper_of(one))) found.former.push_back(one);
  }
  for (const Transitional& one : all) {
    if (one.run != run || !one.there || found.there.contains(one.names)) continue;  // or a partition's copy of what is there
    if (is_hidden(helper_of(one)) && !one.named.empty()) found.renamed.push_back(one);
    found.there.insert(one.names);
  }
  for (const Transitional& one : all) {
    if (one.run == run && one.there && plan::is_trigger(helper_of(one))) found.filled.insert(one.subject);
  }
  return found;
}

std::string renamed_text(const Transitional& one) {
  return fmt::format("the {} of {} was renamed: it was {} and is {} now", one.role, support::qualified(one.subject),
                     support::qualified(one.names), support::qualified(one.named));
}

std::string missing_text(const Helper& helper, const std::string& run) {
  return fmt::format("{} {} is not there under the name that run {} gave it ({})", helper.role,
                     support::qualified(helper.subject), run.substr(0, 8), support::qualified(helper.names));
}

bool has_column(postgres::Session& session, const std::vector<std::string>& path) {
  return !session
              .query(
                  "SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND "
                  "a.attnum > 0 AND NOT a.attisdropped",
                  {support::qualified(path[0], path[1]), path[2]})
              .empty();
}

// "column app.t.note": what has the name that the hidden object is to have back; empty: nothing.
std::string in_its_place(postgres::Session& session, const Helper& helper) {
  if (!plan::holds_former_values(helper)) return {};
  if (helper.names.size() == 3) {
    const std::vector<std::string> path{helper.names[0], helper.names[1], helper.subject.back()};
    return has_column(session, path) ? "column " + support::qualified(path) : std::string();
  }
  const auto rows = session.query(
      "SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 0) FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 UNION ALL "
      "SELECT pg_catalog.pg_describe_object('pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0) FROM pg_catalog.pg_type t "
      "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND t.typname = $2 AND t.typrelid = 0 AND "
      "t.typelem = 0",
      {helper.names[0], helper.subject.back()});
  return rows.empty() ? std::string() : rows.text(0, 0);
}

std::vector<std::string> name_after(const plan::Plan& plan, std::vector<std::string> path) {
  for (const plan::Step& step : plan.steps) {
    if (!step.renames) continue;
    for (std::size_t i = 0; i < std::min(step.destroys.size(), step.produces.size()); ++i) {
      if (step.destroys[i].path != path) continue;
      path = step.produces[i].path;
      break;
    }
  }
  return path;
}

// The column that an old one is the former form of, by the name that it has now.
PresentColumn present_one(postgres::Session& session, const plan::Plan& plan, const Helper& helper) {
  const std::vector<std::string> after = name_after(plan, helper.subject);
  return {has_column(session, after) || !has_column(session, helper.subject) ? after : helper.subject, helper.names};
}

// The same, if it is gone; empty: it is there.
std::string present_one_gone(postgres::Session& session, const plan::Plan& plan, const Helper& helper) {
  if (!plan::stands_for_former_type(helper)) return {};
  const PresentColumn present = present_one(session, plan, helper);
  return has_column(session, present.path) ? std::string() : support::qualified(present.path);
}

// Whether the purge would save the values of an old column.
bool is_column_saved(const plan::Plan& rest, const Helper& former) {
  return std::any_of(rest.steps.begin(), rest.steps.end(), [&](const plan::Step& step) {
    return std::any_of(step.losses.begin(), step.losses.end(), [&](const auto& loss) {
      return loss.hidden == former.names.back() && loss.object == support::join(former.subject, ".");
    });
  });
}

// Whether the purge would save what is in the hidden relation.
bool is_saved(const plan::Plan& rest, const Helper& relation) {
  return std::any_of(rest.steps.begin(), rest.steps.end(), [&](const plan::Step& step) {
    return std::any_of(step.losses.begin(), step.losses.end(),
                       [&](const auto& loss) { return loss.hidden == support::qualified(relation.names); });
  });
}

struct Harm {
  std::vector<std::string> lines;
  bool missing = false;  // for good
};

Harm harm_of(postgres::Session& session, const RunRecord& run) {
  Harm harm;
  const plan::Plan plan = plan::from_json(run.plan_json);
  const Found found = find(session, run.id);
  for (const Transitional& one : found.renamed) harm.lines.push_back(renamed_text(one));
  const plan::Plan rest = rest_of(plan, done_steps(session, run));
  for (const Helper& helper : hidden_until(rest.steps)) {
    if (!found.there.contains(helper.names)) {
      if (helper.names.size() == 2 && !is_saved(rest, helper)) continue;  // the numbers of a sequence are missed at the end
      const bool refuses = helper.names.size() == 3 && found.filled.contains(helper.subject);
      harm.lines.push_back(missing_text(helper, run.id) +
                           (refuses
                                ? fmt::format("; a trigger of it is there: rows written to {} are refused until the hold ends",
                                              support::qualified(helper.names[0], helper.names[1]))
                                : std::string()));
      harm.missing = true;
    } else if (const std::string other = in_its_place(session, helper); !other.empty()) {
      harm.lines.push_back(
          fmt::format("{} has the name that {} {} is to have back", other, helper.role, support::qualified(helper.names)));
    } else if (const std::string gone = present_one_gone(session, plan, helper); !gone.empty()) {
      harm.lines.push_back(fmt::format("column {} is not there, with which {} {} is to change places", gone, helper.role,
                                       support::qualified(helper.names)));
    }
  }
  for (const Transitional& one : found.former) {
    const std::string present = present_one(session, plan, helper_of(one)).path.back();
    for (const std::string& given :
         given_since(session, plan, std::to_string(one.object_oid), std::to_string(one.attnum), present))
      harm.lines.push_back(
          given + " was granted, and the column that comes back doesn't have it: revoke it, and grant it again afterwards");
  }
  return harm;
}

// A column of the same name says nothing of the values that the run left.
void refuse_recreated(postgres::Session& session, const RunRecord& run, const plan::Plan& plan, const plan::Plan& rest,
                      const Helper& helper) {
  if (!plan::stands_for_former_type(helper) || is_column_saved(rest, helper)) return;
  const PresentColumn present = present_one(session, plan, helper);
  if (!was_recreated(session, present)) return;
  const std::string former = support::qualified(helper.names);
  throw support::RefusedError(support::visible(fmt::format(
      "run {} can't be purged: column {} is not the one that the run left, or has lost values since, and {} {}, which "
      "the purge would drop, may have the only values of it. Nothing was changed. Copy from {} what is wanted, then "
      "drop {} by hand. Then run the same command again",
      run.id.substr(0, 8), support::qualified(present.path), helper.role, former, former, former)));
}

}  // namespace

bool is_hidden_by_hold(const Transitional& one) {
  return is_hidden(helper_of(one));
}

MissingOfHold missing_of_hold(postgres::Session& session, const RunRecord& run, const plan::Plan& rest) {
  const Found found = find(session, run.id);
  if (!found.renamed.empty())
    throw support::RefusedError(
        support::visible("run " + run.id.substr(0, 8) + " can't be purged: " + renamed_text(found.renamed.front()) +
                         ". Nothing was changed. Give it its name back, then run the same command again"));
  const plan::Plan plan = plan::from_json(run.plan_json);
  MissingOfHold missing;
  std::set<std::string> names;  // as plan::Loss::hidden has them
  for (const Helper& helper : hidden_until(rest.steps)) {
    if (found.there.contains(helper.names)) {
      const std::string gone = present_one_gone(session, plan, helper);
      if (gone.empty()) {
        refuse_recreated(session, run, plan, rest, helper);
        continue;
      }
      throw support::RefusedError(support::visible(fmt::format(
          "run {} can't be purged: column {} is not there any more, and {} {}, which the purge would drop, may have the only "
          "values of it. Nothing was changed. Give that column its name back if it was renamed; or drop {} by hand. Then run the "
          "same command again",
          run.id.substr(0, 8), gone, helper.role, support::qualified(helper.names), support::qualified(helper.names))));
    }
    names.insert(helper.names.size() == 2 ? support::qualified(helper.names) : helper.names.back());
    missing.told.push_back(missing_text(helper, run.id));
  }
  const auto is_about = [&](const plan::Step& step) {
    return std::any_of(step.losses.begin(), step.losses.end(), [&](const auto& loss) { return names.contains(loss.hidden); }) ||
           std::any_of(step.helpers.begin(), step.helpers.end(), [&](const Helper& helper) {
             return helper.change == Helper::Change::taken && is_hidden(helper) && !found.there.contains(helper.names);
           });
  };
  for (const plan::Step& step : rest.steps) {
    if (is_about(step)) missing.steps.insert(step.id);
  }
  return missing;
}

void refuse_retyped(postgres::Session& session, const RunRecord& run, const catalog::Catalog& live) {
  const plan::Plan plan = plan::from_json(run.plan_json);
  for (const Helper& helper : hidden_until(plan.steps)) {
    if (!plan::stands_for_former_type(helper)) continue;
    const PresentColumn present = present_one(session, plan, helper);
    const std::string since = type_since(session, live, present.path);
    if (since.empty()) continue;
    const std::string former = support::qualified(helper.names);
    throw support::RefusedError(support::visible(
        fmt::format("run {} can't be purged: column {} was changed by hand since ({}), and {} {}, which the purge "
                    "would drop, may have values that it doesn't have. Nothing was changed. Give the column that "
                    "type back; or drop {} by hand. Then run the same command again",
                    run.id.substr(0, 8), support::qualified(present.path), since, helper.role, former, former)));
  }
}

void require_whole_hold(postgres::Session& session, const RunRecord& run, const Known& known) {
  if (!run.held()) return;
  const auto all = holds(session);
  const auto hold = std::find_if(all.begin(), all.end(), [&](const Hold& one) { return one.run == run.id; });
  if (hold == all.end() || !hold->given_up.empty()) return;  // a part of it came back, and is not there for that reason
  Harm harm = harm_of(session, run);
  if (harm.lines.empty()) return;
  for (std::string& line : harm.lines) line = support::visible(line);
  const std::string id = run.id.substr(0, 8), where = target_words(known);
  const std::string next =
      harm.missing ? fmt::format(
                         "What is gone can't come back with its values. To end the hold, which saves and removes the rest "
                         "of it:\n  lockstep purge {}{} {}\nAfter that `lockstep rollback {}` recreates what the run "
                         "took away, and writes back what was saved.",
                         id, run.hold_over ? "" : " --early REASON", where, id)
                   : fmt::format(
                         "Give what was renamed its name back, and rename or drop what is in the way. Then run this command "
                         "again. Or end the hold: lockstep purge {}{} {}",
                         id, run.hold_over ? "" : " --early REASON", where);
  throw support::RefusedError(
      fmt::format("run {} can't be taken back out of its hold, since somebody has changed by hand what it keeps:{}\nNothing was "
                  "changed by this command; all else that the run keeps is hidden as before.\n{}",
                  id, support::listed(harm.lines), next));
}

}  // namespace lockstep::fleet
