// The demo's last act: a rollout under two versions of an application, rolled back, and then carried through.
#pragma once

#include "cli/demo_screen.h"

namespace lockstep::cli {

// From shop_v3.schema to shop_v4.schema. `rate`: requests a second of each version.
// Throws CommandError if a request fails, or if a row is not what it must be.
void tell_rollout(const DemoScreen& screen, double rate);

}  // namespace lockstep::cli
