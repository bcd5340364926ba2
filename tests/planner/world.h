// What a planner's test is made of, read from a file of cases: two catalogs written by hand, and what planning would have been
// told of a live database. No server is needed. The format stands in README.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "planner/planner.h"
#include "recipes/row_probe.h"

namespace lockstep::testing {

struct World {
  std::string title;
  catalog::Catalog from, to;
  std::vector<planner::Rename> renames;
  catalog::Intents intents;
  std::map<catalog::ObjectId, kinds::TableFacts> facts;
  std::map<catalog::ObjectId, recipes::ColumnProbe> probes;
  std::map<catalog::ObjectId, recipes::RowProbe> row_probes;
  planner::Places places;
  int server_version = 150000;
  std::string expected;  // the section `plan:`, as it stands
};

// Throws std::runtime_error with file and line where the text can't be read.
std::vector<World> read_worlds(const std::string& path);

// The plan's steps with their phases and locks, and for each step before folding what it has to come after; or the refusal.
std::string planned(const World& world);

// The file with each `plan:` section as planned now.
std::string blessed(const std::string& path);

}  // namespace lockstep::testing
