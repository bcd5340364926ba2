// A server on which scratch databases are created. Each scratch database has a role of the same name that owns it.
//
// There are two: Lockstep's embedded server, where it is superuser; and a named one, which other people use too. Declared code
// always runs in a session that logged in as the unprivileged role: it could undo SET SESSION AUTHORIZATION.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/shadow.h"
#include "session/session.h"

namespace lockstep::postgres {

class ScratchServer {
 public:
  // As long as it lives, nobody else treats the database of this name as a leftover.
  class Hold {
   public:
    virtual ~Hold() = default;
  };

  virtual ~ScratchServer() = default;
  virtual Session& admin() = 0;  // on a permanent database
  virtual int major() const = 0;
  virtual bool embedded() const = 0;
  virtual bool superuser() const = 0;    // whether the admin is one
  virtual bool makes_stubs() const = 0;  // whether NOLOGIN roles are created for roles of the target that it lacks
  virtual std::string url(const std::string& database) const = 0;  // as the admin
  virtual std::string url(const std::string& database, const std::string& role, const std::string& password) const = 0;
  virtual std::string prefix() const = 0;                           // of every name
  virtual std::string fresh_name() = 0;                             // begins with prefix()
  virtual std::unique_ptr<Hold> hold(const std::string& name) = 0;  // null: it is in use
};

// `major` 0: any. Both throw CommandError{failed} that says what is missing before anything is created.
std::unique_ptr<ScratchServer> embedded_scratch_server(int major, const std::vector<std::string>& binaries);
std::unique_ptr<ScratchServer> named_scratch_server(int major, const Shadow& shadow);

}  // namespace lockstep::postgres
