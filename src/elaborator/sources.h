// The files of a desired state, and what they declare.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "parser/declared.h"
#include "support/diagnostic.h"

namespace lockstep::elaborator {

struct Sources {
  std::vector<std::string> paths;  // .schema and .sql files
  std::map<std::string, std::string> variables;
  // The folder of lockstep.yaml, if there is one: what a file in it includes stays in it. A file elsewhere stays in its own
  // folder.
  std::optional<std::string> project = std::nullopt;
};

// Of everything that declare() depends on: the files' bytes, their names and the variables.
std::string digest_of(const Sources& sources);

// Parses and lowers. Diagnostics hold every error; the result is only meaningful when they have none.
parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics);

}  // namespace lockstep::elaborator
