#include "fleet/approval.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "fleet/committed.h"
#include "fleet/repository.h"
#include "support/error.h"
#include "support/signature.h"
#include "support/source_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "lockstep-approvals/1";

std::string message_of(const std::string& plan_sha256, const Approval& approval) {
  return Json({kFormat, plan_sha256, approval.environment, approval.by, approval.at}).dump();
}

}  // namespace

std::vector<Approval> read_approvals(const support::SourceText& file) {
  std::vector<Approval> list;
  try {
    const Json document = Json::parse(file.text());
    if (document.at("format") != kFormat)
      throw support::UsageError(file.name() + ": approvals in a format that this version doesn't know. Nothing was changed");
    for (const Json& one : document.at("approvals"))
      list.push_back({one.at("by").get<std::string>(), one.at("at").get<std::string>(), one.at("environment").get<std::string>(),
                      one.at("signature").get<std::string>()});
  } catch (const Json::exception&) {
    throw support::UsageError(
        file.name() + " is damaged. Nothing was changed. Remove it, and have the plan approved again (`lockstep approve`)");
  }
  return list;
}

std::string to_text(const std::vector<Approval>& approvals) {
  Json list = Json::array();
  for (const Approval& one : approvals)
    list.push_back({{"by", one.by}, {"at", one.at}, {"environment", one.environment}, {"signature", one.signature}});
  return Json{{"format", kFormat}, {"approvals", std::move(list)}}.dump(2) + "\n";
}

Approvers approvers_in(const std::string& folder) {
  Approvers approvers;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.path().extension() != ".pub") continue;
    const std::string text(support::read_source(entry.path().string())->text());
    approvers[entry.path().stem().string()] = text.substr(0, text.find_first_of("\r\n"));
  }
  return approvers;
}

Approvers reviewed_approvers(const std::string& folder, const std::string& project) {
  Approvers approvers = approvers_in(folder);
  if (approvers.empty() || !repository_of(project)) return approvers;
  const auto file_of = [&](const std::string& name) { return (std::filesystem::path(folder) / (name + ".pub")).string(); };
  std::vector<std::string> files;
  for (const auto& approver : approvers) files.push_back(file_of(approver.first));
  const auto others = uncommitted(project, files, Match::content);
  std::erase_if(approvers, [&](const auto& approver) { return others.contains(file_of(approver.first)); });
  return approvers;
}

Approval approve(const std::string& plan_sha256, const std::string& environment, const std::string& by, const std::string& at,
                 const std::string& secret) {
  Approval approval{by, at, environment, ""};
  approval.signature = support::sign(message_of(plan_sha256, approval), secret);
  return approval;
}

std::vector<std::string> who_approved(const Approvals& approvals, const std::string& environment) {
  std::set<std::string> keys;  // two names of one key are one approver
  std::vector<std::string> names;
  for (const Approval& one : approvals.given) {
    const auto approver = approvals.approvers.find(one.by);
    if (approver == approvals.approvers.end() || one.environment != environment) continue;
    if (!support::is_signed(message_of(approvals.plan_sha256, one), one.signature, approver->second)) continue;
    if (keys.insert(approver->second).second) names.push_back(one.by);
  }
  return names;
}

std::vector<std::string> require_approved(const Approvals& approvals, const std::string& plan_digest,
                                          const std::vector<executor::RunRecord>& runs, const std::string& environment) {
  if (approvals.required == 0) return {};
  const std::string rule = fmt::format("environment {} requires {} approval{} (`require:`)", environment, approvals.required,
                                       approvals.required == 1 ? "" : "s");
  if (approvals.plan_sha256.empty())
    throw support::RefusedError(fmt::format(
        "{}, so it takes a plan file only: `lockstep plan --env {} -o plan.json`, `lockstep approve plan.json --env {} --key "
        "FILE`, `lockstep apply plan.json --env {}`. Nothing was changed",
        rule, environment, environment, environment));
  const std::vector<std::string> names = who_approved(approvals, environment);
  if (static_cast<int>(names.size()) < approvals.required) {
    std::string others;
    for (const Approval& one : approvals.given)
      if (std::find(names.begin(), names.end(), one.by) == names.end())
        others += (others.empty() ? "" : ", ") + support::visible(one.by);
    throw support::RefusedError(fmt::format(
        "{}, and the plan file has {}{}. Nothing was changed", rule, names.size(),
        others.empty() ? ""
                       : fmt::format(" that count{} those of {} don't: the plan file was changed after it, it is for another "
                                     "environment, or no such key is in `approvers:`, committed as it stands",
                                     names.empty() ? ";" : ", and", others)));
  }
  const auto before = std::find_if(runs.begin(), runs.end(),
                                   [&](const executor::RunRecord& run) { return run.plan_digest == plan_digest && !run.open(); });
  if (before != runs.end())
    throw support::RefusedError(
        fmt::format("this plan was run already (run {}, {}); an approval is for one run. Nothing was changed: plan again, and "
                    "have that approved",
                    before->id, before->state));
  return names;
}

}  // namespace lockstep::fleet
