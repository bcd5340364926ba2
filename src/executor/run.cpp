#include "executor/run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "executor/interrupt.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {

namespace {

using std::chrono::milliseconds;
using support::CommandError;
using support::DatabaseError;
using support::ExitCode;

constexpr std::string_view kCanceled = "57014";
constexpr milliseconds kSlice{200};  // the time after which a pause notices a signal

std::string name_of(const plan::Step& step) {
  return support::visible("step " + step.id + " \"" + step.title + "\"" + (step.source.empty() ? "" : " (" + step.source + ")"));
}

std::string next_words(const Run& run, bool partial) {
  const std::string done = std::to_string(run.steps_done()) + " of " + std::to_string(run.plan.steps.size()) + " steps";
  // An open run was closed as the way back from it began.
  const std::string begun = run.plan.undoes.empty()
                                ? ""
                                : " Run " + run.plan.undoes.substr(0, 8) + " doesn't go on any more: taking it back has begun.";
  if (!partial) return "\nNothing was changed." + begun + " Correct the cause, then run the same command again.";
  return "\n" + done + " are done and journalled (run " + run.short_id() +
         "). Correct the cause, then run the same command again to resume.";
}

// A broken connection can't journal; then the next attempt reads the database's state.
void journal_end(Run& run, const plan::Step& step, std::string_view kind, const std::string& what, const std::string& sqlstate) {
  if (run.end_helpers) run.end_helpers();
  if (!run.session().connected()) return;
  try {
    run.journal.append(run.id, kind, step.id, Json{{"message", what}, {"sqlstate", sqlstate}});
  } catch (const std::exception& error) {
    run.output.message(std::string("the failure could not be journalled: ") + error.what());
  }
}

}  // namespace

std::size_t Run::steps_done() const {
  return static_cast<std::size_t>(
      std::count_if(states.begin(), states.end(), [](const auto& entry) { return entry.second.done; }));
}

void Run::commit(postgres::Transaction& transaction) {
  committing = true;
  try {
    transaction.commit();
  } catch (const DatabaseError& error) {
    committing = error.facts().connection_lost;  // otherwise the server has refused, which is certain
    throw;
  }
  committing = false;
  changed = true;
}

support::Sql pinned_settings(milliseconds lock_timeout, bool local) {
  const support::Sql until = local ? support::Sql(", true)") : support::Sql(", false)");
  return "SELECT pg_catalog.set_config('lock_timeout', " + support::Sql::literal(std::to_string(lock_timeout.count())) + until +
         ", pg_catalog.set_config('statement_timeout', '0'" + until +
         ", pg_catalog.set_config('idle_in_transaction_session_timeout', " + support::Sql::literal(local ? "60s" : "0") + until;
}

void pin_settings(postgres::Session& session, milliseconds lock_timeout, bool local) {
  session.execute(pinned_settings(lock_timeout, local));
}

void take_own_settings(Run& run, const plan::Step& step, bool local) {
  const auto settings = postgres::text_settings_of(step, run.own);
  if (!settings.empty()) run.session().execute(postgres::set_text_settings(settings, local));
}

void stop(Run& run, const plan::Step& step, const std::string& what, const std::string& state, const std::string& sqlstate,
          const std::string& for_journal) {
  journal_end(run, step, "failed", for_journal.empty() ? what : for_journal, sqlstate);
  const bool partial = run.changed || run.committing;
  throw CommandError(partial ? ExitCode::partial : ExitCode::failed, name_of(step) + " failed on database \"" +
                                                                         run.plan.target.database + "\": " + what + "\n" + state +
                                                                         next_words(run, partial));
}

void stop(Run& run, const plan::Step& step, const DatabaseError& error, const std::string& state) {
  const bool lost = error.facts().connection_lost;
  if (lost && run.committing) {
    throw CommandError(interrupts() > 0 ? interrupt_code() : ExitCode::partial,
                       name_of(step) + " on database \"" + run.plan.target.database +
                           "\": the connection was lost during COMMIT (" + error.facts().message +
                           "), so whether the step is done is not known here. The server's journal knows: "
                           "run the same command again, it continues from there (run " +
                           run.short_id() + ").");
  }
  const std::string left = lost && step.mode != plan::TransactionMode::outside
                               ? "What it had begun is not committed: the server rolls it back when it notices that this client "
                                 "is gone, within a minute at the latest."
                               : state;
  if (lost || error.sqlstate() == kCanceled) {
    stop_if_interrupted(run, step, lost ? error.facts().message + ". " + left : left);
  }
  if (lost) stop(run, step, "the connection was lost: " + error.facts().message, left, error.sqlstate());
  stop(run, step, std::string(error.what()), state, error.sqlstate(), error.facts().message);
}

void stop_stale(Run& run, const plan::Step& step, const std::string& what) {
  journal_end(run, step, "failed", what, "");
  const std::string head =
      "stale plan: " + name_of(step) + " was not run on database \"" + run.plan.target.database + "\": " + what;
  if (!run.changed) throw CommandError(ExitCode::stale, head + "\nNothing was changed. Plan again.");
  throw CommandError(
      ExitCode::partial,
      head + "\nThe step was rolled back. " + std::to_string(run.steps_done()) + " of " + std::to_string(run.plan.steps.size()) +
          " steps are done and journalled (run " + run.short_id() +
          "). Undo that change and run the same command again to resume; or give the run up with `lockstep resolve "
          "--abandon --reason …` and plan again from what is there.");
}

void stop_if_interrupted(Run& run, const plan::Step& step, const std::string& state) {
  if (interrupts() == 0) return;
  const ExitCode code = interrupt_code();
  const std::string signal = code == ExitCode::terminated ? "SIGTERM" : "SIGINT";
  journal_end(run, step, "interrupted", "interrupted by " + signal, "");
  throw CommandError(code, "interrupted by " + signal + " at " + name_of(step) + " on database \"" + run.plan.target.database +
                               "\". " + state + "\n" + std::to_string(run.steps_done()) + " of " +
                               std::to_string(run.plan.steps.size()) + " steps are done and journalled (run " + run.short_id() +
                               "). Run the same command again to go on.");
}

void pause(Run& run, const plan::Step& step, const std::string& state, milliseconds duration) {
  stop_if_interrupted(run, step, state);
  milliseconds left = duration;
  do {  // a pause of no length sleeps too, so that a test's clock sees it
    run.use.clock.sleep(std::clamp(left, milliseconds(0), kSlice));
    stop_if_interrupted(run, step, state);
    left -= kSlice;
  } while (left.count() > 0);
}

}  // namespace lockstep::executor
