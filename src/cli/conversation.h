// The rollout's Conversation with the person (or script) at the terminal.
#pragma once

#include <memory>

#include "cli/console.h"
#include "cli/plan_view.h"
#include "fleet/rollout.h"

namespace lockstep::cli {

struct ConversationOptions {
  bool yes = false;       // answers the question whether to run the plan, but consents to no hazard
  std::string name;       // the environment's, if its `confirm: name` wants it as the answer; --yes doesn't give it then
  std::string confirmed;  // --confirm
  Statements statements = Statements::shortened;
  bool show_plan = true;
};

std::unique_ptr<fleet::Conversation> make_conversation(const Console& console, const ConversationOptions& options);

}  // namespace lockstep::cli
