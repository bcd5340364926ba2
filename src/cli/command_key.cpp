// Makes the keys of an approver.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/commands.h"
#include "cli/target.h"
#include "support/error.h"
#include "support/plain_file.h"
#include "support/signature.h"

namespace lockstep::cli {
namespace command_key {
namespace {

struct Options {
  std::string name, output;
};

void flags(Flags app, Options& options) {
  app.option("NAME", options.name, "whose key it is; NAME.key and NAME.pub are made").required().type("NAME");
  app.option("-o,--output", options.output, "the folder of the secret key, which must stay out of the repository (default: .)")
      .type("FOLDER");
}

// With the folders above it; nobody else may look into what is new.
void make_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (folder.empty() || std::filesystem::is_directory(folder, ignored)) return;
  make_folder(folder.has_filename() ? folder.parent_path() : folder.parent_path().parent_path());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw support::CommandError(support::ExitCode::failed, fmt::format("folder {} can't be made: {}. Nothing was written",
                                                                       folder.string(), std::strerror(errno)));
}

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const bool plain =
      !options.name.empty() && options.name.front() != '.' &&
      options.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@") == std::string::npos;
  if (!plain) throw support::UsageError("NAME may have letters, digits and _ . - @ only");
  const auto file = configuration(config, console);
  const std::string approvers = file ? file->approvers : "approvers";
  const std::string secret = (std::filesystem::path(options.output) / (options.name + ".key")).string();
  const std::string open = (std::filesystem::path(approvers) / (options.name + ".pub")).string();
  std::error_code failed;
  if (std::filesystem::exists(open, failed))
    throw support::UsageError(fmt::format("{} is there already: an approver has one key. Nothing was written", open));
  std::filesystem::create_directories(approvers, failed);
  make_folder(options.output);
  const support::KeyPair keys = support::new_key_pair();
  support::make_file(secret, keys.secret + "\n", 0600);
  try {
    support::make_file(open, keys.open + "\n");
  } catch (const support::CommandError&) {
    std::filesystem::remove(secret, failed);  // of no use without the other
    throw;
  }
  console.out(fmt::format("{}: the secret key; keep it out of the repository\n{}: the public key; commit it\n", secret, open));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_key

constinit const Command kKey = command<command_key::flags, command_key::run>("key", "make an approver's keys");

}  // namespace lockstep::cli
