#include "fleet/recorded_schema.h"

#include <fmt/format.h>

#include "catalog/keys.h"
#include "executor/applied.h"
#include "executor/run_record.h"
#include "kinds/registry.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "reconciler/state.h"
#include "support/error.h"
#include "support/visible.h"

namespace lockstep::fleet {

using support::RefusedError;

namespace {

// What other objects or the server decide is no part of a state, but the text needs it: the order of columns, say. Live has it,
// but for what is gone since: such columns come last. Whether a column is inherited is known from the record, whatever was done
// by hand since: one of the table's own has a type.
catalog::Catalog with_what_is_derived(const catalog::Catalog& recorded, const catalog::Catalog& live) {
  std::vector<catalog::Object> objects = recorded.objects();
  for (catalog::Object& object : objects) {
    const catalog::Object* now = live.find(object.id);
    for (const kinds::AttrSpec& attribute : kinds::of(object.id).attributes) {
      if (attribute.name == keys::kInherited.name) {
        if (!object.has(keys::kType)) object.set(attribute.name, true);
      } else if (attribute.derived && now != nullptr) {
        object.set(attribute.name, now->value(attribute.name));
      }
    }
  }
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
      with_what_is_derived(state->catalog, postgres::introspect(session, {.facts = false, .unmanaged = false}).catalog);
  return {applied->run, applied->at,
          parser::to_schema_files(ordered, parser::Split::schema, parser::Owners::left_out,
                                  state->scope.everything ? parser::Manages::everything : parser::Manages::declared)};
}

}  // namespace lockstep::fleet
