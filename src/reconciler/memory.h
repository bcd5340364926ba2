// The commonest answer of `plan`, that there is nothing to do, remembered: where neither the files nor the database moved, it
// is known without parsing, elaborating or reading a catalog.
//
// The answer is a pure function of: the bytes of the schema files, the variables, the options, this program, PostgreSQL's
// programs and extensions on this machine (they elaborate), and the state of the database (postgres::read_state: every row
// version of every catalog, as whom, on which running server). All of these are in the key; only an empty plan without
// warnings is remembered, under the state that the comparison itself read. The answer never decides what is run: `apply` doesn't
// ask here.
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
  // Reads the files. Throws UsageError where one can't be read. With Options::cache off it knows and keeps nothing.
  Memory(const elaborator::Sources& sources, const elaborator::Options& options);

  bool any() const;  // is it worth asking? Never true for files that were not once planned without an error
  std::optional<Remembered> recall(const std::string& state) const;
  // Keeps the answer where it is one that may be kept. `declared`: what was compared.
  void remember(const parser::Declared& declared, const Comparison& comparison) const;

 private:
  elaborator::Cache cache_;
  std::string sources_;   // digest of the files as they were read
  std::string question_;  // all of the key but the state
};

}  // namespace lockstep::reconciler
