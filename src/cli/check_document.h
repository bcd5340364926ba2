// What `check` prints.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/renderer.h"
#include "fleet/checkup.h"
#include "support/diagnostic.h"

namespace lockstep::cli {

struct CheckDocument {
  std::vector<std::string> files;
  std::vector<fleet::Finding> findings;  // of the database, if one was named
  bool database = false;                 // its catalog was read, so that its settings decide how the files are read
  std::size_t objects = 0;               // that the files declare
  support::Diagnostics diagnostics;      // of the files
};

std::string_view verdict_word(fleet::Verdict verdict);  // "ok", "warn", "bad"

// One file each.
extern const Renderer<CheckDocument> kCheckText, kCheckJson;
inline constexpr const Renderer<CheckDocument>* kCheckFormats[] = {&kCheckText, &kCheckJson};

}  // namespace lockstep::cli
