#include "kinds/recreation/mirror.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/recreation/type_succession.h"
#include "recipes/conversion.h"
#include "recipes/transitional.h"
#include "recipes/trigger_function.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::Succession;
using support::qualified;
using support::quote_identifier;

namespace {

// Compares the stored values themselves: not every type has an equality operator, and what is equal may be stored differently: 0
// and -0, 1.0 and 1.00, two texts under a nondeterministic collation. Without the cast PostgreSQL would look for an operator.
std::string stored_otherwise(const std::string& a, const std::string& b) {
  return "ROW(" + a + ")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(" + b + ")::pg_catalog.record";
}

bool is_stored_as_it_compares(const std::string& type) {
  return type == "smallint" || type == "integer" || type == "bigint";
}

}  // namespace

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
  if (!column.converts) {
    const std::string value = row + quote_identifier(column.id.path[2]) + "::" + after.get(keys::kType);
    const std::string unequal = successor + " IS DISTINCT FROM " + value;
    return is_stored_as_it_compares(after.get(keys::kType)) ? unequal : unequal + " OR " + stored_otherwise(successor, value);
  }
  const recipes::Conversion conversion = conversion_to_successor(column, context_);
  const std::string condition = stored_otherwise(successor, conversion.value);
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
    const std::string value =
        column->converts ? conversion_to_successor(*column, context_).assigned : quote_identifier(column->id.path[2]);
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
      values.push_back(conversion_to_successor(*column, context_).assigned);
    } else {
      assignments += "  " + target + " := NEW." + quote_identifier(column->id.path[2]) + ";\n";
    }
  }
  if (!targets.empty()) {
    assignments += "  SELECT " + support::join(values, ", ") + " INTO " + support::join(targets, ", ") +
                   " FROM (SELECT (NEW).*) AS " + quote_identifier(table_.path[1]) + ";\n";
  }
  return "BEGIN\n" + assignments + "  RETURN NEW;\nEND";
}

void Mirror::create(Step& step) const {
  std::set<std::string> names;
  for (const auto* column : columns_) names.insert(column->settings.begin(), column->settings.end());
  step.sql.push_back(recipes::trigger_function(function(), body(), {names.begin(), names.end()}));
  const std::string when = converts() ? "" : " WHEN (" + differ("NEW.") + ")";
  step.sql.push_back("CREATE TRIGGER " + quote_identifier(trigger()) + " BEFORE INSERT OR UPDATE ON " + qualified(table_.path) +
                     " FOR EACH ROW" + when + " EXECUTE FUNCTION lockstep." + function() + "()");
  step.sql.push_back("ALTER TABLE " + qualified(table_.path) + " ENABLE ALWAYS TRIGGER " + quote_identifier(trigger()));
  step.helpers.push_back(recipes::function_helper(recipes::kMirrorTrigger, columns_.front()->id, function()));
  step.helpers.push_back(recipes::trigger_helper(recipes::kMirrorTrigger, columns_.front()->id, trigger()));
}

void Mirror::drop(std::vector<std::string>& sql, bool if_exists) const {
  const std::string word = if_exists ? "IF EXISTS " : "";
  sql.push_back("DROP TRIGGER " + word + quote_identifier(trigger()) + " ON " + qualified(table_.path));
  sql.push_back("DROP FUNCTION " + word + "lockstep." + function() + "()");
}

}  // namespace lockstep::kinds
