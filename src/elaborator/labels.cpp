#include "elaborator/labels.h"

#include <algorithm>
#include <optional>
#include <set>

#include "elaborator/privileged.h"
#include "kinds/access/security_label.h"
#include "kinds/registry.h"
#include "parser/sql_tree.h"
#include "support/error.h"
#include "support/sql_text.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::ObjectId;
using nlohmann::json;
using support::DatabaseError;
using support::DeclaredSql;

namespace {

constexpr std::string_view kMark = "lockstep: the object of a security label";
const std::string kNotLoaded = "22023";

// PostgreSQL looks up the provider before the object, and no large object has the OID 0.
bool is_loaded(postgres::Session& session, const std::string& provider) {
  try {
    session.execute("SECURITY LABEL FOR " + support::Sql::identifier(provider) + " ON LARGE OBJECT 0 IS NULL");
  } catch (const DatabaseError& error) {
    if (error.facts().connection_lost) throw;
    return error.sqlstate() != kNotLoaded;
  }
  return true;
}

[[noreturn]] void refuse(std::string sqlstate, std::string message, std::string hint) {
  DatabaseError::Facts facts;
  facts.sqlstate = std::move(sqlstate);
  facts.message = std::move(message);
  facts.hint = std::move(hint);
  throw DatabaseError(std::move(facts));
}

// "shop.mood[]". Modifiers don't tell routines apart.
std::string type_text(const json& type) {
  if (parser::true_at(type, "pct_type"))
    refuse("0A000", "a routine is named here by a column's type (%TYPE)", "write the type itself");
  std::string text = support::qualified(parser::strings_of(parser::at(type, "names")));
  for (std::size_t i = 0; i < parser::at(type, "arrayBounds").size(); ++i) text += "[]";
  return text;
}

// "TABLE shop.t", as COMMENT ON names it.
std::string object_text(const json& fields) {
  std::string words = parser::text_at(fields, "objtype").substr(std::string_view("OBJECT_").size());
  std::replace(words.begin(), words.end(), '_', ' ');
  if (words == "MATVIEW") words = "MATERIALIZED VIEW";
  const json& object = parser::at(fields, "object");
  if (object.contains("List")) return words + " " + support::qualified(parser::strings_of(object["List"]["items"]));
  if (object.contains("TypeName")) return words + " " + type_text(object["TypeName"]);
  if (!object.contains("ObjectWithArgs")) return words + " " + support::quote_identifier(parser::string_of(object));
  const json& routine = object["ObjectWithArgs"];
  const std::string name = words + " " + support::qualified(parser::strings_of(parser::at(routine, "objname")));
  if (parser::true_at(routine, "args_unspecified")) return name;
  std::vector<std::string> types;
  for (const json& argument : parser::at(routine, "objargs")) types.push_back(type_text(parser::at(argument, "TypeName")));
  const bool any_rows = types.empty() && parser::text_at(fields, "objtype") == "OBJECT_AGGREGATE";  // count(*)
  return name + "(" + (any_rows ? "*" : support::join(types, ", ")) + ")";
}

// Whether the superuser may own the object on scratch.
bool is_superusers(const json& fields) {
  const std::string type = parser::text_at(fields, "objtype");
  return type == "OBJECT_EVENT_TRIGGER" || type == "OBJECT_PUBLICATION";
}

class Label {
 public:
  Label(postgres::Scratch& scratch, const DeclaredSql& statement, const json& fields)
      : scratch_(scratch),
        superuser_(scratch.superuser()),
        statement_(statement),
        fields_(fields),
        object_(object_text(fields)) {}

  void set() {
    const std::string provider = parser::text_at(fields_, "provider");
    if (is_loaded(scratch_.session(), provider)) {
      as_owner([&] { superuser_.declared_single(statement_); });
      return;
    }
    if (!is_superuser(superuser_))
      refuse(kNotLoaded, "security label provider \"" + provider + "\" is not loaded on the scratch server",
             "load it there (shared_preload_libraries), or use --shadow embedded");
    try {
      find();
    } catch (const DatabaseError& error) {  // names the statement of the files, not the COMMENT
      auto facts = error.facts();
      facts.statement = statement_.text();
      facts.position = 0;
      throw DatabaseError(std::move(facts));
    }
    lock();
    store(provider);
  }

 private:
  // Runs `call` with the rights of the unprivileged session. That session itself would wait for this transaction's locks. The
  // statement contains names and a text only, and event triggers are off, so nothing in it can regain the superuser's rights.
  template <class Call>
  void as_owner(const Call& call) {
    if (is_superusers(fields_)) return call();
    superuser_.execute("SET LOCAL ROLE " +
                       support::Sql::identifier(scratch_.session().execute("SELECT current_user").text(0, 0)));
    call();
    superuser_.execute("SET LOCAL ROLE NONE");
  }

  void comment(const std::string& text) {
    superuser_.declared_single(
        DeclaredSql("COMMENT ON " + object_ + " IS " + text, statement_.search_path(), statement_.settings()));
  }

  // Finds the object's address: sets a comment on the object, reads where PostgreSQL stored it, and rolls back.
  void find() {
    superuser_.execute("SAVEPOINT label");
    as_owner([&] { comment(support::quote_literal(kMark)); });
    // The newest row, because a declared comment may have the same text.
    const auto found = superuser_.query(
        "SELECT classoid, objoid, objsubid FROM pg_catalog.pg_description WHERE description = $1 ORDER BY pg_catalog.age(xmin) "
        "LIMIT 1",
        {std::string(kMark)});
    address_ = {found.text(0, 0), found.text(0, 1), found.text(0, 2)};
    superuser_.execute("ROLLBACK TO SAVEPOINT label; RELEASE SAVEPOINT label");
  }

  // Takes the lock that SECURITY LABEL takes, by setting the comment that the object already has.
  void lock() {
    const auto found = superuser_.query(
        "SELECT description FROM pg_catalog.pg_description WHERE classoid = $1::pg_catalog.oid AND objoid = $2::pg_catalog.oid "
        "AND "
        "objsubid = $3::pg_catalog.int4",
        address_);
    comment(found.empty() ? "NULL" : support::quote_literal(found.text(0, 0)));
  }

  void store(const std::string& provider) {
    postgres::Parameters values = address_;
    values.emplace_back(provider);
    superuser_.query(
        "DELETE FROM pg_catalog.pg_seclabel WHERE classoid = $1::pg_catalog.oid AND objoid = $2::pg_catalog.oid AND objsubid = "
        "$3::pg_catalog.int4 AND provider = $4",
        values);
    if (parser::at(fields_, "label").is_null()) return;  // IS NULL
    values.emplace_back(parser::text_at(fields_, "label"));
    superuser_.query(
        "INSERT INTO pg_catalog.pg_seclabel (classoid, objoid, objsubid, provider, label) VALUES ($1::pg_catalog.oid, "
        "$2::pg_catalog.oid, $3::pg_catalog.int4, $4, $5)",
        values);
  }

  postgres::Scratch& scratch_;
  postgres::Session& superuser_;
  const DeclaredSql& statement_;
  const json& fields_;
  const std::string object_;
  postgres::Parameters address_;
};

}  // namespace

void set_label(postgres::Scratch& scratch, const DeclaredSql& statement, const json& fields) {
  Label(scratch, statement, fields).set();
}

std::map<ObjectId, std::string> untried_labels(postgres::Scratch& scratch, const Catalog& from, const Catalog& to) {
  std::map<std::string, bool> loaded;
  std::map<ObjectId, std::string> untried;
  for (const Catalog* catalog : {&from, &to}) {
    for (const auto& object : catalog->objects()) {
      if (!kinds::is_security_label(object.id) || !to.contains(kinds::target_of(object.id))) continue;
      const std::string& provider = object.id.path.back();
      auto known = loaded.find(provider);
      if (known == loaded.end()) known = loaded.emplace(provider, is_loaded(scratch.session(), provider)).first;
      if (known->second) continue;
      untried.emplace(object.id, "security label provider \"" + provider +
                                     "\" is not loaded on the scratch server, so only the database can say whether it takes the "
                                     "label; where it is not loaded there either (shared_preload_libraries, "
                                     "session_preload_libraries) the step fails and changes nothing");
    }
  }
  return untried;
}

}  // namespace lockstep::elaborator
