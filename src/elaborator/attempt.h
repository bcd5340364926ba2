// One attempt to create all declared objects on a scratch database. Private to the elaborator.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "elaborator/builder.h"
#include "elaborator/scripts.h"
#include "elaborator/stubs.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"

namespace lockstep::elaborator {

struct Attempt {
  std::unique_ptr<postgres::Scratch> scratch;
  postgres::Snapshot baseline;
  std::vector<BuildFailure> failures;
  std::vector<ScriptFailure> of_scripts;
  std::map<catalog::ObjectId, std::string> untried;  // see Desired
  std::unique_ptr<Stubs> stubs;                      // on that scratch database

  bool past_limit = false;  // a statement exceeded the time limit: it is the only failure, and another attempt would fail too

  bool failed() const { return !failures.empty() || !of_scripts.empty(); }
  // The statements that failed and the errors that PostgreSQL reported.
  std::string said() const;
};

// `to`: the declared objects and the external objects that they need. A failure of an external object doesn't count. `live` may
// be null.
Attempt attempt(const parser::Declared& declared, const catalog::Catalog& to, const postgres::Snapshot* live,
                const postgres::ScratchOptions& wanted);

// `made` as it was read back, plus the untried objects as they were declared.
catalog::Catalog with_untried(const catalog::Catalog& made, const catalog::Catalog& declared,
                              const std::map<catalog::ObjectId, std::string>& untried);

}  // namespace lockstep::elaborator
