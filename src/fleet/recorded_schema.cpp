#include "fleet/recorded_schema.h"

#include <fmt/format.h>

#include "catalog/keys.h"
#include "executor/applied.h"
#include "executor/run_record.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "reconciler/state.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::fleet {

using support::RefusedError;

namespace {

// The order of columns is no part of a state. Live has it, but for columns that are gone since: they come last.
catalog::Catalog in_live_order(const catalog::Catalog& recorded, const catalog::Catalog& live) {
  std::vector<catalog::Object> objects = recorded.objects();
  for (catalog::Object& object : objects)
    if (const catalog::Object* now = live.find(object.id); now != nullptr && now->has(catalog::keys::kPosition))
      object.set(catalog::keys::kPosition.name, now->value(catalog::keys::kPosition.name));
  return catalog::Catalog(std::move(objects), recorded.edges());
}

}  // namespace

RecordedSchema recorded_schema(postgres::Session& session, const Known& known, const std::string& shown) {
  require_known_target(session, known);
  if (const std::string broken = executor::verify_journal(session); !broken.empty())
    throw support::CommandError(
        support::ExitCode::mismatch,
        fmt::format("the journal of {} was changed by somebody else: {}\nNothing was changed.", shown, broken));
  const auto applied = executor::applied_state(session);
  if (!applied)
    throw RefusedError(
        fmt::format("nothing was ever applied to {} by Lockstep, so no state of it is recorded. Nothing was changed. "
                    "`lockstep inspect` writes what it is now as files, which can be applied",
                    shown));
  const auto state = reconciler::read_state(applied->objects, applied->scope);
  if (!state)
    throw RefusedError(
        fmt::format("the state of {} was recorded by another version of Lockstep. Nothing was changed. Apply its files "
                    "there once with this version",
                    shown));
  if (!state->scope.partial_schemas.empty())
    throw RefusedError(fmt::format(
        "schema {} of {} is managed only in part: what else is in it isn't recorded, and would be dropped. Nothing was "
        "changed. Apply the files themselves",
        support::visible(*state->scope.partial_schemas.begin()), shown));
  const catalog::Catalog ordered =
      in_live_order(state->catalog, postgres::introspect(session, {.facts = false, .unmanaged = false}).catalog);
  return {applied->run, applied->at,
          parser::to_schema_files(ordered, parser::Split::schema, parser::Owners::left_out,
                                  state->scope.everything ? parser::Manages::everything : parser::Manages::declared)};
}

}  // namespace lockstep::fleet
