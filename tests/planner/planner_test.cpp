// Each file of cases beside this one is a test: every case is planned, and the plan compared with the one that stands in the
// file. LOCKSTEP_BLESS=1 writes what is planned now into the files instead: read the difference before it is committed.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "world.h"

using namespace lockstep;

TEST_CASE("plans of catalogs written by hand", "[planner]") {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(LOCKSTEP_PLANNER_CASES)) {
    if (entry.path().extension() == ".plans") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  for (const auto& file : files) {
    if (std::getenv("LOCKSTEP_BLESS") != nullptr) {
      const std::string text = testing::blessed(file);
      std::ofstream(file) << text;
    }
    for (const auto& world : testing::read_worlds(file)) {
      INFO(file << ": " << world.title);
      CHECK(testing::planned(world) == world.expected);
    }
  }
}
