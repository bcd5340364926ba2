// The demo's database. The constructor creates it on the embedded server, owned by a plain role (what is tried on a scratch
// copy must not run with a superuser's rights); the destructor drops it with the backups written for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "postgres/embedded_server.h"
#include "session/session.h"

namespace lockstep::cli {

class DemoStage {
 public:
  DemoStage();
  ~DemoStage();
  DemoStage(const DemoStage&) = delete;
  DemoStage& operator=(const DemoStage&) = delete;

  std::string url() const;
  int major() const { return server_->major(); }
  std::string backups() const { return (folder_ / "backups").string(); }
  // A lockstep.yaml with the database as environment "shop". Its URL is in this process's environment.
  std::string configuration() const { return (folder_ / "lockstep.yaml").string(); }
  // A file for the output of a command.
  std::string log() const { return (folder_ / "command.log").string(); }
  std::unique_ptr<postgres::Session> connect() const;

  // Runs schemas/shop_seed.sql.
  void load(const std::filesystem::path& file, std::int64_t customers, std::int64_t orders) const;
  // The number of rows of every table, by name; partitioned tables as a whole.
  std::map<std::string, std::int64_t> count_rows() const;
  // The rows that the run started last has backfilled, according to its journal.
  std::int64_t rows_backfilled_by_last_run() const;
  std::string last_run() const;  // the short name of the run started last

 private:
  void drop();

  std::unique_ptr<postgres::EmbeddedServer> server_;
  std::unique_ptr<postgres::Session> admin_;
  std::string name_;
  std::filesystem::path folder_;
};

}  // namespace lockstep::cli
