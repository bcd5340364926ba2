#include "parser/reader.h"
#include "parser/sql_reader.h"
#include "reconciler/reconciler.h"

namespace lockstep::reconciler {

parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics) {
  std::vector<parser::ast::File> files;
  std::vector<parser::Script> scripts;
  for (const auto& path : sources.paths) {
    const auto source = support::read_source(path);
    if (path.ends_with(".sql")) {
      scripts.push_back(parser::read_sql(source, diagnostics));
    } else {
      files.push_back(parser::read(source, diagnostics));
    }
  }
  if (diagnostics.has_errors()) return {};
  return parser::lower(files, std::move(scripts), sources.variables, diagnostics);
}

}  // namespace lockstep::reconciler
