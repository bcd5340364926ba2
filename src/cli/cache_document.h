// What `cache export` and `cache import` print.
#pragma once

#include <string>

#include "cli/renderer.h"
#include "elaborator/cache_file.h"

namespace lockstep::cli {

struct ExportDocument {
  std::string file;
  elaborator::Exported done;
};

struct ImportDocument {
  std::string file;
  elaborator::Imported done;
};

// A file a format has both.
extern const Renderer<ExportDocument> kExportText, kExportJson;
inline constexpr const Renderer<ExportDocument>* kExportFormats[] = {&kExportText, &kExportJson};
extern const Renderer<ImportDocument> kImportText, kImportJson;
inline constexpr const Renderer<ImportDocument>* kImportFormats[] = {&kImportText, &kImportJson};

}  // namespace lockstep::cli
