// Live database → Catalog: a fixed number of queries whatever the size (one per kind, then dependencies, then what is left
// over), consistent under concurrent DDL.
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
#include "postgres/session.h"
#include "postgres/text_settings.h"

namespace lockstep::postgres {

// An object of the database that no kind expresses. Named, never ignored; `needs` are the managed objects it depends on,
// which therefore can't be dropped or retyped under it.
struct Unmanaged {
  std::string description;  // "rule notify_me on shop.orders", as pg_describe_object says it
  std::vector<catalog::ObjectId> needs;
  // What is said of a part of these (a sequence that PostgreSQL keeps for an identity column): it goes when the part does, and
  // nothing recreates it.
  std::vector<catalog::ObjectId> goes_with;
};

struct Snapshot {
  catalog::Catalog catalog;
  std::vector<Unmanaged> unmanaged;
  // Of a rollout, not of anybody's schema, and so not in `catalog` (transitional.h); as kinds express them.
  std::vector<std::pair<Address, catalog::Object>> transitional;
  std::map<catalog::ObjectId, kinds::TableFacts> facts;
  std::vector<std::string> roles;  // all role names
  std::string current_user;
  std::vector<recipes::DefaultPrivilege> default_privileges;  // of current_user
  plan::Target target;
  std::string encoding, collate, ctype;
  std::string locale_provider;  // "libc", "icu", "builtin"
  std::string locale;           // of icu and builtin; else empty
  TextSettings text_settings;   // the session's own
  // What its extensions brought: asks, once, the session that this was read by, which must still live. Empty: can't be asked.
  std::function<const Extensions&()> extensions;
  std::string state;  // as read_state says it; empty: it moved while we read, or can't be told
};

struct IntrospectOptions {
  bool facts = true;      // table sizes
  bool unmanaged = true;  // what no kind expresses
  int lock_timeout_ms = 5000;
  // Transitional objects that are to be seen all the same, under these names: as they are once they were given back theirs.
  std::vector<std::pair<Address, std::string>> former_names;
};

// One transaction, REPEATABLE READ READ ONLY. pg_get_* functions don't follow that snapshot: row versions (xmin, ctid) of
// the catalog rows read are checked in a new snapshot afterwards and everything is read again if they moved (up to 5
// times, then CommandError{failed} naming what keeps moving). A blocker of our reads is named in the error.
Snapshot introspect(Session& session, const IntrospectOptions& options = {});

// A digest of all that a Snapshot depends on but for sizes: which server this is (since when it runs, so that two copies of one
// data folder differ), which database, as whom, and the versions of all rows of all catalogs. Two equal states, two equal
// snapshots. Empty where some catalog can't be read. Four queries, whatever the size.
std::string read_state(Session& session);

}  // namespace lockstep::postgres
