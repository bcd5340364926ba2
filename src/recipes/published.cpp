#include "recipes/published.h"

#include <algorithm>
#include <vector>

#include "catalog/keys.h"
#include "recipes/descendants.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

bool publishes(const Object& publication, const Tables& tables, bool whole) {
  if (publication.get(keys::kAllTables)) return true;
  const std::string definition = publication.get(keys::kDefinition);
  const catalog::List parts = publication.get(keys::kRelations);
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const bool lists_columns = definition.find(" " + support::qualified(parts[i], parts[i + 1]) + " (") != std::string::npos;
    if (tables.contains({parts[i], parts[i + 1]}) && !(whole && lists_columns)) return true;
  }
  const std::size_t of_schemas = definition.find("TABLES IN SCHEMA ");
  if (of_schemas == std::string::npos) return false;
  const std::string schemas = definition.substr(of_schemas) + ",";
  return std::any_of(tables.begin(), tables.end(), [&](const auto& table) {
    return schemas.find(" " + support::quote_identifier(table.first) + ",") != std::string::npos;
  });
}

void warn_subscribers(const ObjectId& relation, const std::string& name, const Context& context, plan::Step& step) {
  if (!context.from.contains(relation) || context.is_new(relation)) return;
  Tables tables = {{relation.path[0], relation.path[1]}};
  for (const auto child : context.from.children(*context.from.index_of(relation))) {
    if (!context.from.at(child).id.is(*kColumn)) continue;
    for (const ObjectId& descendant : descendants(context.from, context.from.at(child).id))
      tables.insert({descendant.path[0], descendant.path[1]});
    break;  // each of them has all columns
  }
  std::vector<std::string> found;
  for (const Object& object : context.from.objects())
    if (object.id.is(*kPublication) && publishes(object, tables, true)) found.push_back(catalog::to_string(object.id));
  if (found.empty()) return;
  step.consequences.push_back({"breaking", support::join(relation.path, "."),
                               "subscriptions to " + support::join(found, ", ") +
                                   " stop, and hold back WAL, until their table has column " + support::quote_identifier(name) +
                                   " too"});
}

}  // namespace lockstep::recipes
