// A throw-away database on the embedded server: made from the warm template in well under a second, always dropped.
//
// Left-overs of a crash (named lockstep_scratch_<pid>_…, whose process is gone) are dropped at the next run.
// Schema text is code from strangers: declared text runs in a session of a fresh NOSUPERUSER role that owns the database
// and is member of no other role but the stubs; only what needs a superuser (extensions) goes through `superuser()`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/embedded_server.h"
#include "postgres/session.h"

namespace lockstep::postgres {

struct ScratchOptions {
  int major = 0;  // of the target; 0: newest found
  std::string encoding = "UTF8", collate, ctype;  // empty: the cluster's
  std::vector<std::string> roles;                 // NOLOGIN stubs to make where missing
  std::vector<std::string> binaries;              // configured folders
};

class Scratch {
 public:
  static std::unique_ptr<Scratch> create(const ScratchOptions& options);
  virtual ~Scratch() = default;
  virtual Session& session() = 0;    // unprivileged owner of the database
  virtual Session& superuser() = 0;  // for what Lockstep issues itself; same database
  virtual std::string url() const = 0;  // of the unprivileged role
};

}  // namespace lockstep::postgres
