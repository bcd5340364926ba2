// A child process of installed PostgreSQL binaries on a private socket in a cache folder, durability off: the scratch
// server, and the demo's database. Never used for a user's data.
//
// One cluster per version and user, initialised once and kept; started on demand and shared by concurrent Lockstep processes
// (a lock file serialises start and stop), stopped by its keeper (keeper.h) some time after the last one has left: two
// minutes, or $LOCKSTEP_SERVER_IDLE seconds. The folder: $LOCKSTEP_CACHE, else $XDG_CACHE_HOME/lockstep, else
// ~/.cache/lockstep; for root /var/tmp/lockstep-cache-<user>, which that user can reach. PostgreSQL refuses to run as root: then
// the cluster belongs to, and runs as, the user `postgres` (or `nobody`).
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace lockstep::postgres {

struct Binaries {
  int major = 0;
  std::string folder;   // holds initdb, postgres, pg_ctl
  std::string version;  // as `postgres --version` says it
};
// In order: $LOCKSTEP_PG_BINDIRS (colon-separated), `configured`, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, $PATH …
// newest major first among equals.
std::vector<Binaries> find_binaries(const std::vector<std::string>& configured = {});

// `name` in the cache folder of the user who runs this program, made where it is missing: what Lockstep itself keeps there.
// Throws CommandError when it can't be had, or belongs to somebody else.
std::string own_cache_folder(const std::string& name);

class EmbeddedServer {
 public:
  // `major` 0: the newest found. Throws CommandError{failed} naming the package to install when there is none.
  static std::unique_ptr<EmbeddedServer> start(int major, const std::vector<std::string>& configured_folders = {});
  virtual ~EmbeddedServer() = default;
  virtual std::string url(const std::string& database) const = 0;  // as the cluster's superuser
  virtual int major() const = 0;
  virtual std::string folder() const = 0;  // of the cluster; lock files that go with its databases live there
};

}  // namespace lockstep::postgres
