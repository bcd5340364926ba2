// A scratch copy of what a plan will probably touch, made while the declarations are elaborated. Used by one thread.
#pragma once

#include <future>
#include <optional>

#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "elaborator/scratch_copy.h"
#include "parser/declared.h"
#include "postgres/introspect.h"
#include "reconciler/closure.h"

namespace lockstep::reconciler {

class CopyAhead {
 public:
  struct Made {
    Closure closure;
    elaborator::Copy copy;
  };

  // Refers to its arguments.
  CopyAhead(const parser::Declared& declared, const postgres::Snapshot& live, const elaborator::Options& options)
      : declared_(declared), live_(live), options_(options) {}
  ~CopyAhead() { forget(); }
  CopyAhead(const CopyAhead&) = delete;
  CopyAhead& operator=(const CopyAhead&) = delete;

  void begin(const elaborator::Foreseen& foreseen);
  // The copy, if it has all that `wanted` has; nullopt: none was begun, it failed, or it lacks something. Only once.
  std::optional<Made> take(const Closure& wanted, const catalog::Catalog& desired);
  // Returns when nothing is read any more of what it refers to.
  void forget();

 private:
  const parser::Declared& declared_;
  const postgres::Snapshot& live_;
  const elaborator::Options& options_;
  Closure closure_;
  std::future<elaborator::Copy> copy_;
};

}  // namespace lockstep::reconciler
