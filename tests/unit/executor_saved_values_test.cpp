// A step that destroys what an earlier step saved looks at the saved file itself.
#include <catch2/catch.hpp>
#include <filesystem>

#include "executor/saved_files.h"
#include "executor_fixture.h"
#include "object_id.h"
#include "plan/reliance.h"

using namespace executor_test;
namespace fs = std::filesystem;

namespace {

const catalog::Path kTotal = {"shop", "orders", "total"};

// Hidden, saved, dropped.
plan::Plan in_three(const Database& database) {
  plan::Step hide = inside("s01", "hide column shop.orders.total", {"ALTER TABLE shop.orders RENAME total TO hidden_total"});
  hide.destroys = {lockstep::testing::id("column", kTotal)};
  plan::Step save = inside("s02", "save the values of column shop.orders.total", {});
  save.losses = {{"drop-column", "shop.orders.total", "column shop.orders.total and its values", "shop.orders",
                  "SELECT id, hidden_total AS total FROM shop.orders", "hidden_total"}};
  plan::Step drop = inside("s03", "drop column shop.orders.total", {"ALTER TABLE shop.orders DROP COLUMN hidden_total"});
  drop.destroys = hide.destroys;
  return plan_of(database, {hide, save, drop});
}

// Does something right after the drop's files were read, before its transaction.
class Meddler : public executor::Clock {
 public:
  Meddler(const Recorder& output, std::function<void()> action) : output_(output), action_(std::move(action)) {}
  std::chrono::steady_clock::time_point now() const override { return executor::system_clock().now(); }
  void sleep(std::chrono::milliseconds time) override {
    if (!output_.started.empty() && output_.started.back() == "s03" && action_) std::exchange(action_, nullptr)();
    executor::system_clock().sleep(time);
  }

 private:
  const Recorder& output_;
  std::function<void()> action_;
};

std::string saved_folder(const Bench& bench) {
  const auto folders = executor::backup_folders(bench.backups.path());
  REQUIRE(folders.size() == 1);
  return folders.front();
}

}  // namespace

TEST_CASE("a step relies on what an earlier one saved and left for it to destroy") {
  const Database database(kShop);
  const plan::Plan plan = in_three(database);
  CHECK(plan::relied_on(plan, plan.steps[0]).empty());
  CHECK(plan::relied_on(plan, plan.steps[1]).empty());
  REQUIRE(plan::relied_on(plan, plan.steps[2]).size() == 1);
  CHECK(plan::relied_on(plan, plan.steps[2]).front()->id == "s02");

  plan::Plan other = plan;
  other.steps[2].destroys = {lockstep::testing::id("table", {"shop", "orders"})};
  CHECK(plan::relied_on(other, other.steps[2]).size() == 1);
  other.steps[2].destroys = {lockstep::testing::id("column", {"shop", "orders", "tot"})};
  CHECK(plan::relied_on(other, other.steps[2]).empty());
  other = plan;
  other.steps[1].losses.front().hidden.clear();  // saved by the step that lost it
  CHECK(plan::relied_on(other, other.steps[2]).empty());
}

TEST_CASE("a file that is removed, replaced or recorded anew between the reading and the drop stops the drop") {
  const std::string edit_row =
      "ALTER TABLE lockstep.backup DISABLE TRIGGER append_only; UPDATE lockstep.backup SET row_count = row_count + 1";
  for (const std::string what : {"removed", "replaced", "recorded anew"}) {
    INFO(what);
    const Database database(kShop);
    Bench bench(database);
    Meddler clock(bench.output, [&] {
      const std::string file = saved_folder(bench) + "/s02-1.copy.zst";
      if (what == "removed") fs::remove(file);
      if (what == "replaced") {
        fs::copy_file(file, file + "2");
        fs::rename(file + "2", file);
      }
      if (what == "recorded anew") testing::any_sql(*bench.session, edit_row);
    });
    executor::Dependencies use{*bench.session, [&] { return database.connect(); }, clock, bench.output};
    const Failure failure = failure_of([&] { executor::execute(in_three(database), {}, bench.settings, use); });
    CHECK(failure.code == support::ExitCode::partial);
    CHECK_THAT(failure.message, Catch::Contains("nothing is lost"));
    CHECK(text(*bench.session, "SELECT count(hidden_total) FROM shop.orders") == "500");
    if (what == "recorded anew") continue;  // the chain says so from now on
    bench.finish(in_three(database));
    CHECK(executor::runs(*bench.session).front().state == "done");
    CHECK(executor::verify_journal(*bench.session).empty());
    CHECK(executor::verify_backup(saved_folder(bench)).empty());
  }
}

TEST_CASE("values saved again count instead of the first ones") {
  const Database database(kShop);
  Bench bench(database);
  Meddler clock(bench.output, [&] { fs::remove_all(bench.backups.path()); });
  executor::Dependencies use{*bench.session, [&] { return database.connect(); }, clock, bench.output};
  CHECK(failure_of([&] { executor::execute(in_three(database), {}, bench.settings, use); }).code == support::ExitCode::partial);
  bench.finish(in_three(database));
  const std::string run = executor::runs(*bench.session).front().id;
  const auto saved = executor::saved_files(*bench.session, run);
  REQUIRE(saved.size() == 1);
  CHECK(saved.front().file.file == "s02-1.2.copy.zst");
  CHECK(executor::attempt_of(saved.front().file.file) == 2);
  CHECK(executor::find_saved(saved.front(), bench.backups.path()).problem.empty());
  CHECK(executor::manifest_problem(saved_folder(bench), saved).empty());
  CHECK(text(*bench.session, "SELECT count(*) FROM lockstep.backup") == "2");
  CHECK(executor::verify_journal(*bench.session).empty());
}
