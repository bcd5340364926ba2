// The schema files at a commit: git:REF reads those that `schema:` names, git:REF:PATH those of PATH, without touching the work
// tree. They are written to a private temporary folder, which goes with this object.
//
// REF and the commit's tree may be a stranger's: a REF that begins with a dash is refused, git gets it behind --end-of-options,
// and only ordinary files are written, none outside the folder. A link is refused by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "elaborator/sources.h"
#include "support/temporary_folder.h"

namespace lockstep::fleet {

class Revision {
 public:
  // Whether the text is of this form.
  static bool is_named(const std::string& text) { return text.starts_with("git:"); }
  // `items`: `schema:` of the lockstep.yaml in the folder `project` (empty: the current one). Throws UsageError: it is no commit,
  // or has none of the files.
  Revision(const std::string& text, const std::vector<std::string>& items, const std::string& project);

  const std::vector<std::string>& files() const { return files_; }  // in the temporary folder
  const std::string& folder() const { return folder_.path(); }
  const std::string& commit() const { return commit_; }
  const std::vector<std::string>& missing() const { return missing_; }  // items that the commit has no file for
  // Names in the temporary folder as names at the commit: "git:main:schemas/shop.schema".
  std::string named(std::string text) const;

 private:
  void write(const std::string& path, const std::string& blob) const;

  support::TemporaryFolder folder_{"revision"};
  std::string ref_, project_, commit_;
  std::vector<std::string> files_, missing_;
};

}  // namespace lockstep::fleet
