#include "parser/reader.h"
#include "reconciler/reconciler.h"

namespace lockstep::reconciler {

parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics) {
  std::vector<parser::ast::File> files;
  for (const auto& path : sources.paths) files.push_back(parser::read(support::read_source(path), diagnostics));
  if (diagnostics.has_errors()) return {};
  return parser::lower(files, sources.variables, diagnostics);
}

}  // namespace lockstep::reconciler
