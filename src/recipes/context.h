// What kinds and recipes may look at while they turn a change into steps, and the helper they build steps with.
// Pure data: no clock, no connection.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/intent.h"
#include "plan/step.h"

namespace lockstep::recipes {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;

// Facts about a live table, read with the catalog.
struct TableFacts {
  std::int64_t bytes = 0;  // of the heap, partitions included; 0: empty
};

// Observed, not believed: whether a volatile default or a type change rewrites or scans depends on functions, domains,
// time zones and server version, so PostgreSQL itself is asked (on an empty copy, with its debug messages).
struct ColumnProbe {
  bool rewrites = false;
  bool scans = false;
  bool builds = false;  // indexes on the column are built again
};

// What ALTER DEFAULT PRIVILEGES makes PostgreSQL do with every object that the connected role creates: one entry of
// pg_default_acl, one grantee.
struct DefaultPrivilege {
  char object_type = 'r';    // pg_default_acl.defaclobjtype
  std::string schema;        // empty: in every schema
  std::string grantee;       // "PUBLIC" or a role
  catalog::List privileges;  // given beyond what PostgreSQL gives by itself
  bool taken = false;        // PUBLIC doesn't get what PostgreSQL gives by itself
};

struct InlineDefaults;  // recipes/inline_defaults.h
struct RowProbe;        // recipes/row_probe.h
struct Successions;     // recipes/column_succession.h

// What values mean that become, or were, of a type without time zone.
struct TimeZones {
  std::string own;                  // of the sessions that run the plan: the connected role's in this database
  std::vector<std::string> others;  // "role app: Europe/Berlin": of roles that say another one for themselves
};

// Of a context in which nothing was said, tried or measured. Pure.
inline const catalog::Intents kNoIntents;
inline const std::map<ObjectId, ColumnProbe> kNoProbes;
inline const std::map<ObjectId, TableFacts> kNoFacts;

// What a kind's functions may look at. Lives as long as one make_plan call.
struct Context {
  const Catalog& from;  // live; empty during elaboration
  const Catalog& to;    // desired (or declared, during elaboration)
  const catalog::Intents& intents = kNoIntents;
  const std::map<ObjectId, TableFacts>& facts = kNoFacts;
  int server_version = 0;                       // server_version_num of the target
  std::function<bool(const ObjectId&)> is_new;  // not in `from`, or dropped and recreated by this plan
  // The relation exists, is not made by this plan and holds rows: the online recipe is due. Otherwise the direct statement.
  std::function<bool(const ObjectId& relation)> online;
  // Whether a table or column that is dropped is only hidden in contract and removed in phase purge. Null: it is not.
  std::function<bool(const ObjectId&)> held = nullptr;
  // What PostgreSQL did on the scratch copy when this column was added with its default, or retyped, in one statement.
  const std::map<ObjectId, ColumnProbe>& probes = kNoProbes;
  const std::map<ObjectId, RowProbe>* row_probes = nullptr;  // of indexes, exclusion constraints and partitions; null: none
  const Successions* successions = nullptr;                  // of columns that get another type beside the traffic; null: none
  const TimeZones* time_zones = nullptr;                     // of the target; null: not asked
  const std::vector<DefaultPrivilege>* default_privileges = nullptr;  // of the target; null: none
  bool manages_every_grant = false;                                   // also of objects that state none (`manage all`)
  bool elaborating = false;                         // everything belongs to one role until all is made: owners are set at the end
  const InlineDefaults* inline_defaults = nullptr;  // null: each default is a statement of its own
  std::int64_t bytes(const ObjectId& relation) const;  // of a live table; 0 when unknown or empty
};

// A step with what follows from the object filled in: it produces the object.
plan::Step step_for(const Object& object, std::string title, std::vector<std::string> sql);

}  // namespace lockstep::recipes
