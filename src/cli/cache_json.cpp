#include <nlohmann/json.hpp>

#include "cli/cache_document.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace cache_json {
namespace {

std::string exported(const ExportDocument& document, const Look&) {
  const elaborator::Exported& done = document.done;
  return json_text({{"format", "lockstep-cache/1"},
                    {"exported", {{"entries", done.entries}, {"bytes", done.bytes}, {"left_out", done.left_out}}},
                    {"file", document.file}});
}

std::string imported(const ImportDocument& document, const Look&) {
  const elaborator::Imported& done = document.done;
  return json_text(
      {{"format", "lockstep-cache/1"},
       {"imported",
        {{"entries", done.entries}, {"bytes", done.bytes}, {"known", done.known}, {"other_program", done.other_program}}},
       {"file", document.file}});
}

}  // namespace
}  // namespace cache_json

constinit const Renderer<ExportDocument> kExportJson{.format = "json", .text = cache_json::exported};
constinit const Renderer<ImportDocument> kImportJson{.format = "json", .text = cache_json::imported};

}  // namespace lockstep::cli
