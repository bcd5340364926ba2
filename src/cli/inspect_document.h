// What `inspect` prints, or writes to a file.
#pragma once

#include <functional>

#include "cli/renderer.h"
#include "elaborator/options.h"
#include "postgres/introspect.h"

namespace lockstep::cli {

struct InspectDocument {
  const postgres::Snapshot& snapshot;
  bool owners = false;  // whether to say who owns each object
  // Where a scratch database is made. Called only by a format that needs one. Throws CommandError{usage} if lockstep.yaml
  // doesn't say.
  std::function<elaborator::Options()> scratch;
};

// One file each.
extern const Renderer<InspectDocument> kInspectSchema, kInspectSql, kInspectJson;
inline constexpr const Renderer<InspectDocument>* kInspectFormats[] = {&kInspectSchema, &kInspectSql, &kInspectJson};

}  // namespace lockstep::cli
