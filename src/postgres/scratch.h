// A throw-away database on the embedded server, or on one that was named (scratch_server.h): made in well under a second,
// always dropped.
//
// A lock goes with each database: where nobody holds it the process is gone, however it died, and the next run drops
// what it left. Schema text is code from strangers: declared text runs in a session of a fresh NOSUPERUSER role that owns
// the database and is member of no other role but the stubs; only what needs a superuser (extensions) goes through
// `superuser()`. A stub nobody uses any more is dropped: a role that another project mentions must not hide that ours
// doesn't exist.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/embedded_server.h"
#include "postgres/session.h"
#include "postgres/shadow.h"
#include "postgres/text_settings.h"

namespace lockstep::postgres {

struct ScratchOptions {
  int major = 0;                                  // of the target; 0: newest found
  std::string encoding = "UTF8", collate, ctype;  // empty: the cluster's
  std::vector<std::string> roles;                 // NOLOGIN stubs to make where missing
  std::vector<std::string> binaries;              // configured folders
  std::string locale_provider, locale;            // as in Snapshot: "icu", "en-US"; empty: libc
  TextSettings text_settings;                     // its sessions' own values; they begin pinned (text_settings.h)
  Shadow shadow;                                  // where
};

class Scratch {
 public:
  // Throws CommandError{failed} where none can be had, saying what is missing.
  static std::unique_ptr<Scratch> create(const ScratchOptions& options);
  virtual ~Scratch() = default;
  virtual Session& session() = 0;       // unprivileged owner of the database
  virtual Session& superuser() = 0;     // for what Lockstep issues itself; same database
  virtual std::string url() const = 0;  // of the unprivileged role; holds its password
  // Whether objects may be given to the roles that the target has: their stubs are lent to the unprivileged role, so it can
  // still alter them. Never so on a server that others use, whose roles may be real: there everything stays its own.
  virtual bool gives_owners() const = 0;
  // Where owners are given: whom to give what `role` owns. The role's own stub; or, where that name stands for a role with
  // powers here (pg_…, the server's superuser, a role that Lockstep didn't make), a powerless role of this database alone.
  virtual std::string owner_for(const std::string& role) = 0;
  // The role that an owner read from this database stands for. Empty: it is the server's own superuser, which nobody named;
  // what it owns was made by Lockstep or by an extension's script.
  virtual std::string owner_meant(const std::string& owner) const = 0;
  // What of the options could not be had on this machine, for people: "LC_COLLATE de_DE.UTF-8 (C instead)".
  virtual std::vector<std::string> differences() const = 0;
};

}  // namespace lockstep::postgres
