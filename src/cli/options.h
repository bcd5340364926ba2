// Options that several commands take, grouped. Each command's own struct Options holds the groups that it parses and nothing
// else, so that it can't read an option that its command line refuses.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/flags.h"

namespace lockstep::elaborator {
struct Options;
}

namespace lockstep::cli {

// Which lockstep.yaml.
struct ConfigOptions {
  std::string path = "lockstep.yaml";
  bool given = false;  // --config names it, so it has to exist
};

// Of every command. Only main() reads them; a command gets the ConfigOptions and a Console.
struct CommonOptions {
  ConfigOptions config;
  bool verbose = false, quiet = false, no_color = false;
  std::string log_format = "text";
};

// One database.
struct TargetOptions {
  std::string url, env;
};

// One database, several environments, or all of them.
struct TargetsOptions {
  std::string url;
  std::vector<std::string> environments;
};

// Where scratch databases are made. Empty: as lockstep.yaml says.
struct ShadowOptions {
  std::string where;  // a secret if it is a URL
  std::string timeout;
};

struct SchemaOptions {
  std::vector<std::string> paths;  // empty: `schema:` of lockstep.yaml
  bool no_cache = false;
  ShadowOptions shadow;
};

// Whether and where a run saves what it loses.
struct BackupOptions {
  bool none = false;
  std::string store;  // empty: `backup.store`, else ./backups
};

// What a person would be asked. `yes` consents to no hazard.
struct ConsentOptions {
  bool yes = false;
  std::vector<std::string> allow;  // KIND[:GLOB]
};

void target_flags(Flags app, TargetOptions& options);
void targets_flags(Flags app, TargetsOptions& options);
void schema_flags(Flags app, SchemaOptions& options);  // with shadow_flags
void shadow_flags(Flags app, ShadowOptions& options);
void backup_flags(Flags app, BackupOptions& options);
void store_flag(Flags app, std::string& store);  // a part of backup_flags
void yes_flag(Flags app, bool& yes, const char* help);
// --hold TIME of a new plan; take_hold puts it into `options`, if it is given. Throws UsageError for another text than a time.
void run_flag(Flags app, std::string& run);
void hold_flag(Flags app, std::optional<std::string>& hold);
void take_hold(elaborator::Options& options, const std::optional<std::string>& hold);
void allow_flag(Flags app, std::vector<std::string>& allow, const std::string& help);

}  // namespace lockstep::cli
