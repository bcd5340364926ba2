#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "executor/backup.h"
#include "executor/backup_writer.h"
#include "executor/manifest.h"
#include "executor_fixture.h"

using namespace executor_test;
namespace fs = std::filesystem;

namespace {

void flip_byte(const std::string& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const char old = static_cast<char>(file.get());
  file.seekp(at);
  file.put(static_cast<char>(old ^ 1));
}

}  // namespace

TEST_CASE("what a step loses is saved, verified and brought back row by row") {
  const Database database(std::string(kShop) + "; CREATE TABLE shop.before AS SELECT id, total FROM shop.orders");
  Bench bench(database);
  bench.settings.catalog_text = "schema shop;\n";
  const auto report = bench.execute(shop_plan(database));
  const auto list = executor::list_backups(bench.backups.path());
  REQUIRE(list.size() == 1);
  const executor::Manifest& manifest = list[0];
  CHECK(manifest.folder == report.backups[0]);
  CHECK(manifest.run == report.run_id);
  CHECK(manifest.database == database.name());
  REQUIRE(manifest.files.size() == 3);
  CHECK(manifest.files[0].contents == "plan");
  CHECK(manifest.files[1].contents == "catalog");
  const executor::BackupFile& rows = manifest.files[2];
  CHECK(rows.rows == 500);
  CHECK(rows.object == "shop.orders.total");
  REQUIRE(rows.columns.size() == 2);
  CHECK(rows.columns[1].name == "total");
  CHECK(rows.columns[1].type == "numeric");
  CHECK(executor::verify_backup(manifest.folder).empty());

  Session& session = *bench.session;
  session.execute("CREATE TABLE shop.back (total numeric, id int)");
  CHECK(executor::restore_rows(session, manifest, rows, "shop", "back") == 500);
  CHECK(text(session,
             "SELECT count(*) FROM ((TABLE shop.before EXCEPT ALL SELECT id, total FROM shop.back) UNION ALL "
             "(SELECT id, total FROM shop.back EXCEPT ALL TABLE shop.before)) d") == "0");

  struct stat facts = {};
  REQUIRE(stat((manifest.folder + "/" + rows.file).c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  REQUIRE(stat(manifest.folder.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0700);
}

TEST_CASE("a damaged backup is found before anything is restored") {
  const Database database(kShop);
  Bench bench(database);
  const std::string folder = bench.execute(shop_plan(database)).backups[0];
  const executor::Manifest manifest = executor::read_manifest(folder);
  const executor::BackupFile& rows = manifest.files.back();
  const std::string path = folder + "/" + rows.file;
  const auto size = static_cast<std::streamoff>(fs::file_size(path));
  for (std::streamoff at = 0; at < size; at += std::max<std::streamoff>(1, size / 37)) {
    flip_byte(path, at);
    INFO(at);
    CHECK(executor::verify_backup(folder).size() == 1);
    flip_byte(path, at);
  }
  CHECK(executor::verify_backup(folder).empty());

  bench.session->execute("CREATE TABLE shop.back (id int, total numeric)");
  flip_byte(path, size / 2);
  CHECK(failure_of([&] { executor::restore_rows(*bench.session, manifest, rows, "shop", "back"); }).code ==
        support::ExitCode::mismatch);
  CHECK(text(*bench.session, "SELECT count(*) FROM shop.back") == "0");
  fs::resize_file(path, static_cast<std::uintmax_t>(size) / 2);
  CHECK(executor::verify_backup(folder).size() == 1);
  fs::remove(path);
  CHECK(executor::verify_backup(folder).size() == 1);

  flip_byte(folder + "/" + executor::kManifestName, static_cast<std::streamoff>(fs::file_size(folder + "/manifest.json")) / 2);
  CHECK(failure_of([&] { executor::read_manifest(folder); }).code == support::ExitCode::mismatch);
  CHECK(executor::verify_backup(folder).size() == 1);
  CHECK(executor::list_backups(bench.backups.path()).empty());
  CHECK(executor::verify_backup(folder + "x").size() == 1);
}

TEST_CASE("a database's name can't lead out of the backup folder") {
  const TemporaryFolder base;
  const auto folder = executor::Folder::make(base.path(), "../odd name", "run");
  CHECK(folder.path() == fs::absolute(base.path()).string() + "/%2E.%2Fodd%20name/run");
}

TEST_CASE("large contents span frames") {
  const TemporaryFolder base;
  const auto folder = executor::Folder::make(base.path(), "db", "run");
  for (const std::size_t pieces : {0UL, 1UL, 40UL}) {
    std::string expected;
    executor::CompressedWriter out(folder, "f" + std::to_string(pieces));
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      const std::string part(500000 + piece, static_cast<char>('a' + piece % 26));
      out.write(part);
      expected += part;
    }
    const auto size = out.finish();
    CHECK(size.raw_bytes == static_cast<std::int64_t>(expected.size()));
    executor::CompressedReader in(folder.path() + "/f" + std::to_string(pieces));
    std::string back;
    for (std::string part = in.next(); !part.empty(); part = in.next()) back += part;
    CHECK(back == expected);
  }
  { executor::CompressedWriter abandoned(folder, "never"); }
  CHECK_FALSE(fs::exists(folder.path() + "/never"));
  CHECK_FALSE(fs::exists(folder.path() + "/never.tmp"));
}

TEST_CASE("a backup folder that can't be written stops the run before any change") {
  const Database database(kShop);
  Bench bench(database);
  const TemporaryFolder place;
  std::ofstream(place.path() + "/file") << "in the way";
  bench.settings.backup_folder = place.path() + "/file/backups";
  const Failure failure = failure_of([&] { bench.execute(shop_plan(database)); });
  CHECK(failure.code == support::ExitCode::failed);
  CHECK_THAT(failure.message, Catch::Contains("backups can't be written") && Catch::Contains("--no-backup"));
  CHECK(text(*bench.session, "SELECT to_regnamespace('lockstep') IS NULL") == "t");

  bench.settings.backup = false;
  CHECK(bench.execute(shop_plan(database)).backups.empty());
  CHECK(text(*bench.session, "SELECT detail ->> 'backup' FROM lockstep.event WHERE kind = 'run_started'") == "false");
}

TEST_CASE("a symbolic link in a backup folder is not followed") {
  const TemporaryFolder base, elsewhere;
  fs::create_directory_symlink(elsewhere.path(), base.path() + "/db");
  CHECK_THROWS_AS(executor::Folder::make(base.path(), "db", "run"), std::system_error);
}

TEST_CASE("rows whose names lead out of the folder are not believed") {
  executor::Manifest manifest;
  manifest.files.push_back({});
  manifest.files[0].file = "../../etc/passwd";
  manifest.files[0].contents = "plan";
  CHECK_THROWS(executor::manifest_from_json(executor::to_json(manifest)));
}
