// One go at making everything that was declared on a scratch database. Private to the elaborator.
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

  bool past_limit = false;  // one was: it is the only failure, and trying again would fail again

  bool failed() const { return !failures.empty() || !of_scripts.empty(); }
  // What could not be made, and what PostgreSQL said of it.
  std::string said() const;
};

// `to`: the declared objects, and what is to stand beside them. What of the latter fails is no failure. `live` may be null.
Attempt attempt(const parser::Declared& declared, const catalog::Catalog& to, const postgres::Snapshot* live,
                const postgres::ScratchOptions& wanted);

// `made`, as it was read back, and what was left untried as it was declared.
catalog::Catalog with_untried(const catalog::Catalog& made, const catalog::Catalog& declared,
                              const std::map<catalog::ObjectId, std::string>& untried);

}  // namespace lockstep::elaborator
