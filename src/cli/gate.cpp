#include "cli/gate.h"

#include <fmt/format.h>

#include "cli/report.h"
#include "cli/text.h"

namespace lockstep::cli {

support::ExitCode show_gate(const fleet::Outcome& outcome, const Console& console) {
  const fleet::Gate& gate = *outcome.gate;
  for (const std::string& folder : outcome.report.backups) console.out("backup: " + folder + "\n");
  console.out(fleet::gate_text(gate));
  show_warning(fmt::format("stopped at the gate, as planned: run {} waits before phase {}; `{}` goes on", run_name(gate.run),
                           plan::to_string(gate.next), gate.go_on),
               console);
  return support::ExitCode::gate;
}

}  // namespace lockstep::cli
