// What `identity show` prints: which database one is, or all pins.
#pragma once

#include <optional>
#include <string>

#include "cli/renderer.h"
#include "executor/identity.h"
#include "fleet/known_target.h"
#include "plan/plan.h"

namespace lockstep::cli {

struct IdentityDocument {
  std::string environment;  // empty: --url
  plan::Target here;
  std::optional<executor::Identity> journal;  // as the database's journal says; nullopt: there is none
  std::optional<executor::Identity> pinned;   // as lockstep.lock says
  std::string problem;                        // known_target.h's text; empty: all of them fit
};

std::string identity_text(const executor::Identity& identity);  // on one line

// A file a format has both.
extern const Renderer<IdentityDocument> kIdentityText, kIdentityJson;
inline constexpr const Renderer<IdentityDocument>* kIdentityFormats[] = {&kIdentityText, &kIdentityJson};
extern const Renderer<fleet::Pins> kPinsText, kPinsJson;
inline constexpr const Renderer<fleet::Pins>* kPinsFormats[] = {&kPinsText, &kPinsJson};

}  // namespace lockstep::cli
