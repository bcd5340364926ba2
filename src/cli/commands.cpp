#include "cli/commands.h"

#include <CLI/CLI.hpp>
#include <array>

namespace lockstep::cli {

// Copied from the rows at the first call: the rows are constants of other files, initialised before main either way.
std::span<const Command> commands() {
  static const std::array<Command, 7> kTable = {kDemo, kInspect, kFmt, kCheck, kPlan, kApply, kStatus};
  return kTable;
}

void target_flags(CLI::App& app, Options& options) {
  auto* url = app.add_option("--url", options.url, "the database: any libpq URI or keyword string")->type_name("URL");
  app.add_option("--env", options.env, "the database of this environment of lockstep.yaml")->type_name("NAME")->excludes(url);
}

void schema_flags(CLI::App& app, Options& options) {
  app.add_option("--schema", options.schema, "schema files, folders or patterns (default: `schema:` of lockstep.yaml)")
      ->type_name("PATH")
      ->expected(1, -1);
  shadow_flag(app, options);
}

void shadow_flag(CLI::App& app, Options& options) {
  app.add_option("--shadow", options.shadow,
                 "where scratch databases are made: embedded, same-server or the URL of another server (default: `shadow:` of "
                 "lockstep.yaml, or embedded)")
      ->type_name("WHERE");
}

}  // namespace lockstep::cli
