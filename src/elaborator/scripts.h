// Runs the plain SQL of a desired state on a scratch database, beside what `build` makes of the declared objects.
//
// The text is code from strangers and goes through the unprivileged session; only statements found to do nothing but what
// takes a superuser (owners) go through the other. Before pg_depend exists order is a guess: each file's own order first,
// then what failed is tried again until a pass makes no progress.
#pragma once

#include <string>
#include <vector>

#include "parser/script.h"
#include "postgres/scratch.h"
#include "support/error.h"

namespace lockstep::elaborator {

struct ScriptFailure {
  const parser::Statement* statement = nullptr;
  support::DatabaseError::Facts facts;
};

class ScriptRun {
 public:
  ScriptRun(postgres::Scratch& scratch, const std::vector<parser::Script>& scripts);

  // Each tries what is still open of its duty, once; true: something more is done. See parser::Duty.
  // Just the schemas, which nothing else has to wait for.
  void make_schemas();
  bool make() { return pass(parser::Duty::make); }
  // More than once: a sequence that belongs to a column has its table's owner, and only then may a statement say the same.
  void own() {
    while (pass(parser::Duty::own)) {
    }
  }
  bool grant() { return pass(parser::Duty::grant); }

  // Of the last pass: what never ran. In the order of the files.
  std::vector<ScriptFailure> failures() const;
  // One was past the time limit: nothing more is tried, and it is the only failure.
  bool past_limit() const { return past_limit_ != nullptr; }

 private:
  struct Open {
    const parser::Statement* statement = nullptr;
    support::DatabaseError::Facts facts;  // why not yet
    bool done = false;
  };
  bool pass(parser::Duty duty);
  bool chunks(parser::Duty duty);
  bool one_by_one(parser::Duty duty);
  postgres::Session& session_of(const parser::Statement& statement);
  support::DeclaredSql text_of(const parser::Statement& statement);
  void execute(Open& open);
  static void refuse_skipped(const std::vector<postgres::Notice>& notices, Open& open);

  postgres::Scratch& scratch_;
  std::vector<Open> open_;
  const Open* past_limit_ = nullptr;
  int passes_ = 0;
  bool chunked_[3] = {false, false, false};  // by duty
};

}  // namespace lockstep::elaborator
