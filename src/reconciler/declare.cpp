#include "parser/reader.h"
#include "reconciler/reconciler.h"
#include "support/digest.h"

namespace lockstep::reconciler {

std::string digest_of(const Sources& sources) {
  support::Sha256 all;
  for (const auto& path : sources.paths) {
    all.update(support::sha256(path) + support::sha256(support::read_source(path)->text()));
  }
  for (const auto& [name, value] : sources.variables) all.update(support::sha256(name) + support::sha256(value) + "=");
  return all.hex();
}

parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics) {
  std::vector<parser::ast::File> files;
  for (const auto& path : sources.paths) files.push_back(parser::read(support::read_source(path), diagnostics));
  if (diagnostics.has_errors()) return {};
  parser::Declared declared = parser::lower(files, sources.variables, diagnostics);
  declared.digest = digest_of(sources);
  return declared;
}

}  // namespace lockstep::reconciler
