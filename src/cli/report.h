// Diagnostics, notes and logs on stderr.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/options.h"
#include "support/diagnostic.h"

namespace lockstep::cli {

void show(const support::Diagnostics& diagnostics, const Console& console);
// Prints why the command ended: "lockstep: …", or a log object with its exit code.
void show_failure(const std::string& message, int exit_code, const Console& console);
// Shows the diagnostics; throws CommandError{usage} if there are errors. REQUIRES: nothing was changed yet.
void settle(const support::Diagnostics& diagnostics, const Console& console);
// One line on stderr.
void show_warning(const std::string& text, const Console& console);
// "unmanaged: …", one line each.
void show_unmanaged(const std::vector<std::string>& descriptions, const Console& console);

// spdlog's default logger: stderr, text ("warning: …") or one JSON object a line; -v shows debug, -q only warnings.
void start_log(const CommonOptions& options);

// Writes a temporary file and renames it over the old one, so that a reader never sees a partial file. Throws UsageError that
// names the path.
void write_file(const std::string& path, const std::string& text);
// The same; only the owner may read the file.
void write_private_file(const std::string& path, const std::string& text);

}  // namespace lockstep::cli
