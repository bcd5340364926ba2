// The person (or script) at the terminal, as the rollout sees them.
#pragma once

#include <memory>

#include "cli/console.h"
#include "cli/plan_view.h"
#include "fleet/rollout.h"

namespace lockstep::cli {

struct ConversationOptions {
  bool yes = false;  // the question is answered; never a hazard
  Statements statements = Statements::shortened;
  bool show_plan = true;
};

std::unique_ptr<fleet::Conversation> make_conversation(const Console& console, const ConversationOptions& options);

}  // namespace lockstep::cli
