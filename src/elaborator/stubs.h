// What a scratch server can't have, and what stands there instead, so that all that depends on it can be elaborated: an
// extension made from what the live database says it brought, a routine in C that returns null, a collation that is "C", an
// index without the options that only its access method knows. Private to the elaborator.
//
// Nothing that was declared runs as the superuser for it: routines and collations are made by the unprivileged session, and an
// extension's parts are what the live catalog says. What a stub hid is put back when the catalog has been read.
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
  // `live` may be null: then there are none for extensions.
  Stubs(postgres::Scratch& scratch, const postgres::Snapshot* live) : scratch_(scratch), live_(live) {}

  // `step`, which makes `object`, failed for good because of `facts`. True: something stands there now.
  bool make(const plan::Step& step, const catalog::Object& object, const support::DatabaseError::Facts& facts);

  // `read` from scratch, with what the stubs hid as it was said.
  catalog::Catalog meant(const catalog::Catalog& read);
  // By the ids they were read back with, since the last meant(): why each is one.
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

// Names what stands there and what hangs on it (LS0307): a warning, since nothing else is said where there is nothing to do.
// `respelt`: declared id → its id as read back.
void report_stubs(const parser::Declared& declared, const Desired& desired,
                  const std::map<catalog::ObjectId, catalog::ObjectId>& respelt, support::Diagnostics& diagnostics);

}  // namespace lockstep::elaborator
