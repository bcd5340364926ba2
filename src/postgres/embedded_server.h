// A PostgreSQL server that runs the installed binaries as a child process, on a private socket in a cache folder, without
// durability: the scratch server, and the demo's database. Never used for a user's data.
//
// There is one cluster for each version and user, which is initialised once and kept. It is started on demand and shared by
// concurrent Lockstep processes (a lock file serialises start and stop). Its keeper (keeper.h) stops it some time after the
// last process has left: two minutes, or $LOCKSTEP_SERVER_IDLE seconds. The folder is $LOCKSTEP_CACHE, else
// $XDG_CACHE_HOME/lockstep, else ~/.cache/lockstep; for root /var/tmp/lockstep-cache-<user>, which that user can access.
// PostgreSQL refuses to run as root: then the cluster belongs to, and runs as, the user `postgres` (or `nobody`).
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace lockstep::postgres {

struct Binaries {
  int major = 0;
  std::string folder;   // contains initdb, postgres, pg_ctl
  std::string version;  // as `postgres --version` prints it
};
// Searches, in this order, $LOCKSTEP_PG_BINDIRS (colon-separated), `configured`, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin,
// $PATH …; the newest major version first among equals.
std::vector<Binaries> find_binaries(const std::vector<std::string>& configured = {});

// The folder `name` in the cache folder of the user who runs this program, created if it is missing. Throws CommandError if it
// can't be created or belongs to somebody else.
std::string own_cache_folder(const std::string& name);

class EmbeddedServer {
 public:
  // `major` 0: the newest found. Throws CommandError{failed} that names the package to install if there is none.
  static std::unique_ptr<EmbeddedServer> start(int major, const std::vector<std::string>& configured_folders = {});
  virtual ~EmbeddedServer() = default;
  virtual std::string url(const std::string& database) const = 0;  // as the cluster's superuser
  virtual int major() const = 0;
  virtual std::string folder() const = 0;  // of the cluster; also contains the lock files of its databases
};

}  // namespace lockstep::postgres
