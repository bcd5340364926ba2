// Reads a live database into a Catalog with a fixed number of queries, whatever the size (one a kind, then dependencies, then
// the unmanaged rest). Consistent under concurrent DDL.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "kinds/kind.h"
#include "plan/plan.h"
#include "postgres/address.h"
#include "postgres/extension_parts.h"
#include "session/session.h"
#include "session/text_settings.h"

namespace lockstep::postgres {

// An object of the database that no kind covers. It is reported, never ignored. `needs`: the managed objects that it depends
// on, which therefore can't be dropped or retyped.
struct Unmanaged {
  std::string description;  // "rule notify_me on shop.orders", as pg_describe_object() prints it
  std::vector<catalog::ObjectId> needs;
  // For settings of a part of these objects (a sequence that PostgreSQL creates for an identity column): they are lost when the
  // part is dropped, and nothing recreates them.
  std::vector<catalog::ObjectId> goes_with;
};

struct Snapshot {
  catalog::Catalog catalog;
  std::vector<Unmanaged> unmanaged;
  // The objects of a rollout, which are not in `catalog` because they belong to nobody's schema (transitional.h).
  std::vector<std::pair<Address, catalog::Object>> transitional;
  std::map<catalog::ObjectId, kinds::TableFacts> facts;
  std::map<Address, catalog::ObjectId> addresses;  // of objects that have one, if they were asked for
  std::vector<std::string> roles;                  // all role names
  std::string current_user;
  std::vector<recipes::DefaultPrivilege> default_privileges;  // of current_user
  plan::Target target;
  std::string encoding, collate, ctype;
  std::string locale_provider;  // "libc", "icu", "builtin"
  std::string locale;           // of icu and builtin; else empty
  TextSettings text_settings;   // the session's own
  // Reads the contents of its extensions, once, through the session that read the snapshot. Empty: not available. REQUIRES:
  // that session still exists.
  std::function<const Extensions&()> extensions;
  std::string state;  // read_state()'s result; empty: the database changed during reading, or the state can't be determined
};

struct IntrospectOptions {
  bool facts = true;       // table sizes
  bool unmanaged = true;   // objects that no kind covers
  bool addresses = false;  // of all objects
  bool shared = true;      // others may change the database meanwhile; false: no state either (Snapshot::state)
  int lock_timeout_ms = 5000;
  // Transitional objects to include in the catalog, under these former names: as they are after their names were given back.
  std::vector<std::pair<Address, std::string>> former_names;
  // Renames of hidden relations, made before the catalog is read and taken back afterwards, in the same transaction: PostgreSQL
  // prints what belongs to them under the names that they will have.
  std::vector<support::Sql> as_if;
};

// One transaction, REPEATABLE READ READ ONLY. The pg_get_* functions don't follow that snapshot, so the row versions (xmin,
// ctid) of the catalog rows are checked in a new snapshot afterwards, and everything is read again if they changed (up to 5
// times, then CommandError{failed} that names what keeps changing). If somebody blocks the reads, the error names them.
Snapshot introspect(Session& session, const IntrospectOptions& options = {});

// A digest of all that a Snapshot depends on except sizes: the server (with its start time, so that two copies of a data folder
// differ), the database, the connected role, and the versions of all rows of all catalogs. Equal states mean equal snapshots.
// Empty if some catalog can't be read. Four queries, whatever the size.
std::string read_state(Session& session);

}  // namespace lockstep::postgres
