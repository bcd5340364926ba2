#include "cli/demo_rollout.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "cli/child.h"
#include "cli/demo_shop.h"
#include "cli/lock_watch.h"
#include "cli/text.h"
#include "cli/traffic.h"

namespace lockstep::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using support::ExitCode;

constexpr int kConnections = 2;  // of each version
constexpr milliseconds kTogether{4000}, kAlone{2000};

class Rollout {
 public:
  Rollout(const DemoScreen& screen, double rate)
      : screen_(screen), rate_(rate), session_(screen.stage().connect()), ledger_(std::make_shared<ShopLedger>(*session_)) {}

  void tell() {
    introduce();
    const auto watch = LockWatch::start(screen_.stage().url(), kTrafficApplication, kLockstepApplication);
    to_the_end_of_contract();
    take_back();
    to_the_end_of_contract();
    purge();
    const LockWait waited = watch->stop();
    sum_up(waited);
  }

 private:
  void introduce() {
    screen_.headline("6. shop_v3.schema → shop_v4.schema: a rollout, and its way back");
    screen_.say("  customers.score         is renamed to points");
    screen_.say("  customers.phone         is dropped");
    screen_.say("  product_reviews.id      integer → bigint, the primary key");
    screen_.say("  product_reviews.stars   smallint → numeric(2,1)");
    screen_.say("");
    screen_.say(fmt::format("Two versions of the application make {} requests a second each. The old one",
                            amount(static_cast<std::int64_t>(rate_))));
    screen_.say("knows only what was, the new one only what will be.");
    screen_.say("");
    screen_.say(fmt::format("{:<14}{:>8}   {:^26}   {:^26}", "", "", "old version", "new version"));
    screen_.say(fmt::format("{:<14}{:>8}   {:>9}{:>7}{:>10}   {:>9}{:>7}{:>10}", "", "time", "requests", "failed", "p99",
                            "requests", "failed", "p99"));
  }

  void to_the_end_of_contract() {
    const std::string files = screen_.file("shop_v4.schema");
    if (!old_) old_ = start(old_shop());
    command("to the gate", {"apply", "--schema", files, "--yes", "--allow", "all", "--phase", "migrate", "--hold", "1h"},
            ExitCode::gate);
    screen_.say("  it ended with 6: it waits at the gate, where both names of a column work");
    new_ = start(new_shop());
    wait("both at work", kTogether);
    add(old_->stop());
    old_.reset();
    command("contract", {"apply", "--schema", files, "--yes", "--phase", "contract"}, ExitCode::done);
    screen_.say("  what went is hidden for an hour");
    wait("held", kAlone);
  }

  void take_back() {
    screen_.say("");
    screen_.say("Something is wrong with the new version, so it stops:");
    add(new_->stop());
    new_.reset();
    command("rollback", {"rollback", "--yes", "--allow", "all"}, ExitCode::done);
    const auto found = compare(old_shop());
    screen_.say(fmt::format("  all {} rows are what they must be, in the old shape:", amount(found.rows)));
    screen_.say(fmt::format("  {} phone numbers are back, and {} reviews that the new version", amount(found.phones),
                            amount(found.by_new)));
    screen_.say("  wrote are there, as are the points that it gave");
    old_ = start(old_shop());
    wait("as before", kAlone);
    screen_.say("");
    screen_.say("What was wrong is fixed, so the rollout begins once more:");
  }

  void purge() {
    command("purge", {"purge", screen_.stage().last_run(), "--early", "no old version is left", "--yes"}, ExitCode::done);
    wait("the end", kAlone);
    add(new_->stop());
    new_.reset();
    screen_.say("");
    screen_.command({"verify", "--schema", screen_.file("shop_v4.schema")}, ExitCode::done);
    compare(new_shop());
  }

  void sum_up(const LockWait& waited) {
    screen_.fact("requests", fmt::format("{}, {} failed", amount(requests_), failed_));
    screen_.fact("prepared again and sent once more", fmt::format("{}, as a result's type had changed", replanned_));
    screen_.longest_wait(waited);
    screen_.fact("rows compared", fmt::format("{}: none lost, added or wrong", amount(compared_)));
    screen_.fact("no version could run for", duration_text(outage_) + ": during the rollback");
    screen_.good("live equals desired");
  }

  std::unique_ptr<Traffic> start(const ShopShape& shape) {
    return Traffic::start(screen_.stage().url(), kConnections, rate_,
                          shop_application(shape, std::to_string(++started_), ledger_));
  }

  // Runs it, and shows what the applications notice meanwhile. The command's own output is shown if it ends otherwise.
  void command(const std::string& name, const std::vector<std::string>& words, ExitCode expected) {
    screen_.say("");
    screen_.show(words);
    const std::string log = screen_.stage().log();
    const auto begin = steady_clock::now();
    Child child(screen_.arguments(words), log);
    begin_row();
    while (child.running()) {
      live(name, begin);
      std::this_thread::sleep_for(kLook);
    }
    const int code = child.wait();
    DemoScreen::stop_if_interrupted();
    if (code != static_cast<int>(expected)) {
      std::ostringstream said;
      said << std::ifstream(log).rdbuf();
      screen_.say(said.str());
    }
    DemoScreen::expect(words.front(), code, expected);
    if (!old_ && !new_) outage_ += std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    row(name, begin);
  }

  void wait(const std::string& name, milliseconds time) {
    const auto begin = steady_clock::now();
    begin_row();
    while (steady_clock::now() < begin + time) {
      live(name, begin);
      DemoScreen::pause(kLook);
    }
    row(name, begin);
  }

  void begin_row() {
    if (old_) add(old_->lap());
    if (new_) add(new_->lap());
  }

  void live(const std::string& name, steady_clock::time_point begin) {
    if (!screen_.console().live_progress) return;
    screen_.console().redraw(
        text(name, begin, old_ ? cells(old_->so_far()) : no_cells(), new_ ? cells(new_->so_far()) : no_cells()));
  }

  void row(const std::string& name, steady_clock::time_point begin) {
    const std::string line = text(name, begin, lap(old_.get()), lap(new_.get()));
    if (screen_.console().live_progress) screen_.console().redraw("");
    screen_.say(line);
    if (failed_ > 0) throw support::CommandError(ExitCode::failed, "requests failed; the first: " + first_error_);
  }

  static std::string text(const std::string& name, steady_clock::time_point begin, const std::string& of_old,
                          const std::string& of_new) {
    const auto time = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    return fmt::format("{:<14}{:>8}   {}   {}", name, fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000), of_old,
                       of_new);
  }
  std::string lap(Traffic* traffic) {
    if (!traffic) return no_cells();
    const TrafficReport report = traffic->lap();
    add(report);
    return cells(report);
  }
  static std::string cells(const TrafficReport& report) {
    return fmt::format("{:>9}{:>7}{:>10}", amount(report.requests), report.failed,
                       fmt::format("{:.1f} ms", static_cast<double>(report.p99.count()) / 1000));
  }
  static std::string no_cells() { return fmt::format("{:^26}", "stopped"); }

  void add(const TrafficReport& report) {
    requests_ += report.requests;
    failed_ += report.failed;
    replanned_ += report.replanned;
    if (first_error_.empty()) first_error_ = report.first_error;
  }

  // Ends the demo if a row is not what it must be. REQUIRES: no version runs.
  ShopLedger::Comparison compare(const ShopShape& shape) {
    const ShopLedger::Comparison found = ledger_->compare(*session_, shape);
    DemoScreen::stop_if_interrupted();
    if (failed_ > 0) throw support::CommandError(ExitCode::failed, "requests failed; the first: " + first_error_);
    if (!found.same())
      throw support::CommandError(ExitCode::mismatch,
                                  fmt::format("{} rows are lost, {} too much, {} not what was written; the first: {}", found.lost,
                                              found.extra, found.wrong, found.first));
    compared_ += found.rows;
    return found;
  }

  static constexpr milliseconds kLook{250};
  const DemoScreen& screen_;
  double rate_;
  std::unique_ptr<postgres::Session> session_;
  std::shared_ptr<ShopLedger> ledger_;
  std::unique_ptr<Traffic> old_, new_;
  int started_ = 0;
  std::int64_t requests_ = 0, failed_ = 0, replanned_ = 0, compared_ = 0;
  std::string first_error_;
  milliseconds outage_{0};
};

}  // namespace

void tell_rollout(const DemoScreen& screen, double rate) {
  Rollout(screen, rate).tell();
}

}  // namespace lockstep::cli
