#include "cli/demo_stage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "cli/text.h"
#include "support/source_text.h"
#include "support/sql_text.h"

namespace lockstep::cli {

namespace fs = std::filesystem;

namespace {
constexpr const char* kApplication = "lockstep demo";  // for the demo's own queries
}

DemoStage::DemoStage()
    : server_(postgres::EmbeddedServer::start(0)),
      admin_(postgres::connect(server_->url("postgres"), kApplication)),
      name_(fmt::format("lockstep_demo_{}", getpid())),
      folder_(fs::temp_directory_path() / name_) {
  drop();  // left by a killed demo with the same process id
  const support::Sql name = support::Sql::identifier(name_);
  admin_->execute("CREATE ROLE " + name + " LOGIN");
  admin_->execute("CREATE DATABASE " + name + " OWNER " + name + " TEMPLATE template0 ENCODING 'UTF8'");
  fs::create_directories(folder_);
  setenv("LOCKSTEP_DEMO_URL", url().c_str(), 1);
  std::ofstream(configuration()) << "environments:\n  shop:\n    url: \"${LOCKSTEP_DEMO_URL}\"\n    backup: { store: "
                                 << backups() << " }\n";
}

DemoStage::~DemoStage() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  try {
    drop();
  } catch (const std::exception&) {
    // The server has ended, and its databases with it.
  }
}

void DemoStage::drop() {
  admin_->execute("DROP DATABASE IF EXISTS " + support::Sql::identifier(name_) + " WITH (FORCE)");
  admin_->execute("DROP ROLE IF EXISTS " + support::Sql::identifier(name_));
}

std::string DemoStage::url() const {
  return server_->url(name_) + "&user=" + name_;
}

std::unique_ptr<postgres::Session> DemoStage::connect() const {
  return postgres::connect(url(), kApplication);
}

void DemoStage::load(const fs::path& file, std::int64_t customers, std::int64_t orders) const {
  const auto session = connect();
  session->query("SELECT pg_catalog.set_config('shop.customers', $1, false), pg_catalog.set_config('shop.orders', $2, false)",
                 {std::to_string(customers), std::to_string(orders)});
  session->declared(support::DeclaredSql(std::string(support::read_source(file.string())->text())));
}

std::map<std::string, std::int64_t> DemoStage::count_rows() const {
  const auto session = connect();
  const postgres::Result tables = session->execute(
      "SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p') "
      "AND NOT relispartition ORDER BY 1");
  std::map<std::string, std::int64_t> counts;
  for (std::size_t i = 0; i < tables.size(); ++i)
    counts[tables.text(i, 0)] =
        session->execute("SELECT count(*) FROM " + support::Sql::identifier("shop", tables.text(i, 0))).integer(0, 0);
  return counts;
}

std::int64_t DemoStage::rows_backfilled_by_last_run() const {
  return connect()
      ->execute(
          "SELECT coalesce(sum((detail ->> 'rows')::bigint), 0)::bigint FROM lockstep.event WHERE kind = 'batch' AND run = "
          "(SELECT id FROM lockstep.run ORDER BY started DESC LIMIT 1)")
      .integer(0, 0);
}

std::string DemoStage::last_run() const {
  return run_name(connect()->execute("SELECT id::text FROM lockstep.run ORDER BY started DESC LIMIT 1").text(0, 0));
}

}  // namespace lockstep::cli
