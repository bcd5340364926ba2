#include "cli/signer.h"

#include <fmt/format.h>

#include <filesystem>

#include "fleet/approval.h"
#include "support/error.h"
#include "support/signature.h"
#include "support/source_text.h"

namespace lockstep::cli {

Signer signer_of(const std::string& key, const std::string& approvers) {
  const std::string name = std::filesystem::path(key).stem().string();
  const support::SourcePtr file = support::read_source(key);
  const std::string secret(file->text().substr(0, file->text().find_first_of("\r\n")));
  const fleet::Approvers known = fleet::approvers_in(approvers);
  const auto approver = known.find(name);
  if (approver == known.end() || approver->second != support::open_key_of(secret))
    throw support::UsageError(
        fmt::format("{} isn't the key of an approver: {}/{}.pub is missing, or of another key "
                    "(`lockstep key NAME` makes both). Nothing was signed",
                    key, approvers, name));
  return {name, secret};
}

std::string attestation_path(const fleet::Configuration& configuration, const std::string& environment) {
  return (std::filesystem::path(configuration.folder()) / "attestations" / (environment + ".json")).string();
}

}  // namespace lockstep::cli
