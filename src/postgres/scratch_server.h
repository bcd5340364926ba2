// A server that scratch databases are made on. Each scratch database has a role of the same name that owns it.
//
// Two of them: Lockstep's embedded server, whose superuser it is; and one somebody named, which other people use too. What
// declared code runs as is always a session that logged in as the role: SET SESSION AUTHORIZATION could be taken back by
// that very code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "postgres/session.h"
#include "postgres/shadow.h"

namespace lockstep::postgres {

class ScratchServer {
 public:
  // While it lives nobody else takes the name for a left-over.
  class Hold {
   public:
    virtual ~Hold() = default;
  };

  virtual ~ScratchServer() = default;
  virtual Session& admin() = 0;  // on a database that stays
  virtual int major() const = 0;
  virtual bool embedded() const = 0;
  virtual bool superuser() const = 0;                              // the admin is one
  virtual bool makes_stubs() const = 0;                            // NOLOGIN roles for those of the target that it lacks
  virtual std::string url(const std::string& database) const = 0;  // as the admin
  virtual std::string url(const std::string& database, const std::string& role, const std::string& password) const = 0;
  virtual std::string prefix() const = 0;                           // of every name
  virtual std::string fresh_name() = 0;                             // begins with it
  virtual std::unique_ptr<Hold> hold(const std::string& name) = 0;  // null: it is in use
};

// `major` 0: any. Both throw CommandError{failed} that says what is missing before anything is made.
std::unique_ptr<ScratchServer> embedded_scratch_server(int major, const std::vector<std::string>& binaries);
std::unique_ptr<ScratchServer> named_scratch_server(int major, const Shadow& shadow);

}  // namespace lockstep::postgres
