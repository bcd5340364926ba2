// A scratch database: a temporary database on the embedded server, or on a named one (scratch_server.h). It is created in well
// under a second and always dropped: by a thread of its own, for which the end of the process waits.
//
// Each database has a lock. If nobody holds it, the process is gone, and the next run drops what it left. Schema text is
// untrusted code: it runs in a session of a fresh NOSUPERUSER role, which owns the database and is a member of no roles but the
// stubs. Only statements that need a superuser (extensions) run through `superuser()`. A stub role that nobody uses any more is
// dropped: a role that another project refers to must not hide that it is missing for this one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/embedded_server.h"
#include "postgres/shadow.h"
#include "session/session.h"
#include "session/text_settings.h"

namespace lockstep::postgres {

struct ScratchOptions {
  int major = 0;                                  // of the target; 0: newest found
  std::string encoding = "UTF8", collate, ctype;  // empty: the cluster's
  std::vector<std::string> roles;                 // NOLOGIN stubs to create if missing
  std::vector<std::string> binaries;              // configured folders
  std::string locale_provider, locale;            // as in Snapshot: "icu", "en-US"; empty: libc
  TextSettings text_settings;                     // its sessions' own values; they start with the pinned ones (text_settings.h)
  Shadow shadow;                                  // where
};

class Scratch {
 public:
  // Throws CommandError{failed} that says what is missing if none can be created.
  static std::unique_ptr<Scratch> create(const ScratchOptions& options);
  virtual ~Scratch() = default;
  virtual Session& session() = 0;       // unprivileged owner of the database
  virtual Session& superuser() = 0;     // for Lockstep's own statements; same database
  virtual std::string url() const = 0;  // of the unprivileged role; contains its password
  // Whether objects may be given to the roles of the target: the unprivileged role is a member of their stubs, so it can still
  // alter them. Never on a server that others use, whose roles may be real: there everything belongs to the unprivileged role.
  virtual bool gives_owners() const = 0;
  // If owners are given: the role to give the objects of `role` to. That is the role's stub; or, if the name is that of a role
  // with powers here (pg_…, the server's superuser, a role that Lockstep didn't create), a powerless role of this database
  // only.
  virtual std::string owner_for(const std::string& role) = 0;
  // The role that an owner read from this database represents. Empty: the server's superuser, which nobody declared; Lockstep
  // or an extension's script created its objects.
  virtual std::string owner_meant(const std::string& owner) const = 0;
  // The options that are not available on this machine, for people: "LC_COLLATE de_DE.UTF-8 (C instead)".
  virtual std::vector<std::string> differences() const = 0;
};

// Returns when the databases whose Scratch has gone are dropped.
void wait_for_drops();

}  // namespace lockstep::postgres
