#include "elaborator/attempt.h"

#include <set>

#include "elaborator/external_objects.h"
#include "elaborator/scratch_database.h"
#include "kinds/registry.h"
#include "session/limited_session.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using parser::Declared;

namespace {

// If an extension is not installed where scratch databases are created, it is used as declared, together with its satellites,
// because none of its attributes needs elaboration. Only if nothing else failed, since another failure may be caused by the
// missing extension.
void leave_untried(Attempt& attempt) {
  static const std::set<std::string> kNotInstalled = {"0A000", "58P01"};  // no control file, no script
  std::map<ObjectId, std::string> untried;
  for (const auto& failure : attempt.failures) {
    if (!known_by_name(kinds::of(failure.object)) || !kNotInstalled.contains(failure.facts.sqlstate)) continue;
    untried[failure.object] = failure.facts.message + " (on the scratch server)";
  }
  if (untried.empty() || !attempt.of_scripts.empty()) return;
  for (const auto& failure : attempt.failures) {
    if (untried.contains(failure.object)) continue;
    const auto about = kinds::of(failure.object).is_satellite() ? untried.find(kinds::target_of(failure.object)) : untried.end();
    if (about == untried.end()) return;
    untried[failure.object] = about->second;
  }
  attempt.untried = std::move(untried);
  attempt.failures.clear();
}

}  // namespace

std::string Attempt::said() const {
  std::string text;
  const auto add = [&text](const support::DatabaseError::Facts& facts) {
    text += facts.statement + '\n' + facts.message + '\n' + facts.detail + '\n';
  };
  for (const auto& failure : failures) add(failure.facts);
  for (const auto& failure : of_scripts) {
    add(failure.facts);
    text.append(failure.statement->span.text()) += '\n';
  }
  return text;
}

Attempt attempt(const Declared& declared, const Catalog& to, const postgres::Snapshot* live,
                const postgres::ScratchOptions& wanted) {
  const bool scripted = !declared.scripts.empty();
  Attempt result;
  result.scratch = postgres::Scratch::create(wanted);
  result.baseline = scripted ? read_scratch(*result.scratch, true) : read_new(*result.scratch, wanted);
  // Declared text is read under the target's own settings.
  for (auto* session : {&result.scratch->session(), &result.scratch->superuser()}) {
    session->execute(postgres::reset_text_settings());
  }
  ScriptRun scripts(*result.scratch, declared.scripts);
  // A script contains nothing about schema public and the like if these are unchanged.
  const bool drop_others = declared.scope.everything && !scripted;
  result.stubs = std::make_unique<Stubs>(*result.scratch, live);
  result.failures = build(*result.scratch, result.baseline.catalog, to, result.baseline.target.server_version, drop_others,
                          scripted ? &scripts : nullptr, result.stubs.get());
  result.of_scripts = scripts.failures();
  result.past_limit = scripts.past_limit();
  for (const auto& failure : result.failures) result.past_limit = result.past_limit || postgres::is_time_limit(failure.facts);
  if (scripts.past_limit()) result.failures.clear();
  if (result.past_limit && !result.failures.empty()) result.of_scripts.clear();
  // External objects may fail: then either nothing needs them, or what needs them fails too.
  std::erase_if(result.failures, [&](const BuildFailure& failure) { return !declared.catalog.contains(failure.object); });
  if (live != nullptr && !result.past_limit) leave_untried(result);
  return result;
}

Catalog with_untried(const Catalog& made, const Catalog& declared, const std::map<ObjectId, std::string>& untried) {
  if (untried.empty()) return made;
  std::vector<Object> objects = made.objects();
  for (const auto& [id, reason] : untried) objects.push_back(*declared.find(id));
  return Catalog(std::move(objects), made.edges());
}

}  // namespace lockstep::elaborator
