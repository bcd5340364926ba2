// What `compare` prints.
#pragma once

#include <string>
#include <vector>

#include "catalog/change.h"
#include "cli/renderer.h"

namespace lockstep::cli {

struct CompareDocument {
  std::string a, b;                      // what the sides are called; never a URL
  std::vector<catalog::Change> changes;  // from A to B
};

// One file each.
extern const Renderer<CompareDocument> kCompareText, kCompareJson;
inline constexpr const Renderer<CompareDocument>* kCompareFormats[] = {&kCompareText, &kCompareJson};

}  // namespace lockstep::cli
