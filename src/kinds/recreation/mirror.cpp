#include "kinds/recreation/mirror.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/recreation/mirror_limits.h"
#include "recipes/conversion.h"
#include "recipes/transitional.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::Succession;
using support::qualified;
using support::quote_identifier;

Mirror::Mirror(const ObjectId& table, const Columns& columns, const Context& context)
    : table_(table), columns_(columns), context_(context) {}

std::string Mirror::digest() const {
  return support::sha256(catalog::to_string(columns_.front()->id)).substr(0, 12);
}

std::string Mirror::function() const {
  return "zz_lockstep_mirror_" + digest();
}

std::string Mirror::trigger() const {  // fires after all others
  return std::string(kLastTrigger) + "mirror_" + digest();
}

bool Mirror::converts() const {
  return std::any_of(columns_.begin(), columns_.end(), [](const auto* column) { return column->converts; });
}

bool Mirror::by_settings() const {
  return std::any_of(columns_.begin(), columns_.end(), [](const auto* column) { return !column->settings.empty(); });
}

std::string Mirror::differs(const Succession::Column& column, const std::string& row) const {
  const Object& after = *context_.to.find(column.id);
  const std::string successor = row + quote_identifier(column.successor);
  if (!column.converts)
    return successor + " IS DISTINCT FROM " + row + quote_identifier(column.id.path[2]) + "::" + after.get(keys::kType);
  const recipes::Conversion conversion = recipes::conversion_of(after, context_);
  // Compares the stored values themselves: not every type has an equality operator, and what is equal may be stored differently.
  // Without the cast PostgreSQL would look for such an operator.
  const std::string condition =
      "ROW(" + successor + ")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(" + conversion.value + ")::pg_catalog.record";
  return conversion.cut.empty() ? condition : condition + " OR " + conversion.cut;
}

std::string Mirror::differ(const std::string& row) const {
  std::vector<std::string> conditions;
  for (const auto* column : columns_) conditions.push_back(differs(*column, row));
  return support::join(conditions, " OR ");
}

std::string Mirror::differ() const {
  return differ("");
}

std::string Mirror::assignments() const {
  std::vector<std::string> assignments;
  for (const auto* column : columns_) {
    const std::string value = column->converts ? recipes::conversion_of(*context_.to.find(column->id), context_).assigned
                                               : quote_identifier(column->id.path[2]);
    assignments.push_back(quote_identifier(column->successor) + " = " + value);
  }
  return support::join(assignments, ", ");
}

std::string Mirror::body() const {
  std::string assignments;
  std::vector<std::string> values, targets;
  for (const auto* column : columns_) {
    const std::string target = "NEW." + quote_identifier(column->successor);
    if (column->converts) {
      targets.push_back(target);
      values.push_back(recipes::conversion_of(*context_.to.find(column->id), context_).assigned);
    } else {
      assignments += "  " + target + " := NEW." + quote_identifier(column->id.path[2]) + ";\n";
    }
  }
  if (!targets.empty()) {
    assignments += "  SELECT " + support::join(values, ", ") + " INTO " + support::join(targets, ", ") +
                   " FROM (SELECT (NEW).*) AS " + quote_identifier(table_.path[1]) + ";\n";
  }
  // A column may have the name of a variable that every trigger function has.
  const std::string option = targets.empty() ? "" : "#variable_conflict use_column\n";
  return option + "BEGIN\n" + assignments + "  RETURN NEW;\nEND";
}

void Mirror::create(Step& step) const {
  std::string settings = " SET search_path FROM CURRENT";
  std::set<std::string> names;
  for (const auto* column : columns_) names.insert(column->settings.begin(), column->settings.end());
  for (const std::string& name : names) settings += " SET " + quote_identifier(name) + " FROM CURRENT";
  // Never OR REPLACE: see recipes/fill.cpp.
  step.sql.push_back("CREATE FUNCTION lockstep." + function() + "() RETURNS trigger LANGUAGE plpgsql" + settings + " AS " +
                     support::dollar_quote(body()));
  const std::string when = converts() ? "" : " WHEN (" + differ("NEW.") + ")";
  step.sql.push_back("CREATE TRIGGER " + quote_identifier(trigger()) + " BEFORE INSERT OR UPDATE ON " + qualified(table_.path) +
                     " FOR EACH ROW" + when + " EXECUTE FUNCTION lockstep." + function() + "()");
  step.sql.push_back("ALTER TABLE " + qualified(table_.path) + " ENABLE ALWAYS TRIGGER " + quote_identifier(trigger()));
  step.helpers.push_back(recipes::function_helper("mirror trigger", columns_.front()->id, function()));
  step.helpers.push_back(recipes::trigger_helper("mirror trigger", columns_.front()->id, trigger()));
}

void Mirror::drop(std::vector<std::string>& sql, bool if_exists) const {
  const std::string word = if_exists ? "IF EXISTS " : "";
  sql.push_back("DROP TRIGGER " + word + quote_identifier(trigger()) + " ON " + qualified(table_.path));
  sql.push_back("DROP FUNCTION " + word + "lockstep." + function() + "()");
}

}  // namespace lockstep::kinds
