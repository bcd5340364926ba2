#include "fleet/promotion.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "executor/journal.h"
#include "executor/sound_journal.h"
#include "fleet/attestation.h"
#include "fleet/status.h"
#include "support/error.h"
#include "support/source_text.h"

namespace lockstep::fleet {

Evidence evidence_of(const std::vector<executor::RunRecord>& upstream, const std::string& declarations, plan::Phase until) {
  Evidence evidence;
  for (const executor::RunRecord& run : upstream) {
    if (run.provenance.declarations != declarations || run.state == "rolled back" || run.state == "superseded") continue;
    if (run.verified) return {run.id, ""};
    if (run.waits() && until < run.next) return {run.id, ""};
    if (run.waits()) {
      evidence.missing = fmt::format("its run {} of these declarations waits at the gate before phase {}", run.id.substr(0, 8),
                                     plan::to_string(run.next));
    } else if (evidence.missing.empty()) {
      evidence.missing =
          fmt::format("its run {} of these declarations is {}, and was not verified", run.id.substr(0, 8), run.state);
    }
  }
  if (evidence.missing.empty()) evidence.missing = "these declarations were never applied there";
  return evidence;
}

namespace {

constexpr std::string_view kAttested = ", attested at ";

std::string words(const Attestation& attestation) {
  return fmt::format("{}: run {}{}{} by {}", attestation.environment, attestation.run, kAttested, attestation.at, attestation.by);
}

// The time in such words; empty: they are about other evidence.
std::string attested_at(const std::string& promoted_by) {
  constexpr std::size_t kTime = 20;  // 2026-11-29T10:15:00Z
  const std::size_t place = promoted_by.find(kAttested);
  return place == std::string::npos ? "" : promoted_by.substr(place + kAttested.size(), kTime);
}

std::string last_accepted(postgres::Session& target) {
  std::string last;
  const auto see = [&](const std::string& promoted_by) { last = std::max(last, attested_at(promoted_by)); };
  for (const executor::RunRecord& run : executor::runs(target)) see(run.provenance.promoted_by);
  if (!executor::journal_exists(target)) return last;
  const auto passed = target.query("SELECT detail ->> 'promoted_by' FROM lockstep.event WHERE kind = 'promoted'", {});
  for (std::size_t row = 0; row < passed.size(); ++row) see(passed.text(row, 0));
  return last;
}

std::string now_at(postgres::Session& target) {
  constexpr std::size_t kSeconds = 19;
  return target.query("SELECT " + executor::iso_timestamp("pg_catalog.clock_timestamp()"), {}).text(0, 0).substr(0, kSeconds) +
         "Z";
}

// Throws RefusedError that says why it doesn't count, without what to do.
std::string require_attested(const Upstream& upstream, const std::string& declarations, plan::Phase until,
                             postgres::Session& target) {
  support::SourcePtr file;
  try {
    file = support::read_source(upstream.attestation);
  } catch (const support::UsageError& error) {
    throw support::RefusedError(error.what());
  }
  const Attestation attestation = read_attestation(*file);
  const std::string flaw = flaw_of(attestation, upstream.approvers,
                                   {.environment = upstream.environment,
                                    .declarations = declarations,
                                    .until = until,
                                    .identity = upstream.identity,
                                    .now = now_at(target),
                                    .last_accepted = last_accepted(target)});
  if (!flaw.empty()) throw support::RefusedError(fmt::format("{} doesn't count: {}", upstream.attestation, flaw));
  return words(attestation);
}

// Why this database, as it is now, is no evidence; empty: it may be.
std::string flaw_of(const Status& now) {
  if (!now.wrong_target.empty()) return "wrong target: " + now.wrong_target;
  if (!now.broken_journal.empty()) return "its journal isn't intact: " + now.broken_journal;
  if (!now.drift.empty())
    return fmt::format("{} of it drifted since it was verified (`lockstep verify` lists what somebody changed)",
                       now.drift.size() == 1 ? "an object" : fmt::format("{} objects", now.drift.size()));
  return now.unsound.empty() ? "" : now.unsound.front();
}

// The run of the upstream journal; nullopt: it can't be read, and `problem` says why.
std::optional<Evidence> journalled(const Upstream& upstream, const std::string& declarations, plan::Phase until,
                                   const elaborator::Options& options, std::string& problem) {
  problem = upstream.asked ? upstream.problem : "`evidence: attestation` says that it isn't asked";
  if (!upstream.asked || upstream.url.empty()) return std::nullopt;
  try {
    const auto session = executor::connect(upstream.url, "lockstep");
    support::Diagnostics none;
    const Status now = status(*session, {upstream.environment, upstream.lock_path}, nullptr, options, none);
    Evidence evidence = evidence_of(now.runs, declarations, until);
    if (const std::string flaw = flaw_of(now); !flaw.empty()) evidence = {"", flaw};
    return evidence;
  } catch (const support::DatabaseError& error) {
    problem = error.facts().message;
    return std::nullopt;
  }
}

}  // namespace

std::string require_promoted(const Upstream& upstream, const std::string& declarations, plan::Phase until,
                             const std::string& environment, postgres::Session& target, const elaborator::Options& options) {
  const std::string way = fmt::format(
      "\nNothing was changed. Apply them there first (`lockstep apply --env {}`), or override it: --force-promotion --reason "
      "TEXT, "
      "which is journalled.",
      upstream.environment);
  const std::string rule = fmt::format("environment {} comes after {} (`after:`)", environment, upstream.environment);
  if (declarations.empty())
    throw support::RefusedError(rule + ", and this plan comes without the schema files that it was made from: give --schema" +
                                way);
  std::string problem;
  if (const auto evidence = journalled(upstream, declarations, until, options, problem)) {
    if (evidence->run.empty()) throw support::RefusedError(fmt::format("{}: {}{}", rule, evidence->missing, way));
    return fmt::format("{}: run {}", upstream.environment, evidence->run);
  }
  std::error_code missing;
  if (!std::filesystem::exists(upstream.attestation, missing))
    throw support::RefusedError(
        fmt::format("{}, whose journal can't be read: {}\nNor is there an attestation, {} (`lockstep attest "
                    "--env {}` writes it where that database can be asked).{}",
                    rule, problem, upstream.attestation, upstream.environment, way));
  try {
    return require_attested(upstream, declarations, until, target);
  } catch (const support::RefusedError& error) {
    throw support::RefusedError(fmt::format("{}, whose journal can't be read: {}\n{}{}", rule, problem, error.what(), way));
  }
}

void note_promoted(postgres::Session& target, const std::string& run, const std::string& promoted_by) {
  if (!attested_at(promoted_by).empty())
    executor::Journal(target).append(run, "promoted", "", executor::Json{{"promoted_by", promoted_by}});
}

}  // namespace lockstep::fleet
