// Remembers the most frequent result of `plan`, that there is nothing to do. If neither the files nor the database changed, the
// result is known without parsing, elaborating or reading a catalog.
//
// The result is a pure function of: the contents of the schema files, the variables, the options, this program, PostgreSQL's
// programs and extensions on this machine (they elaborate), and the state of the database (postgres::read_state: every row
// version of every catalog, the connected role, the running server). The key contains all of these. Only an empty plan without
// warnings is remembered, under the state that the comparison itself read. The memory never decides what runs: `apply` doesn't
// use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elaborator/cache.h"
#include "elaborator/options.h"
#include "elaborator/sources.h"
#include "plan/plan.h"
#include "reconciler/comparison.h"

namespace lockstep::reconciler {

struct Remembered {
  plan::Plan plan;  // empty
  std::vector<std::string> unmanaged;
};

class Memory {
 public:
  // Reads the files. Throws UsageError if a file can't be read. With Options::cache off, it finds and stores nothing.
  Memory(const elaborator::Sources& sources, const elaborator::Options& options);

  bool any() const;  // whether recall() can succeed; false for files that were never planned without an error
  std::optional<Remembered> recall(const std::string& state) const;
  // Stores the result if it may be stored. `declared`: what was compared.
  void remember(const parser::Declared& declared, const Comparison& comparison) const;

 private:
  elaborator::Cache cache_;
  std::string sources_;   // digest of the files at construction
  std::string question_;  // the key without the state
};

}  // namespace lockstep::reconciler
