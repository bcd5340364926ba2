#include "elaborator/disarm.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "kinds/registry.h"
#include "support/error.h"

namespace lockstep::elaborator {

using catalog::Object;
using support::DatabaseError;
using support::Sql;

namespace {

// Extensions whose functions connect to other machines or databases or run programs for any caller.
constexpr Sql kReachOut = "'dblink', 'http', 'pg_curl', 'pg_net', 'plproxy', 'plsh', 'redis_fdw', 'pgq_node'";

// A function that an extension's script revokes from PUBLIC reads or writes the server's files or memory ("pg_file_write"). A
// role that is granted EXECUTE on scratch may refer to it but can't call it.
constexpr Sql kNotForAll =
    "EXISTS (SELECT FROM pg_catalog.pg_init_privs i WHERE i.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND i.objoid = "
    "p.oid AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(i.initprivs) a WHERE a.grantee = 0 AND a.privilege_type = "
    "'EXECUTE'))";

// For a pg_proc p.
constexpr Sql kOfExtension =
    "EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid "
    "AND d.deptype = 'e')";

// Replaces functions of extensions that meet `condition` by one of PostgreSQL's own C functions. Calling one then does what
// that function does with any arguments.
void replace_functions(postgres::Session& superuser, const Sql& by, const Sql& condition) {
  superuser.execute(
      "UPDATE pg_catalog.pg_proc p SET prolang = l.oid, prosrc = " + by +
      ", probin = NULL, prosqlbody = NULL FROM pg_catalog.pg_language l WHERE l.lanname = 'internal' AND p.prokind IN ('f', 'p') "
      "AND p.prosrc <> " +
      by + " AND " + kOfExtension + " AND (" + condition + ")");
}

// Templates and parsers with functions that no row of PostgreSQL or of an extension combines: their addresses, and their
// attributes as JSON.
constexpr Sql kApart = R"sql(
WITH trusted AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
  WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
    AND d.classid IN ('pg_catalog.pg_ts_template'::pg_catalog.regclass, 'pg_catalog.pg_ts_parser'::pg_catalog.regclass)
  UNION ALL SELECT 'pg_catalog.pg_ts_template'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_template WHERE oid < 16384
  UNION ALL SELECT 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_parser WHERE oid < 16384
)
SELECT t.oid AS objoid, 'pg_catalog.pg_ts_template'::pg_catalog.regclass::pg_catalog.oid AS classoid, json_build_object(
    'init', nullif(t.tmplinit::pg_catalog.oid, 0)::pg_catalog.regproc, 'lexize', t.tmpllexize)::text AS functions
FROM pg_catalog.pg_ts_template t
WHERE NOT EXISTS (
  SELECT FROM trusted y JOIN pg_catalog.pg_ts_template o ON y.classid = 'pg_catalog.pg_ts_template'::pg_catalog.regclass AND o.oid = y.objid
  WHERE o.oid = t.oid OR o.tmplinit = t.tmplinit AND o.tmpllexize = t.tmpllexize)
UNION ALL
SELECT p.oid, 'pg_catalog.pg_ts_parser'::pg_catalog.regclass::pg_catalog.oid, json_build_object('start', p.prsstart, 'gettoken', p.prstoken,
    'end', p.prsend, 'lextypes', p.prslextype, 'headline', nullif(p.prsheadline::pg_catalog.oid, 0)::pg_catalog.regproc)::text
FROM pg_catalog.pg_ts_parser p
WHERE NOT EXISTS (
  SELECT FROM trusted y JOIN pg_catalog.pg_ts_parser o ON y.classid = 'pg_catalog.pg_ts_parser'::pg_catalog.regclass AND o.oid = y.objid
  WHERE o.oid = p.oid OR o.prsstart = p.prsstart AND o.prstoken = p.prstoken AND o.prsend = p.prsend
    AND o.prslextype = p.prslextype AND (o.prsheadline = p.prsheadline OR p.prsheadline::pg_catalog.oid = 0)))sql";

// The label is dropped with the object, and stays if the object is renamed.
constexpr Sql kTakeApart = R"sql(;
UPDATE pg_catalog.pg_ts_template t SET tmplinit = s.tmplinit, tmpllexize = s.tmpllexize
FROM pg_catalog.pg_ts_template s, pg_catalog.pg_seclabel l
WHERE s.oid < 16384 AND s.tmplname = 'simple' AND l.provider = 'lockstep' AND l.objoid = t.oid
  AND l.classoid = 'pg_catalog.pg_ts_template'::pg_catalog.regclass;
UPDATE pg_catalog.pg_ts_parser p SET prsstart = s.prsstart, prstoken = s.prstoken, prsend = s.prsend, prslextype = s.prslextype,
  prsheadline = s.prsheadline
FROM pg_catalog.pg_ts_parser s, pg_catalog.pg_seclabel l
WHERE s.oid < 16384 AND s.prsname = 'default' AND l.provider = 'lockstep' AND l.objoid = p.oid
  AND l.classoid = 'pg_catalog.pg_ts_parser'::pg_catalog.regclass)sql";

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace

void disarm_extensions(postgres::Session& superuser) {
  superuser.execute(
      "UPDATE pg_catalog.pg_foreign_data_wrapper f SET fdwhandler = 0 WHERE fdwhandler <> 0 AND EXISTS (SELECT FROM "
      "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass AND d.objid = f.oid "
      "AND d.deptype = 'e')");
  // any_in and fdw_handler_in always raise an error. void_in does nothing and returns no pointer, so it may only replace
  // functions that return none either.
  replace_functions(superuser, "'fdw_handler_in'", "p.prorettype = 'pg_catalog.fdw_handler'::pg_catalog.regtype");
  replace_functions(superuser, "'void_in'",
                    "p.proargtypes = '1009 26'::pg_catalog.oidvector AND p.prorettype IN "
                    "('pg_catalog.void'::pg_catalog.regtype, 'pg_catalog.bool'::pg_catalog.regtype)");
  // 2281: internal
  replace_functions(superuser, "'contsel'",
                    "p.proargtypes = '2281 26 2281 23'::pg_catalog.oidvector AND p.prorettype = "
                    "'pg_catalog.float8'::pg_catalog.regtype");
  replace_functions(superuser, "'contjoinsel'",
                    "p.proargtypes = '2281 26 2281 21 2281'::pg_catalog.oidvector AND p.prorettype = "
                    "'pg_catalog.float8'::pg_catalog.regtype");
  replace_functions(superuser, "'any_in'",
                    "p.prosrc <> 'fdw_handler_in' AND (p.probin IS NOT NULL AND EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN "
                    "pg_catalog.pg_extension e ON e.oid = d.refobjid WHERE d.classid = "
                    "'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e' AND e.extname IN (" +
                        kReachOut + ")) OR " + kNotForAll + ")");
}

void disarm_text_search(postgres::Session& superuser) {
  if (superuser.execute(kApart).empty()) return;  // a role without superuser may read this, and has created none
  superuser.execute(
      "INSERT INTO pg_catalog.pg_seclabel (objoid, classoid, objsubid, provider, label) SELECT objoid, classoid, 0, "
      "'lockstep', functions FROM (" +
      kApart + ") AS apart" + kTakeApart);
}

std::vector<catalog::ObjectId> put_back_functions(postgres::Session& superuser, std::vector<Object>& objects) {
  const auto labels = superuser.execute(
      "SELECT i.type, pg_catalog.array_to_json(i.object_names), l.label FROM pg_catalog.pg_seclabel l, "
      "pg_catalog.pg_identify_object_as_address(l.classoid, l.objoid, 0) AS i WHERE l.provider = 'lockstep' AND l.classoid IN "
      "('pg_catalog.pg_ts_template'::pg_catalog.regclass, 'pg_catalog.pg_ts_parser'::pg_catalog.regclass)");
  std::vector<catalog::ObjectId> changed;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const catalog::Path path = nlohmann::json::parse(labels.text(row, 1)).get<catalog::Path::Names>();
    const auto found = std::find_if(objects.begin(), objects.end(), [&](const Object& object) {
      return object.id.path == path && lower_case(kinds::of(object.id).keyword) == labels.text(row, 0);
    });
    if (found == objects.end()) continue;
    const auto functions = nlohmann::json::parse(labels.text(row, 2));
    for (const auto& [name, function] : functions.items()) {
      found->set(name, function.is_null() ? catalog::Value{} : catalog::Value{function.get<std::string>()});
    }
    changed.push_back(found->id);
  }
  return changed;
}

void refuse_reach_out(postgres::Session& session) {
  const auto found =
      session.execute("SELECT extname FROM pg_catalog.pg_extension WHERE extname IN (" + kReachOut + ") ORDER BY 1");
  if (found.empty()) return;
  DatabaseError::Facts facts;
  facts.sqlstate = "42501";
  facts.message = "extension " + found.text(0, 0) +
                  " reaches other machines, and only a superuser can prevent that: it is not made on this scratch server";
  facts.hint = "use --shadow embedded, or a shadow server where Lockstep is a superuser";
  throw DatabaseError(std::move(facts));
}

}  // namespace lockstep::elaborator
