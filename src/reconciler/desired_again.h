// The desired objects as PostgreSQL prints what it printed of them: some expressions print otherwise the second time.
//
// They are created once more on a scratch database of their own, which goes as soon as they are read. Used by one thread.
#pragma once

#include <future>
#include <optional>
#include <set>

#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "postgres/introspect.h"

namespace lockstep::reconciler {

class DesiredAgain {
 public:
  // Refers to its arguments.
  DesiredAgain(const elaborator::Desired& desired, const postgres::Snapshot& live, const elaborator::Options& options)
      : desired_(desired), live_(live), options_(options) {}

  // Begins to read the texts of these objects, beside what the caller does next. None: nothing begins.
  void begin(std::set<catalog::ObjectId> objects);
  // Reads the texts of these objects; or takes what begin() read, if that has them all. Throws as elaborator::make_copy.
  void read(const std::set<catalog::ObjectId>& objects);
  // Reads `part` of the desired objects, which must contain what it needs.
  void read(const catalog::Catalog& part);
  // Null: nothing was read.
  const catalog::Catalog* found() const { return found_ ? &*found_ : nullptr; }
  void forget();

 private:
  catalog::Catalog make(const catalog::Catalog& part) const;

  const elaborator::Desired& desired_;
  const postgres::Snapshot& live_;
  const elaborator::Options& options_;
  std::optional<catalog::Catalog> found_;
  std::set<catalog::ObjectId> begun_;  // what ahead_ reads
  std::future<catalog::Catalog> ahead_;
};

}  // namespace lockstep::reconciler
