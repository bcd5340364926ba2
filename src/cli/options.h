// The values of the command line, one struct for all commands. A command's row in commands.cpp lists the flag groups that it
// takes, so the parser refuses a flag that the command would ignore.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/flags.h"

namespace lockstep::cli {

struct Options {
  // every command
  std::string config = "lockstep.yaml";
  bool config_given = false;
  bool verbose = false, quiet = false, no_color = false;
  std::string log_format = "text";

  std::string url, env;
  std::vector<std::string> environments;  // of commands that take several
  std::vector<std::string> schema;
  std::string shadow;  // a secret if it is a URL
  std::string shadow_timeout;
  std::string format, output, split;
  std::vector<std::string> paths;
  bool check = false;
  bool owners = false;            // inspect, init
  bool without_triggers = false;  // backup restore
  bool detailed_exitcode = false, no_prove = false, no_cache = false;
  std::string plan_file, phase;
  bool yes = false, no_backup = false;
  std::vector<std::string> allow;
  bool dry_run = false;  // rollback
  bool strict = false, applied = false, undone = false, abandon = false, undo_left_behind = false;
  std::string action;  // of backup and identity
  std::string run, object, into, store, keep, reason, step;
  std::string left, right;  // compare
  std::string shell;        // completion
  std::string schemas;      // demo: the folder of its files
  std::int64_t rows = 1000000;
};

// Flag groups.
void target_flags(Flags app, Options& options);
void targets_flags(Flags app, Options& options);  // several environments, or all
void schema_flags(Flags app, Options& options);   // with shadow_flag
void shadow_flag(Flags app, Options& options);
// Whether and where a run saves what it loses.
void backup_flags(Flags app, Options& options);
// --format text|json
void format_flag(Flags app, Options& options);

}  // namespace lockstep::cli
