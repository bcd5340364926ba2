#include "executor/undo.h"

#include <algorithm>

#include "support/error.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::executor {
namespace {

using Names = std::vector<std::string>;

std::string relation(const Names& names) {
  return support::qualified(names[0], names[1]);
}

std::string column(const Transitional& one, bool /*partitioned*/) {
  return "ALTER TABLE " + relation(one.names) + " RENAME COLUMN " + support::quote_identifier(one.names[2]) + " TO " +
         support::quote_identifier(one.subject[2]);
}

std::string trigger(const Transitional& one, bool /*partitioned*/) {
  return "DROP TRIGGER IF EXISTS " + support::quote_identifier(one.names[2]) + " ON " + relation(one.names);
}

std::string constraint(const Transitional& one, bool /*partitioned*/) {
  return "ALTER TABLE " + relation(one.names) + " DROP CONSTRAINT IF EXISTS " + support::quote_identifier(one.names[2]);
}

std::string function(const Transitional& one, bool /*partitioned*/) {
  return "DROP FUNCTION IF EXISTS " + relation(one.names) + "()";
}

std::string index(const Transitional& one, bool partitioned) {
  return std::string("DROP INDEX ") + (partitioned ? "" : "CONCURRENTLY ") + "IF EXISTS " + relation(one.names);
}

// An index has its final name from the start.
struct Form {
  const char* type;
  std::size_t names;
  const char* prefix;
  std::string (*undo)(const Transitional&, bool);
};
constexpr Form kForms[] = {
    {"table column", 3, "lockstep_", column},
    {"trigger", 3, "zz_lockstep_", trigger},
    {"table constraint", 3, "lockstep_", constraint},
    {"function", 2, "zz_lockstep_", function},
    {"index", 2, "", index},
};

bool fits(const Form& form, const Transitional& one) {
  if (one.type != form.type || one.names.size() != form.names || !one.names.back().starts_with(form.prefix)) return false;
  if (form.undo == function) return one.names[0] == "lockstep";
  return one.subject.size() >= 2 && (form.undo != column || one.subject.size() == 3);
}

}  // namespace

std::string undo_statement(const Transitional& object, bool partitioned) {
  const auto* form = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& one) { return fits(one, object); });
  if (form != std::end(kForms)) return form->undo(object, partitioned);
  throw support::RefusedError("table lockstep.object has a row that Lockstep didn't write: " + support::visible(object.type) +
                              " " + support::visible(support::qualified(object.names)) + ", of run " +
                              support::visible(object.run.substr(0, 8)) +
                              ".\nNothing was changed. Look at it; if the object is yours, delete the row.");
}

}  // namespace lockstep::executor
