#include "fleet/beside_others.h"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/gate.h"
#include "reconciler/beside.h"
#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

// The name of what the step changes or locks, of these objects; empty: nothing.
std::string shared(const plan::Step& step, const std::set<catalog::Path>& objects) {
  for (const auto* ids : {&step.produces, &step.destroys}) {
    for (const catalog::ObjectId& id : *ids) {
      if (objects.contains(reconciler::whole_of(id))) return catalog::to_string(id);
    }
  }
  for (const plan::RelationLock& lock : step.locks) {
    if (lock.mode < plan::LockMode::share_update_exclusive) continue;
    for (const catalog::Path& path : objects) {
      if (path.size() == 2 && support::qualified(path) == lock.relation) return lock.relation;
    }
  }
  return {};
}

}  // namespace

void require_beside(postgres::Session& session, const plan::Plan& plan, const Known& known) {
  for (const reconciler::Waiting& other : reconciler::waiting_runs(session, plan.undoes)) {
    const auto objects = reconciler::objects_of(other.plan);
    for (const plan::Step& step : plan.steps) {
      std::string what = shared(step, objects);
      for (const auto* ids : {&step.produces, &step.destroys}) {
        for (const catalog::ObjectId& id : *ids)
          if (what.empty() && reconciler::may_call(other, id)) what = catalog::to_string(id);
      }
      if (what.empty()) continue;
      const std::string where = target_words(known), run = other.run.substr(0, 8);
      throw support::RefusedError(
          support::visible_lines(fmt::format("step {} \"{}\" changes or locks {}, which run {} changes or calls too; that run "
                                             "waits at the gate. Nothing was changed.\n"
                                             "to finish that run:   lockstep apply --phase contract --run {} {}\n"
                                             "to take it back:      lockstep rollback {} {}\n"
                                             "Then run this command again.",
                                             step.id, step.title, what, other.run, run, where, run, where)));
    }
  }
}

}  // namespace lockstep::fleet
