// Takes what somebody has changed in a database by hand into the schema files. The opposite of an apply: nothing is changed in
// the database.
//
//   files → desired;  live, recorded → drift;  drift and not in the files → new texts → proved on scratch → files
//
// An object is adopted if live differs both from what was last applied and from the files. If the files also changed it since,
// whose change is meant isn't known, and it is refused.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "catalog/change.h"
#include "elaborator/options.h"
#include "elaborator/sources.h"
#include "fleet/item_edits.h"
#include "fleet/known_target.h"
#include "reconciler/selection.h"

namespace lockstep::fleet {

struct Adoption {
  std::vector<catalog::Change> changes;  // from the files to live
  Revised revised;
  std::vector<std::string> possible_renames;  // what may be a rename and isn't taken as one
  std::map<std::string, std::string> before;  // the files' texts as they were read, by path
};

struct AdoptionJob {
  const Known& known;
  const elaborator::Sources& sources;
  const elaborator::Options& options;
  const reconciler::Selection& selection;  // `only` empty: everything that has drifted
  std::function<bool(const std::string&)> is_read;
};

// Writes nothing. Throws RefusedError that names what can't be adopted, UsageError for a name that nothing has, and CommandError
// where the database isn't the known one or its journal was edited. Errors of the files are in `diagnostics`; then the result is
// empty.
Adoption adopt(postgres::Session& session, const AdoptionJob& job, support::Diagnostics& diagnostics);
// Throws as exchange() does.
void write(const Adoption& adoption);

}  // namespace lockstep::fleet
