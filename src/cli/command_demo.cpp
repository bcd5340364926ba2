// A whole change, seen live: an embedded server, a shop with data and traffic, a plan, its run, and the count afterwards.
// Needs nothing but the build and PostgreSQL's binaries; touches no database of the user's.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>

#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/text.h"
#include "cli/traffic.h"
#include "executor/interrupt.h"
#include "postgres/embedded_server.h"
#include "support/source_text.h"
#include "support/sql_text.h"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;
using support::ExitCode;

void flags(CLI::App& app, Options& options) {
  app.add_option("--schemas", options.schemas, "folder with shop.schema, shop_v2.schema and shop_seed.sql")->type_name("DIR");
  app.add_option("--rows", options.rows, "orders to start with")
      ->check(CLI::Range(1000, 50000000))
      ->type_name("N")
      ->capture_default_str();
}

// Beside the sources it was built from, or installed beside the binary.
fs::path schemas_folder(const Options& options) {
  std::vector<fs::path> candidates;
  if (!options.schemas.empty()) {
    candidates = {options.schemas};
  } else {
    std::error_code ignored;
    const fs::path binary = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    candidates = {LOCKSTEP_SOURCE_SCHEMAS, binary / "../share/lockstep/schemas", "schemas"};
  }
  for (const fs::path& folder : candidates)
    if (fs::exists(folder / "shop_v2.schema")) return fs::proximate(folder);
  throw support::UsageError("the demo's shop.schema and shop_v2.schema are not where they are expected; give --schemas DIR");
}

// The demo's database and the plain role that owns it: made on construction, dropped afterwards, together with the backups
// written for it. Not the cluster's superuser: what is tried on a scratch copy must not run with its powers.
class Stage {
 public:
  Stage()
      : server_(postgres::EmbeddedServer::start(0)),
        admin_(postgres::connect(server_->url("postgres"), "lockstep demo")),
        name_(fmt::format("lockstep_demo_{}", getpid())),
        backups_(fs::temp_directory_path() / name_) {
    drop();  // of a killed demo with the same process id
    const std::string name = support::quote_identifier(name_);
    admin_->execute("CREATE ROLE " + name + " LOGIN");
    admin_->execute("CREATE DATABASE " + name + " OWNER " + name + " TEMPLATE template0 ENCODING 'UTF8'");
  }
  ~Stage() {
    std::error_code ignored;
    fs::remove_all(backups_, ignored);
    try {
      drop();
    } catch (const std::exception&) {
      // The server went away first, and its databases with it.
    }
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  std::string url() const { return server_->url(name_) + "&user=" + name_; }
  int major() const { return server_->major(); }
  std::string backups() const { return backups_.string(); }

 private:
  void drop() {
    admin_->execute("DROP DATABASE IF EXISTS " + support::quote_identifier(name_) + " WITH (FORCE)");
    admin_->execute("DROP ROLE IF EXISTS " + support::quote_identifier(name_));
  }

  std::unique_ptr<postgres::EmbeddedServer> server_;
  std::unique_ptr<postgres::Session> admin_;
  std::string name_;
  fs::path backups_;
};

using Counts = std::map<std::string, std::int64_t>;

Counts count_rows(const Stage& stage) {
  const auto session = postgres::connect(stage.url(), "lockstep demo");
  const postgres::Result tables = session->execute(
      "SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p') "
      "AND NOT relispartition ORDER BY 1");
  Counts counts;
  for (std::size_t i = 0; i < tables.size(); ++i)
    counts[tables.text(i, 0)] =
        session->execute("SELECT count(*) FROM " + support::qualified("shop", tables.text(i, 0))).integer(0, 0);
  return counts;
}

void load(const Stage& stage, const fs::path& file, std::int64_t orders) {
  const auto session = postgres::connect(stage.url(), "lockstep demo");
  session->execute(fmt::format("SET shop.orders = '{}'", orders));
  session->execute(support::read_source(file.string())->text());
}

void bring_to(const Stage& stage, const fs::path& file, const Console& console, bool show_plan) {
  fleet::Job job;
  job.url = stage.url();
  job.sources = reconciler::Sources{{file.string()}, {}};
  job.consent = plan::Consent::parse({"all"});
  job.settings.backup_folder = stage.backups();
  Console quiet = console;
  quiet.quiet = quiet.quiet || !show_plan;
  quiet.live_progress = quiet.live_progress && show_plan;
  const auto conversation = make_conversation(quiet, {.yes = true, .full_sql = console.verbose, .show_plan = show_plan});
  fleet::apply(job, *conversation);
}

void headline(const Console& console, const std::string& text) {
  console.out("\n" + paint(console.colour_out, Style::bold, "== " + text) + "\n\n");
}

// Every row that was there is there, and what the traffic added: anything else is a failure of the demo.
bool show_counts(const Counts& before, const Counts& after, std::int64_t orders_inserted, const Console& console) {
  bool kept = true;
  console.out(fmt::format("{:<20} {:>12} {:>12}\n", "table", "rows before", "rows after"));
  for (const auto& [table, rows] : before) {
    const auto found = after.find(table);
    const std::int64_t now = found == after.end() ? 0 : found->second;
    const std::int64_t expected = rows + (table == "orders" ? orders_inserted : 0);
    kept = kept && now == expected;
    if (rows > 0 || now != expected)
      console.out(fmt::format("{:<20} {:>12} {:>12}{}\n", table, amount(rows), amount(now),
                              now != expected ? "  LOST"
                              : now != rows   ? "  (the traffic's)"
                                              : ""));
  }
  return kept;
}

ExitCode run(const Options& options, const Console& console) {
  const fs::path folder = schemas_folder(options);
  executor::install_interrupt_handlers();  // so that Ctrl-C, too, leaves no database behind
  const Stage stage;
  headline(console, fmt::format("A database for the demo: PostgreSQL {}, embedded", stage.major()));
  console.out("empty → " + (folder / "shop.schema").filename().string() + "\n");
  bring_to(stage, folder / "shop.schema", console, false);
  console.out(fmt::format("loading a shop with {} orders\n", amount(options.rows)));
  load(stage, folder / "shop_seed.sql", options.rows);
  const Counts before = count_rows(stage);
  if (executor::interrupts() > 0)
    throw support::CommandError(executor::interrupt_code(), "interrupted; the demo's database is gone");

  headline(console, "shop.schema → shop_v2.schema, with the application running");
  const auto traffic = Traffic::start(stage.url());
  const auto start = std::chrono::steady_clock::now();
  bring_to(stage, folder / "shop_v2.schema", console, true);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  const TrafficReport report = traffic->stop();
  const Counts after = count_rows(stage);

  headline(console, "Afterwards");
  const bool kept = show_counts(before, after, report.orders_inserted, console);
  console.out(fmt::format("\ntraffic meanwhile: {} transactions in {}, {} failed, the slowest took {}\n",
                          amount(report.transactions), duration_text(took), report.failed, duration_text(report.slowest)));
  if (report.failed > 0) console.out("first failure: " + report.first_error + "\n");
  if (!kept) throw support::CommandError(ExitCode::mismatch, "rows are missing after the change");
  console.out(paint(console.colour_out, Style::green, "live equals desired") + "\n");
  return report.failed > 0 ? ExitCode::failed : ExitCode::done;
}

}  // namespace

constinit const Command kDemo{"demo", "a whole change on an embedded server, with data and traffic", flags, run};

}  // namespace lockstep::cli
