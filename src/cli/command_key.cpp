// Makes the keys of an approver.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/target.h"
#include "support/error.h"
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

// Never over an existing file, and readable by nobody else.
void write_secret(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0)
    throw support::CommandError(support::ExitCode::failed, fmt::format("{} can't be made, or is there already", path));
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(file) != 0 || !written)
    throw support::CommandError(support::ExitCode::failed, fmt::format("{} can't be written", path));
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
  const support::KeyPair keys = support::new_key_pair();
  write_secret(secret, keys.secret + "\n");
  write_file(open, keys.open + "\n");
  console.out(fmt::format("{}: the secret key; keep it out of the repository\n{}: the public key; commit it\n", secret, open));
  return support::ExitCode::done;
}

}  // namespace
}  // namespace command_key

constinit const Command kKey = command<command_key::flags, command_key::run>("key", "make an approver's keys");

}  // namespace lockstep::cli
