// Runs the plain SQL of a desired state on a scratch database, alongside what `build` creates from declared objects.
//
// The text is untrusted code and runs in the unprivileged session. Only statements that need a superuser and do nothing else
// (owners) run in the superuser's. As long as there is no pg_depend the order is a guess: each file's own order first; failed
// statements are then repeated until a pass makes no progress.
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

  // Each of these runs the remaining statements of its duty (parser::Duty) once, and returns whether it made progress.
  // Creates only schemas, which don't depend on anything else.
  void make_schemas();
  bool make() { return pass(parser::Duty::make); }
  // Repeats until there is no progress: a column's sequence has its table's owner, and only afterwards can a statement set the
  // same.
  void own() {
    while (pass(parser::Duty::own)) {
    }
  }
  bool grant() { return pass(parser::Duty::grant); }

  // The statements that never succeeded, with the errors of the last pass, in the order of the files.
  std::vector<ScriptFailure> failures() const;
  // Whether a statement exceeded the time limit. Then nothing more runs, and it is the only failure.
  bool past_limit() const { return past_limit_ != nullptr; }

 private:
  struct Open {
    const parser::Statement* statement = nullptr;
    support::DatabaseError::Facts facts;  // why it has not succeeded yet
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
