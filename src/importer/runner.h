// Runs scripts one after another in the unprivileged session of a scratch database. Private to the importer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "importer/extensions.h"
#include "importer/script.h"
#include "postgres/scratch.h"
#include "support/diagnostic.h"
#include "support/error.h"

namespace lockstep::importer {

// A role that a statement needs and that scratch hasn't got yet. Everything is run again with it.
struct RoleWanted {
  std::string role;
};

class Runner {
 public:
  // `roles`: those that scratch was asked to have.
  Runner(postgres::Scratch& scratch, const std::vector<std::string>& roles, Extensions& extensions,
         support::Diagnostics& diagnostics)
      : scratch_(scratch), session_(scratch.session()), roles_(roles), extensions_(extensions), diagnostics_(diagnostics) {}

  // The search_path with which each script begins; without one PostgreSQL's own. Its schemas are made, as tools do that are given
  // one; a migration may make each once more.
  void begin_with(const std::vector<std::string>& search_path);
  // False: an error was reported. Throws RoleWanted.
  bool run(const Script& script);
  std::size_t statements() const { return statements_; }

 private:
  struct Failure {
    std::size_t piece = 0;
    support::DatabaseError::Facts facts;
  };
  std::optional<Failure> in_one(const Script& script);
  std::optional<Failure> one_by_one(const Script& script);
  std::optional<Failure> pieces(const Script& script);
  void begin_session();
  void statement(const Piece& piece);
  void as_owner(const Piece& piece, const nlohmann::json& grant);
  void block(const Piece& piece);
  bool known(const std::string& role) const;
  void plainly(const Piece& piece);
  void copy(const Piece& piece);
  void transaction(const Piece& piece);
  // Returns why it failed, in a savepoint if a transaction is open.
  std::optional<support::DatabaseError::Facts> tried(const Piece& piece);
  void setting(const Piece& piece);
  void superuser(const Piece& piece);
  void between_transactions(const std::function<void()>& action);
  void leave_out(const Piece& piece, std::string_view why);
  void report(const Script& script, const Failure& failure);

  postgres::Scratch& scratch_;
  postgres::Session& session_;
  const std::vector<std::string>& roles_;
  Extensions& extensions_;
  support::Diagnostics& diagnostics_;
  std::vector<std::string> search_path_;
  std::set<std::string> given_;  // schemas of it that no migration has made yet
  std::size_t statements_ = 0;
  bool open_ = false;       // a transaction
  bool committed_ = false;  // of the present script, before its end
};

}  // namespace lockstep::importer
