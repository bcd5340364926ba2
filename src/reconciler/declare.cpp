#include "parser/reader.h"
#include "reconciler/reconciler.h"
#include "support/digest.h"

namespace lockstep::reconciler {

namespace {

// Of the files, one after the other, and the variables.
class SourcesDigest {
 public:
  explicit SourcesDigest(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) add(name, value);
    all_.update("files");
  }
  void add(std::string_view name, std::string_view text) { all_.update(support::sha256(name) + support::sha256(text)); }
  std::string hex() { return all_.hex(); }

 private:
  support::Sha256 all_;
};

}  // namespace

std::string digest_of(const Sources& sources) {
  SourcesDigest digest(sources.variables);
  for (const auto& path : sources.paths) digest.add(path, support::read_source(path)->text());
  return digest.hex();
}

parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics) {
  std::vector<parser::ast::File> files;
  SourcesDigest digest(sources.variables);  // of the very texts that are parsed: a file may change while we work
  for (const auto& path : sources.paths) {
    const auto source = support::read_source(path);
    digest.add(path, source->text());
    files.push_back(parser::read(source, diagnostics));
  }
  if (diagnostics.has_errors()) return {};
  parser::Declared declared = parser::lower(files, sources.variables, diagnostics);
  declared.digest = digest.hex();
  return declared;
}

}  // namespace lockstep::reconciler
