#include "fleet/attestation.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "plan/phase_name.h"
#include "support/error.h"
#include "support/signature.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using Statement = nlohmann::ordered_json;

constexpr const char* kAttestationFormat = "lockstep-attestation/1";

constexpr std::pair<const char*, std::string Attestation::*> kFields[] = {
    {"environment", &Attestation::environment},
    {"identity", &Attestation::identity},
    {"database", &Attestation::database},
    {"declarations", &Attestation::declarations},
    {"phase", &Attestation::phase},
    {"run", &Attestation::run},
    {"at", &Attestation::at},
    {"expires", &Attestation::expires},
    {"by", &Attestation::by},
};

std::string signed_text(const Attestation& attestation) {
  Statement list = {kAttestationFormat};
  for (const auto& [name, member] : kFields) list.push_back(attestation.*member);
  return list.dump();
}

std::string short_digest(const std::string& digest) {
  return support::visible(digest.substr(0, 12));
}

}  // namespace

std::string to_text(const Attestation& attestation) {
  Statement document{{"format", kAttestationFormat}};
  for (const auto& [name, member] : kFields) document[name] = attestation.*member;
  document["signature"] = attestation.signature;
  return document.dump(2) + "\n";
}

Attestation signed_by(Attestation attestation, const std::string& secret) {
  attestation.signature = support::sign(signed_text(attestation), secret);
  return attestation;
}

Attestation read_attestation(const support::SourceText& file) {
  try {
    const Statement document = Statement::parse(file.text());
    if (document.at("format") != kAttestationFormat)
      throw support::RefusedError(file.name() + " is an attestation in a format that this version doesn't know");
    Attestation attestation;
    for (const auto& [name, member] : kFields) attestation.*member = document.at(name).get<std::string>();
    attestation.signature = document.at("signature").get<std::string>();
    return attestation;
  } catch (const Statement::exception&) {
    throw support::RefusedError(file.name() + " is damaged, or no attestation");
  }
}

std::string flaw_of(const Attestation& one, const Approvers& approvers, const Wanted& wanted) {
  const auto approver = approvers.find(one.by);
  if (approver == approvers.end()) return fmt::format("it is by {}, of whom no key is in `approvers:`", support::visible(one.by));
  if (!support::is_signed(signed_text(one), one.signature, approver->second))
    return fmt::format("the signature isn't that of {}'s key over these fields: one was changed, or another key made it", one.by);
  if (one.environment != wanted.environment) return fmt::format("it is about environment {}", support::visible(one.environment));
  if (!wanted.identity.empty() && one.identity != wanted.identity)
    return fmt::format("it is about database \"{}\" ({}), and lockstep.lock knows {} as another one",
                       support::visible(one.database), support::visible(one.identity), wanted.environment);
  if (one.declarations != wanted.declarations)
    return fmt::format("it is about other declarations ({}) than these ({})", short_digest(one.declarations),
                       short_digest(wanted.declarations));
  const auto phase = plan::phase_named(one.phase);
  if (!phase || *phase < wanted.until)
    return fmt::format("{} had got to the end of phase {} only, and this is to go to that of {}", wanted.environment,
                       support::visible(one.phase), plan::to_string(wanted.until));
  if (one.expires <= wanted.now) return fmt::format("it has expired at {}", one.expires);
  if (one.at < wanted.last_accepted)
    return fmt::format("it is of {}, and one of {} was accepted here already: an older one counts no more", one.at,
                       wanted.last_accepted);
  return {};
}

}  // namespace lockstep::fleet
