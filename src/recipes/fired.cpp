#include "recipes/fired.h"

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "recipes/descendants.h"
#include "recipes/published.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {
namespace {

bool off(const Object& object) {
  return object.get(keys::kEnabled) == "disabled" || object.get(keys::kEnabled) == "replica";
}

// `events`: "BEFORE UPDATE OF a, "B c" OR DELETE". Without columns it fires for any.
bool fires_for(const std::string& events, const std::string& column) {
  constexpr std::string_view kUpdate = "UPDATE", kOf = "UPDATE OF ";
  const std::size_t at = events.find(kUpdate);
  if (at == std::string::npos) return false;
  const std::size_t of = events.find(kOf, at);
  if (of == std::string::npos) return true;
  const std::string list = ", " + events.substr(of + kOf.size());
  const std::string name = ", " + support::quote_identifier(column);
  for (auto found = list.find(name); found != std::string::npos; found = list.find(name, found + 1)) {
    const std::string_view rest = std::string_view(list).substr(found + name.size());
    if (rest.empty() || rest.starts_with(", ") || rest.starts_with(" OR ")) return true;
  }
  return false;
}

class Finder {
 public:
  Finder(std::string column, const std::vector<std::string>& but, const Context& context)
      : column_(std::move(column)), but_(but), context_(context) {}

  std::vector<std::string> run(const ObjectId& relation) {
    for (const Catalog* side : {&context_.from, &context_.to}) {
      Tables tables = {{relation.path[0], relation.path[1]}};
      for (const ObjectId& descendant : descendants(*side, {kColumn, {relation.path[0], relation.path[1], column_}}))
        tables.insert({descendant.path[0], descendant.path[1]});
      for (const Object& object : side->objects()) look_at(object, tables, *side);
    }
    return {found_.begin(), found_.end()};
  }

 private:
  void look_at(const Object& object, const Tables& tables, const Catalog& side) {
    const auto& path = object.id.path;
    if (object.id.is(*kPublication)) {
      if (publishes(object, tables)) found_.insert(catalog::to_string(object.id));
      return;
    }
    if (path.size() != 3 || !tables.contains({path[0], path[1]})) return;
    if (object.id.is(*kTrigger)) {
      const bool kept = std::find(but_.begin(), but_.end(), path[2]) != but_.end();
      if (!off(object) && !kept && fires_for(object.get(keys::kEvents), column_)) found_.insert(catalog::to_string(object.id));
    } else if (object.id.is(*kRule)) {
      if (!off(object) && object.get(keys::kDefinition).starts_with("ON UPDATE")) found_.insert(catalog::to_string(object.id));
    } else if (object.id.is(*kPolicy)) {
      const Object* table = object.parent ? side.find(*object.parent) : nullptr;
      if (table != nullptr && table->get(keys::kRowSecurity) && table->get(keys::kForceRowSecurity))
        found_.insert(catalog::to_string(object.id));
    }
  }

  std::string column_;
  const std::vector<std::string>& but_;
  const Context& context_;
  std::set<std::string> found_;
};

}  // namespace

std::optional<plan::Consequence> fired_by_update(const ObjectId& relation, const std::string& column,
                                                 const std::vector<std::string>& but, const Context& context) {
  const auto found = Finder(column, but, context).run(relation);
  if (found.empty()) return std::nullopt;
  return plan::Consequence{"fires-triggers", support::join(relation.path, "."),
                           "each row that is filled is an UPDATE of " + support::qualified(relation.path[0], relation.path[1]) +
                               " on which act: " + support::join(found, ", ")};
}

}  // namespace lockstep::recipes
