// Who signs, for `approve` and `attest`: an approver's secret key, and where what they sign is kept.
#pragma once

#include <string>

#include "fleet/configuration.h"

namespace lockstep::cli {

struct Signer {
  std::string name, secret;
};
// `key`: the file NAME.key. Throws UsageError unless `approvers` has NAME.pub of the same pair.
Signer signer_of(const std::string& key, const std::string& approvers);

// attestations/ENVIRONMENT.json beside lockstep.yaml.
std::string attestation_path(const fleet::Configuration& configuration, const std::string& environment);

}  // namespace lockstep::cli
