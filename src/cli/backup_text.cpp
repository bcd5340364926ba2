#include <fmt/format.h>

#include "cli/backup_document.h"
#include "cli/text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace backup_text {
namespace {

using executor::BackupFile;
using executor::Manifest;

std::string rehearsal_word(const Manifest& one, const RehearsedBackups& rehearsed) {
  const auto found = rehearsed.find(one.folder);
  return found == rehearsed.end() ? "never" : found->second.result + " " + short_time(found->second.at).substr(0, 10);
}

std::string table(const BackupsDocument& document, const Look&) {
  if (document.backups.empty()) return document.none + "\n";
  std::string text = fmt::format("{:<10}{:<25}{:<16}{:>8}{:>12}  {:<22}{}\n", "run", "started", "database", "rows", "size",
                                 "rehearsed", "folder");
  for (const Manifest& one : document.backups)
    text += fmt::format("{:<10}{:<25}{:<16}{:>8}{:>12}  {:<22}{}\n", run_name(one.run), short_time(one.started), one.database,
                        amount(rows_of(one)), bytes_text(bytes_of(one)),
                        support::visible(rehearsal_word(one, document.rehearsed)), one.folder);
  return text;
}

std::string rehearsal_text(const Manifest& one, const RehearsedBackups& rehearsed) {
  const auto found = rehearsed.find(one.folder);
  if (found == rehearsed.end()) return "rehearsed  never (`lockstep backup rehearse`)\n";
  const executor::Rehearsal& last = found->second;
  std::string text = support::visible(fmt::format("rehearsed  {} {} by {}, {} in {}", last.result, short_time(last.at), last.by,
                                                  plural(static_cast<std::size_t>(last.rows), "row"),
                                                  duration_text(std::chrono::milliseconds(last.milliseconds)))) +
                     "\n";
  for (const std::string& problem : last.problems) text += "           " + support::visible(problem) + "\n";
  return text;
}

std::string shown_text(const Manifest& one, const RehearsedBackups& rehearsed) {
  std::string text = fmt::format("run        {}\nstarted    {}\ndatabase   {}\nfolder     {}\nplan       {}\n", one.run,
                                 short_time(one.started), one.database, one.folder, one.plan_digest);
  text += rehearsal_text(one, rehearsed);
  std::size_t shown = 0;
  for (const BackupFile& file : one.files)
    if (file.contents == "rows") {
      if (shown++ == 0) text += fmt::format("\n{:<6}{:>8}{:>12}  {}\n", "step", "rows", "size", "what");
      text += fmt::format("{:<6}{:>8}{:>12}  {} ({})\n", file.step, amount(file.rows), bytes_text(file.stored_bytes), file.what,
                          file.file);
    }
  return text + (shown == 0 ? "\nno rows: the run lost none; plan.json and catalog.txt are there\n" : "");
}

std::string all_shown(const RunBackups& backups, const Look&) {
  std::string text;
  for (const Manifest& one : backups.backups) text += (text.empty() ? "" : "\n") + shown_text(one, backups.rehearsed);
  return text;
}

}  // namespace
}  // namespace backup_text

constinit const Renderer<BackupsDocument> kBackupsText{.format = "text", .text = backup_text::table};
constinit const Renderer<RunBackups> kRunBackupsText{.format = "text", .text = backup_text::all_shown};

}  // namespace lockstep::cli
