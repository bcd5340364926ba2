// Signs a plan file for an environment that requires approvals.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/signer.h"
#include "cli/target.h"
#include "cli/text.h"
#include "fleet/approval.h"
#include "plan/plan_file.h"
#include "support/digest.h"
#include "support/error.h"
#include "support/source_text.h"

namespace lockstep::cli {
namespace command_approve {
namespace {

struct Options {
  std::string plan, env, key;
};

void flags(Flags app, Options& options) {
  app.option("PLAN", options.plan, "a plan saved by `lockstep plan -o`").required().type("FILE");
  app.option("--env", options.env, "the environment that it is approved for").required().type("NAME");
  app.option("--key", options.key, "the secret key, NAME.key, of the approver NAME").required().type("FILE");
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const auto file = configuration(config, console);
  if (file == nullptr || file->find(options.env) == nullptr)
    throw support::UsageError(fmt::format("no environment \"{}\" in {}", options.env, config.path));
  const std::string text(support::read_source(options.plan)->text());
  const plan::Plan plan = plan::from_json(text);  // what can't be read can't be approved
  const Signer signer = signer_of(options.key, file->approvers);
  const std::string path = options.plan + ".approvals";
  std::error_code missing;
  std::vector<fleet::Approval> all;
  if (std::filesystem::exists(path, missing)) all = fleet::read_approvals(*support::read_source(path));
  std::erase_if(all, [&](const fleet::Approval& one) { return one.by == signer.name && one.environment == options.env; });
  all.push_back(
      fleet::approve(support::sha256(text), options.env, signer.name, iso_time(std::chrono::system_clock::now()), signer.secret));
  write_file(path, fleet::to_text(all));
  console.out(fmt::format("approved for {} by {}: {} ({} steps, digest {})\n", options.env, signer.name, path, plan.steps.size(),
                          plan::digest(plan).substr(0, 12)));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_approve

constinit const Command kApprove =
    command<command_approve::flags, command_approve::run>("approve", "sign a plan file for an environment that requires it");

}  // namespace lockstep::cli
