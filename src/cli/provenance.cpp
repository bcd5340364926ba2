#include "cli/provenance.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/signer.h"
#include "fleet/lock_file.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/source_text.h"

namespace lockstep::cli {
namespace {

// The variables that CI servers set for every job.
std::string job_of(const Console& console) {
  const auto variable = [&](const char* name) { return console.environment(name).value_or(""); };
  if (const std::string run = variable("GITHUB_RUN_ID"); !run.empty())
    return fmt::format("{}/{}/actions/runs/{}", variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY"), run);
  for (const char* name : {"CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL"})
    if (const std::string url = variable(name); !url.empty()) return url;
  return "";
}

fleet::Upstream upstream_of(const Work& todo, const Console& console) {
  const std::string& name = todo.environment->after.text;
  if (name.empty()) return {};
  fleet::Upstream upstream;
  upstream.environment = name;
  support::Diagnostics unset;
  upstream.url = fleet::expand(todo.configuration->find(name)->url, console.environment, unset);
  if (unset.has_errors()) {
    upstream.url.clear();
    upstream.problem = unset.sorted().front().message;
  }
  upstream.attestation = attestation_path(*todo.configuration, name);
  upstream.asked = !todo.environment->attested;
  upstream.approvers = fleet::reviewed_approvers(todo.configuration->approvers, todo.configuration->folder());
  upstream.lock_path = todo.configuration->lock_path();
  const fleet::Pins pins = fleet::read_pins(todo.configuration->lock_path());
  if (const auto pin = pins.find(name); pin != pins.end()) upstream.identity = pin->second.identity.id;
  return upstream;
}

void take_approvals(fleet::Approvals& approvals, const Work& todo, const support::SourcePtr& plan_file) {
  approvals.required = todo.environment->required.approvals;
  if (approvals.required == 0 || plan_file == nullptr) return;
  approvals.plan_sha256 = support::sha256(plan_file->text());
  approvals.approvers = fleet::reviewed_approvers(todo.configuration->approvers, todo.configuration->folder());
  std::error_code missing;
  if (const std::string path = plan_file->name() + ".approvals"; std::filesystem::exists(path, missing))
    approvals.given = fleet::read_approvals(*support::read_source(path));
}

}  // namespace

void promotion_flags(Flags app, PromotionOptions& options) {
  app.option("-m,--message", options.message, "why this is done; journalled, shown by `history`").type("TEXT");
  app.flag("--force-promotion", options.force,
           "go on although the declarations were not applied and verified upstream (`after:`)");
  app.option("--reason", options.reason, "why the promotion is forced; journalled").type("TEXT");
}

void take_promotion(fleet::Job& job, const Work& todo, const PromotionOptions& options, const support::SourcePtr& plan_file,
                    const Console& console) {
  if (options.force == options.reason.empty())
    throw support::UsageError("--force-promotion and --reason TEXT belong together. Nothing was changed");
  executor::Provenance& provenance = job.settings.provenance;
  provenance.message = options.message;
  provenance.job = job_of(console);
  job.repository = fleet::repository_of(todo.configuration ? todo.configuration->folder() : "");
  if (job.repository) {
    provenance.commit = job.repository->commit;
    provenance.branch = job.repository->branch;
    provenance.author = job.repository->author;
    provenance.clean = job.repository->clean;
  }
  if (job.sources) job.sources->promoted = true;
  if (todo.environment == nullptr) {
    if (options.force) throw support::UsageError("--force-promotion is for an environment that comes `after:` another one");
    return;
  }
  job.required = todo.environment->required;
  take_approvals(job.approvals, todo, plan_file);
  job.upstream = upstream_of(todo, console);
  if (options.force && job.upstream.environment.empty())
    throw support::UsageError(fmt::format("environment {} comes `after:` no other one: there is nothing to force", todo.name()));
  provenance.unpromoted = options.reason;
}

void confirm_flag(Flags app, std::string& confirmed) {
  app.option("--confirm", confirmed, "the environment's name, where its `confirm: name` asks for it and nobody can type it")
      .type("NAME");
}

std::string name_to_confirm(const Work& todo) {
  return todo.environment != nullptr && todo.environment->confirm_name ? todo.name() : "";
}

}  // namespace lockstep::cli
