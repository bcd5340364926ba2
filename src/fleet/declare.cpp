// Reads the declared state for a rollout, and ends it if the files have errors.
#include <fmt/format.h>

#include "fleet/rollout.h"
#include "support/error.h"

namespace lockstep::fleet {

void refuse_errors(const support::Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) return;
  std::size_t errors = 0;
  for (const support::Diagnostic& one : diagnostics.sorted()) errors += one.severity == support::Severity::error ? 1 : 0;
  throw support::UsageError(fmt::format("{} error{}; nothing was touched", errors, errors == 1 ? "" : "s"));
}

void settle(const support::Diagnostics& diagnostics, Conversation& conversation) {
  conversation.show_diagnostics(diagnostics);
  refuse_errors(diagnostics);
}

parser::Declared declare(const elaborator::Sources& sources, Conversation& conversation) {
  support::Diagnostics diagnostics;
  parser::Declared declared = elaborator::declare(sources, diagnostics);
  settle(diagnostics, conversation);
  return declared;
}

}  // namespace lockstep::fleet
