// Stubs for objects that a scratch server can't create, so that everything that depends on them can be elaborated: an extension
// created from its objects in the live catalog, a C routine that returns null, a collation that is "C", an index without the
// options that only its access method has. Private to the elaborator.
//
// Nothing declared runs as the superuser for this: the unprivileged session creates routines and collations, and an extension's
// parts come from the live catalog. After the catalog is read, the stubs' attributes are replaced by the original ones.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "elaborator/desired.h"
#include "parser/declared.h"
#include "plan/step.h"
#include "postgres/introspect.h"
#include "postgres/scratch.h"
#include "support/diagnostic.h"
#include "support/error.h"

namespace lockstep::elaborator {

class Stubs {
 public:
  // `live` may be null; then there are no stubs for extensions.
  Stubs(postgres::Scratch& scratch, const postgres::Snapshot* live) : scratch_(scratch), live_(live) {}

  // Creates a stub after `step`, which creates `object`, failed for good with `facts`. Returns whether there is one now.
  bool make(const plan::Step& step, const catalog::Object& object, const support::DatabaseError::Facts& facts);

  // `read` from scratch, with the declared attributes of the originals in place of the stubs'.
  catalog::Catalog meant(const catalog::Catalog& read);
  // Why each object is a stub, by the ids read back in the last call of meant().
  const std::map<catalog::ObjectId, std::string>& reasons() const { return reasons_; }

 private:
  struct Made {
    catalog::Object original;  // with its definition as PostgreSQL would print it
    std::string reason;
    std::string mark;  // in the body of a routine; else empty
  };
  bool extension(const catalog::Object& object);
  bool routine(const catalog::Object& object, const std::string& mark);
  bool collation(const plan::Step& step, catalog::Object& object);
  bool index(const plan::Step& step);
  bool run(const plan::Step& like, const std::vector<std::string>& statements);

  postgres::Scratch& scratch_;
  const postgres::Snapshot* live_;
  std::vector<Made> made_;
  std::map<catalog::ObjectId, std::string> reasons_;
};

// Warns of each stub and of what depends on it (LS0307). It is a warning because a comparison without changes reports nothing
// else. `respelt`: maps a declared id to its id as read back.
void report_stubs(const parser::Declared& declared, const Desired& desired,
                  const std::map<catalog::ObjectId, catalog::ObjectId>& respelt, support::Diagnostics& diagnostics);

}  // namespace lockstep::elaborator
