// A manifest as JSON.
#pragma once

#include <string>

#include "executor/backup.h"

namespace lockstep::executor {

inline constexpr const char* kManifestName = "manifest.json";

std::string to_json(const Manifest& manifest);
// SHA-256 over a file's entry in the manifest.
std::string entry_digest(const BackupFile& file);
Manifest manifest_from_json(const std::string& text);  // throws std::exception with the reason

}  // namespace lockstep::executor
