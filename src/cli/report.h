// Diagnostics, notes and logs on stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/options.h"
#include "support/diagnostic.h"

namespace lockstep::cli {

void show(const support::Diagnostics& diagnostics, const Console& console);
// Why the command ended: "lockstep: …", or an object of the log with its exit code.
void show_failure(const std::string& message, int exit_code, const Console& console);
// Shows them; throws CommandError{usage} if an error is among them. Only before anything is touched.
void settle(const support::Diagnostics& diagnostics, const Console& console);
// One line on stderr.
void show_warning(const std::string& text, const Console& console);
// "unmanaged: …", one line each.
void show_unmanaged(const std::vector<std::string>& descriptions, const Console& console);

// spdlog's default logger: stderr, text ("warning: …") or one JSON object a line; -v shows debug, -q only warnings.
void start_log(const Options& options);

// Written beside the old one and renamed over it: a reader never sees half a file. Throws UsageError naming the path.
void write_file(const std::string& path, const std::string& text);
// The same, readable by its owner only.
void write_private_file(const std::string& path, const std::string& text);

}  // namespace lockstep::cli
