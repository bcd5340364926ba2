// Shows a whole change: an embedded server, a shop with data and a load, a plan, its run, and what the application noticed.
// Then somebody changes the database by hand, a run is killed, and a rollout is rolled back and then carried through.
// Needs only the build and PostgreSQL's binaries; touches no database of the user's.
#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "cli/child.h"
#include "cli/commands.h"
#include "cli/conversation.h"
#include "cli/demo_rollout.h"
#include "cli/demo_screen.h"
#include "cli/demo_stage.h"
#include "cli/lock_watch.h"
#include "cli/text.h"
#include "cli/traffic.h"
#include "executor/backup.h"
#include "executor/interrupt.h"

namespace lockstep::cli {
namespace command_demo {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using support::ExitCode;

constexpr int kConnections = 4;
constexpr double kLoad = 0.3;  // share of the load that the idle server sustains
constexpr milliseconds kCalibration{3000}, kBefore{5000};

struct Options {
  std::string schemas;  // the folder of its files
  std::int64_t rows = 1000000;
};

void flags(Flags app, Options& options) {
  app.option("--schemas", options.schemas, "folder with shop.schema to shop_v4.schema and shop_seed.sql").type("DIR");
  app.option("--rows", options.rows, "customers to start with; a fifth as many orders")
      .range(10000, 50000000)
      .type("N")
      .shows_default();
}

// In the source tree it was built from, or installed with the binary.
fs::path schemas_folder(const std::string& given) {
  std::vector<fs::path> candidates;
  if (!given.empty()) {
    candidates = {given};
  } else {
    std::error_code ignored;
    const fs::path binary = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    candidates = {LOCKSTEP_SOURCE_SCHEMAS, binary / "../share/lockstep/schemas", "schemas"};
  }
  for (const fs::path& folder : candidates)
    if (fs::exists(folder / "shop_v4.schema")) return fs::proximate(folder);
  throw support::UsageError("the demo's shop.schema to shop_v4.schema are not where they are expected; give --schemas DIR");
}

class Story {
 public:
  Story(const Console& console, const fs::path& schemas) : console_(console), screen_(console, schemas, stage_) {}

  ExitCode tell(std::int64_t customers) {
    open(customers);
    const TrafficReport before = load_before();
    change(before);
    drift();
    kill_in_the_middle();
    tell_rollout(screen_, rate_ / 2);
    screen_.headline("Done");
    screen_.good("live equals desired, after a change under load, a drift, a kill -9 and a rollout");
    return ExitCode::done;
  }

 private:
  void open(std::int64_t customers) {
    screen_.headline(fmt::format("1. A shop on PostgreSQL {}, embedded", stage_.major()));
    screen_.command({"apply", "--schema", screen_.file("shop.schema"), "--yes"}, ExitCode::done, true);
    const auto start = steady_clock::now();
    stage_.load(screen_.file("shop_seed.sql"), customers, customers / 5);
    DemoScreen::stop_if_interrupted();
    screen_.say(fmt::format("loaded {} customers and {} orders in {}", amount(customers), amount(customers / 5), since(start)));
  }

  TrafficReport load_before() {
    const auto all = Traffic::start(stage_.url(), kConnections, 0, every_shop_application());
    DemoScreen::pause(kCalibration);
    rate_ = all->stop().per_second();
    screen_.say(fmt::format("idle, it serves {} requests a second over {} connections;", amount(static_cast<std::int64_t>(rate_)),
                            kConnections));
    rate_ *= kLoad;
    screen_.say(fmt::format("the application makes {} a second from now on ({:.0f} %)", amount(static_cast<std::int64_t>(rate_)),
                            kLoad * 100));
    const auto traffic = Traffic::start(stage_.url(), kConnections, rate_, every_shop_application());
    DemoScreen::pause(kBefore);
    return traffic->stop();
  }

  void change(const TrafficReport& before) {
    screen_.headline("2. shop.schema → shop_v2.schema, with the application running");
    const auto rows = stage_.count_rows();
    const auto watch = LockWatch::start(stage_.url(), kTrafficApplication, kLockstepApplication);
    const auto traffic = Traffic::start(stage_.url(), kConnections, rate_, every_shop_application());
    const fleet::Outcome outcome = bring_to("shop_v2.schema");
    const TrafficReport during = traffic->stop();
    const LockWait waited = watch->stop();

    screen_.headline("3. What the application noticed");
    screen_.say(
        fmt::format("{:<8}{:>10}{:>10}{:>8}{:>11}{:>11}{:>11}", "", "requests", "a second", "failed", "p50", "p99", "max"));
    latencies("before", before);
    latencies("during", during);
    screen_.say("");
    screen_.longest_wait(waited);
    backfilled(outcome.report);
    backed_up(outcome.report);
    kept(rows, during.writes);
    if (before.failed + during.failed > 0)
      throw support::CommandError(ExitCode::failed, "requests failed; the first: " + before.first_error + during.first_error);
    screen_.good("live equals desired");
  }

  fleet::Outcome bring_to(const std::string& name) {
    fleet::Job job;
    job.url = stage_.url();
    job.sources = elaborator::Sources{{screen_.file(name)}, {}};
    job.consent = plan::Consent::parse({"all"});
    job.settings.backup_folder = stage_.backups();
    job.settings.application = kLockstepApplication;
    const auto conversation = make_conversation(
        console_, {.yes = true, .statements = console_.verbose ? Statements::shortened : Statements::none, .show_plan = true});
    return fleet::apply(job, *conversation);
  }

  void latencies(const std::string& name, const TrafficReport& report) {
    const auto ms = [](std::chrono::microseconds time) {
      return fmt::format("{:.1f} ms", static_cast<double>(time.count()) / 1000.0);
    };
    screen_.say(fmt::format("{:<8}{:>10}{:>10.0f}{:>8}{:>11}{:>11}{:>11}", name, amount(report.requests), report.per_second(),
                            report.failed, ms(report.p50), ms(report.p99), ms(report.slowest)));
  }

  void backfilled(const executor::Report& report) {
    const double seconds = static_cast<double>(report.backfill_time.count()) / 1000.0;
    const double rate = seconds > 0 ? static_cast<double>(report.rows_backfilled) / seconds : 0;
    screen_.fact("rows backfilled",
                 fmt::format("{} ({} a second)", amount(report.rows_backfilled), amount(static_cast<std::int64_t>(rate))));
  }

  void backed_up(const executor::Report& report) {
    for (const std::string& folder : report.backups) {
      for (const auto& saved : executor::read_manifest(folder).files) {
        if (saved.contents != "rows") continue;
        screen_.fact("backed up: " + saved.object,
                     fmt::format("{} rows, {} in {}", amount(saved.rows), bytes_text(saved.stored_bytes), saved.file));
      }
      screen_.fact("files backed up", std::to_string(executor::read_manifest(folder).files.size()));
    }
  }

  // Every row from before exists, and so do those that the application added; anything else fails the demo.
  void kept(const std::map<std::string, std::int64_t>& before, std::int64_t orders_inserted) {
    const auto after = stage_.count_rows();
    std::int64_t rows = 0;
    for (const auto& [table, count] : before) {
      const auto found = after.find(table);
      const std::int64_t now = found == after.end() ? 0 : found->second;
      const std::int64_t expected = count + (table == "orders" ? orders_inserted : 0);
      if (now != expected)
        throw support::CommandError(ExitCode::mismatch, fmt::format("{} has {} rows after the change, expected {}", table,
                                                                    amount(now), amount(expected)));
      rows += now;
    }
    screen_.fact("rows afterwards", fmt::format("{}: all that were there, {} new orders", amount(rows), amount(orders_inserted)));
  }

  void drift() {
    screen_.headline("4. Somebody changes the database by hand");
    for (const auto* statement : {"ALTER TABLE shop.customers ADD COLUMN shoe_size integer", "DROP INDEX shop.payments_order"}) {
      screen_.say(fmt::format("psql: {}", statement));
      stage_.connect()->declared(support::DeclaredSql(statement));
    }
    screen_.command({"verify", "--schema", screen_.file("shop_v2.schema")}, ExitCode::changes);
    screen_.command(
        {"apply", "--schema", screen_.file("shop_v2.schema"), "--yes", "--allow", "drift,drop:shop.customers.shoe_size"},
        ExitCode::done);
  }

  void kill_in_the_middle() {
    screen_.headline("5. kill -9 in the middle of a backfill");
    const auto rows = stage_.count_rows();
    const std::int64_t orders = rows.at("orders");
    std::int64_t filled = 0;
    {
      screen_.show({"apply", "--schema", screen_.file("shop_v3.schema"), "--yes", "--allow", "all"});
      Child child(screen_.arguments({"apply", "--schema", screen_.file("shop_v3.schema"), "--yes", "--allow", "all"}),
                  "/dev/null");
      const auto session = stage_.connect();
      while (child.running()) {
        filled = stage_.rows_backfilled_by_last_run();
        if (filled > orders / 4 && filled < orders) break;
        std::this_thread::sleep_for(milliseconds(5));
      }
      child.kill();
      if (child.wait() != 128 + 9) throw support::CommandError(ExitCode::failed, "the run ended before it could be killed");
    }
    screen_.say(
        fmt::format("\nkilled with {} of {} orders filled\n", amount(stage_.rows_backfilled_by_last_run()), amount(orders)));
    screen_.command({"status"}, ExitCode::done);
    screen_.command({"resume", "--yes"}, ExitCode::done);
    screen_.command({"verify", "--schema", screen_.file("shop_v3.schema")}, ExitCode::done);
    kept(rows, 0);
  }

  static std::string since(steady_clock::time_point start) {
    return duration_text(std::chrono::duration_cast<milliseconds>(steady_clock::now() - start));
  }

  const Console& console_;
  DemoStage stage_;
  DemoScreen screen_;
  double rate_ = 0;  // requests a second
};

ExitCode run(const Options& options, const ConfigOptions&, const Console& console) {
  const support::DeferInterrupts deferred;  // so that Ctrl-C leaves no database either
  return Story(console, schemas_folder(options.schemas)).tell(options.rows);
}

}  // namespace
}  // namespace command_demo

constinit const Command kDemo = command<command_demo::flags, command_demo::run>(
    "demo", "a whole change on an embedded server, under load, with a drift, a kill -9 and a rollout");

}  // namespace lockstep::cli
