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
  // The folder of lockstep.yaml, if there is one: includes of a file in it must stay in it. Includes of a file elsewhere must
  // stay in that file's folder.
  std::optional<std::string> project = std::nullopt;
  bool promoted = false;                          // fill Declared::declarations
  std::map<std::string, std::string> texts = {};  // instead of what stands in these files, by canonical path
};

// A digest of everything that declare() depends on: the files' contents, their names (within the project) and the variables.
std::string digest_of(const Sources& sources);

// Parses and lowers the files. `diagnostics` gets all errors; the result is only meaningful if there are none.
// `read`: if it is not null, it gets the .schema files as read, with those that are included.
parser::Declared declare(const Sources& sources, support::Diagnostics& diagnostics,
                         std::vector<parser::ast::File>* read = nullptr);
// By which Sources::texts knows a file.
std::string canonical_path(const std::string& path);

}  // namespace lockstep::elaborator
