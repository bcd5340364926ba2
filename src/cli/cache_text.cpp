#include <fmt/format.h>

#include "cli/cache_document.h"
#include "cli/text.h"

namespace lockstep::cli {
namespace cache_text {
namespace {

std::string entries(std::size_t count) {
  return fmt::format("{} {}", amount(static_cast<std::int64_t>(count)), count == 1 ? "entry" : "entries");
}

std::string size(std::uintmax_t bytes) {
  return bytes_text(static_cast<std::int64_t>(bytes));
}

std::string exported(const ExportDocument& document, const Look&) {
  const elaborator::Exported& done = document.done;
  std::string text = fmt::format("{} ({}) exported to {}\n", entries(done.entries), size(done.bytes), document.file);
  if (done.left_out > 0)
    text += fmt::format("{} left out: damaged, of another build of Lockstep, or too large\n", entries(done.left_out));
  return text;
}

std::string imported(const ImportDocument& document, const Look&) {
  const elaborator::Imported& done = document.done;
  std::string text = fmt::format("{} ({}) imported from {}\n", entries(done.entries), size(done.bytes), document.file);
  if (done.known > 0) text += fmt::format("{} left out: here already\n", entries(done.known));
  if (done.other_program > 0) text += fmt::format("{} left out: of another build of Lockstep\n", entries(done.other_program));
  return text;
}

}  // namespace
}  // namespace cache_text

constinit const Renderer<ExportDocument> kExportText{.format = "text", .text = cache_text::exported};
constinit const Renderer<ImportDocument> kImportText{.format = "text", .text = cache_text::imported};

}  // namespace lockstep::cli
