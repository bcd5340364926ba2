#include "recipes/descendants.h"

#include <algorithm>

#include "catalog/keys.h"
#include "recipes/column_settings.h"
#include "recipes/not_null.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using catalog::List;
using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::quote_identifier;

namespace {

ObjectId same_name(const ObjectId& table, const ObjectId& column) {
  return {kColumn, {table.path[0], table.path[1], column.path[2]}};
}

bool is_child_of(const Object& table, const ObjectId& parent) {
  if (table.get(keys::kPartitionOf) == List(parent.path)) return true;
  const List parents = table.get(keys::kInherits);
  return std::find(parents.begin(), parents.end(), support::qualified(parent.path)) != parents.end();
}

// In a declaration INHERITS names tables as the author wrote them, and there are no edges yet.
const Object* declared_table(const Catalog& catalog, const std::string& text) {
  for (const Object& object : catalog.objects()) {
    if (object.id.is(*kTable) && (support::qualified(object.id.path) == text || quote_identifier(object.id.path[1]) == text))
      return &object;
  }
  return nullptr;
}

std::string alter_column(const ObjectId& column) {
  return "ALTER TABLE " + relation_name(column) + " ALTER COLUMN " + quote_identifier(column.path[2]) + " ";
}

std::string default_clause(const std::string& value) {
  return value.empty() ? "DROP DEFAULT" : "SET DEFAULT " + value;
}

// The text of the default that an object states: of a column's own, or of a descendant's override; nullopt: it states none.
std::optional<std::string> stated_default(const Object* object) {
  if (object == nullptr) return std::nullopt;
  if (object->id.is(*kDefault)) return object->get(keys::kExpression);
  if (object->get(keys::kNoDefault)) return "";
  return object->has(keys::kDefault) ? std::optional(object->get(keys::kDefault)) : std::nullopt;
}

// The object that states a descendant's own settings. A column that the child declares too has its own default.
ObjectId id_of_settings(const Object& descendant) {
  return {descendant.get(keys::kInherited) ? kOverride : kDefault, descendant.id.path};
}

std::optional<std::string> kept_default(const Object& descendant, const Context& context, bool retyped) {
  const ObjectId id = id_of_settings(descendant);
  const Object *before = context.from.find(id), *after = context.to.find(id);
  if (before == nullptr && after == nullptr && id.is(*kDefault)) return "";  // declared there too, without a default
  if (before == nullptr || after == nullptr || context.is_new(id)) return std::nullopt;
  const auto now = stated_default(before), wanted = stated_default(after);
  return retyped && now != wanted ? std::nullopt : now;
}

}  // namespace

std::vector<ObjectId> parents_of(const Catalog& catalog, const ObjectId& table) {
  const Object* object = catalog.find(table);
  if (object == nullptr) return {};
  if (object->has(keys::kPartitionOf)) return {{kTable, object->get(keys::kPartitionOf)}};
  std::vector<ObjectId> parents;
  for (const auto& text : object->get(keys::kInherits)) {
    const auto& edges = catalog.edges_from(*catalog.index_of(table));
    const auto edge = std::find_if(edges.begin(), edges.end(), [&](const auto& item) {
      const ObjectId& id = catalog.at(item.referenced).id;
      return id.is(*kTable) && support::qualified(id.path) == text;
    });
    const Object* parent = edge != edges.end() ? &catalog.at(edge->referenced) : declared_table(catalog, text);
    if (parent != nullptr) parents.push_back(parent->id);
  }
  return parents;
}

std::vector<ObjectId> tables_below(const Catalog& catalog, const ObjectId& table) {
  std::vector<ObjectId> found;
  const auto add_children = [&](const ObjectId& parent) {
    const auto index = catalog.index_of(parent);
    if (!index) return;
    std::set<ObjectId> children;
    for (const auto& edge : catalog.edges_to(*index)) {
      const Object& child = catalog.at(edge.dependent);
      const bool is_below = child.id.is(*kTable) && child.id != parent && is_child_of(child, parent);
      if (is_below && std::find(found.begin(), found.end(), child.id) == found.end()) children.insert(child.id);
    }
    found.insert(found.end(), children.begin(), children.end());
  };
  add_children(table);
  for (std::size_t next = 0; next < found.size(); ++next) add_children(ObjectId(found[next]));
  return found;
}

std::vector<ObjectId> descendants(const Catalog& catalog, const ObjectId& column) {
  std::vector<ObjectId> found;
  for (const ObjectId& table : tables_below(catalog, relation_of(column))) {
    if (auto below = same_name(table, column); catalog.contains(below)) found.push_back(std::move(below));
  }
  return found;
}

std::vector<ObjectId> columns_above(const Catalog& catalog, const ObjectId& column) {
  std::vector<ObjectId> above;
  std::vector<ObjectId> tables = parents_of(catalog, relation_of(column));
  for (std::size_t next = 0; next < tables.size(); ++next) {
    const ObjectId parent = same_name(tables[next], column);
    for (const auto* kind : {kColumn, kDefault, kOverride}) above.push_back({kind, parent.path});
    for (auto& further : parents_of(catalog, relation_of(parent))) {
      if (std::find(tables.begin(), tables.end(), further) == tables.end()) tables.push_back(std::move(further));
    }
  }
  return above;
}

bool left_behind(const Context& context, const ObjectId& column) {
  const ObjectId table = relation_of(column);
  const Object* before = context.from.find(column);
  if (before == nullptr || !before->get(keys::kInherited) || !context.to.contains(table) || context.is_new(table)) return false;
  const auto old = parents_of(context.from, table), now = parents_of(context.to, table);
  return std::none_of(old.begin(), old.end(), [&](const ObjectId& parent) {
    return context.from.contains(same_name(parent, column)) && std::find(now.begin(), now.end(), parent) != now.end();
  });
}

namespace {

// What the parents give: the settings of the first one, except where any parent counts.
ColumnState inherited_state(const Catalog& catalog, const ObjectId& column) {
  std::optional<ColumnState> state;
  for (const ObjectId& table : parents_of(catalog, relation_of(column))) {
    const ObjectId parent = same_name(table, column);
    if (!catalog.contains(parent)) continue;
    const ColumnState given = state_of(catalog, parent);
    if (!state) state = given;
    state->not_null = state->not_null || given.not_null;
    if (state->value.empty()) state->value = given.value;
  }
  if (!state) return {};
  state->options.clear();  // these don't recurse
  return *state;
}

}  // namespace

ColumnState state_of(const Catalog& catalog, const ObjectId& column) {
  ColumnState state;
  const Object* object = catalog.find({kColumn, column.path});
  if (object == nullptr) return state;
  const Object* stated = object;
  if (object->get(keys::kInherited)) {
    state = inherited_state(catalog, column);
    stated = catalog.find({kOverride, column.path});
    if (stated == nullptr) return state;
  }
  if (const auto value = stated_default(object->get(keys::kInherited) ? stated : catalog.find({kDefault, column.path})))
    state.value = *value;
  state.not_null = state.not_null || stated->get(keys::kNotNull);
  if (stated->has(keys::kStorage)) state.storage = stated->get(keys::kStorage);
  if (stated->has(keys::kCompression)) state.compression = stated->get(keys::kCompression);
  if (stated->has(keys::kStatistics)) state.statistics = stated->get(keys::kStatistics);
  state.options = stated->get(keys::kOptions);
  return state;
}

std::set<std::string_view> differences(const ColumnState& a, const ColumnState& b) {
  std::set<std::string_view> names;
  if (a.value != b.value) names.insert(keys::kDefault.name);
  if (a.not_null != b.not_null) names.insert(keys::kNotNull.name);
  if (a.storage != b.storage) names.insert(keys::kStorage.name);
  if (a.compression != b.compression) names.insert(keys::kCompression.name);
  if (a.statistics != b.statistics) names.insert(keys::kStatistics.name);
  if (a.options != b.options) names.insert(keys::kOptions.name);
  return names;
}

namespace {

class Sayer {
 public:
  Sayer(const Object& subject, const std::set<std::string_view>& what, const Context& context)
      : subject_(subject),
        what_(what),
        context_(context),
        before_(state_of(context.from, subject.id)),
        after_(state_of(context.to, subject.id)),
        stands_(context.from.contains(relation_of(subject.id)) && !context.is_new(relation_of(subject.id))) {}

  Steps run(const std::string& title) {
    settings(title);
    if (what_.contains(keys::kNotNull.name)) not_null();
    for (Step& step : steps_) {
      if (!stands_) step.lock = LockMode::none;
      step.consumes = columns_above(context_.to, subject_.id);
    }
    return std::move(steps_);
  }

 private:
  void clause(const std::string& text) { sql_.push_back(alter_column(subject_.id) + text); }
  void again(std::string_view attribute) {
    for (auto& statement : say_again(subject_.id, attribute, context_)) sql_.push_back(std::move(statement));
  }
  std::string shown() const { return relation_name(subject_.id) + "." + quote_identifier(subject_.id.path[2]); }

  Step& add(std::string title, std::vector<std::string> sql) {
    steps_.push_back(step_for(subject_, std::move(title), std::move(sql)));
    steps_.back().lock = LockMode::access_exclusive;
    return steps_.back();
  }

  void settings(const std::string& title) {
    std::vector<std::string> names;
    std::vector<std::string_view> alters;
    for (const std::string_view attribute :
         {keys::kDefault.name, keys::kStorage.name, keys::kCompression.name, keys::kStatistics.name, keys::kOptions.name}) {
      if (!what_.contains(attribute) || (attribute == keys::kStorage.name && storage_came_along())) continue;
      alters.push_back(attribute);
      names.emplace_back(attribute == keys::kDefault.name && after_.value.empty() ? "no default" : attribute);
      if (attribute == keys::kDefault.name) clause(default_clause(after_.value));
      if (attribute == keys::kStorage.name) clause(storage_clause(before_.storage, after_.storage, context_.server_version));
      if (attribute == keys::kCompression.name) clause(compression_clause(after_.compression));
      if (attribute == keys::kStatistics.name) clause(statistics_clause(after_.statistics));
      if (attribute == keys::kOptions.name) {
        for (const auto& text : option_clauses(before_.options, after_.options)) clause(text);
      }
      again(attribute);
      if (attribute == keys::kCompression.name) {
        for (auto& statement : set_compression_of_descendants(subject_.id, context_)) sql_.push_back(std::move(statement));
      }
    }
    if (names.empty()) return;
    Step& step = add(title + " " + support::join(names, ", ") + " of " + shown(), std::move(sql_));
    step.alters = std::move(alters);
    if (stands_ && what_.contains(keys::kDefault.name) && after_.value.empty() && !before_.value.empty()) {
      step.phase = Phase::contract;
      step.breaking = "INSERTs into " + relation_name(subject_.id) + " that leave " + quote_identifier(subject_.id.path[2]) +
                      " out no longer get its default";
    }
  }

  // Whether the parent's change has recursed to it already. Before 16 no statement sets the type's default storage with
  // certainty.
  bool storage_came_along() const {
    const Object* stated = context_.to.find({kOverride, subject_.id.path});
    const Object* column = context_.to.find({kColumn, subject_.id.path});
    return column != nullptr && column->get(keys::kInherited) && (stated == nullptr || !stated->has(keys::kStorage)) &&
           parents_of(context_.from, relation_of(subject_.id)) == parents_of(context_.to, relation_of(subject_.id)) &&
           inherited_state(context_.from, subject_.id).storage != inherited_state(context_.to, subject_.id).storage;
  }

  void not_null() {
    if (!after_.not_null) {
      Step& step = add("allow NULL in " + shown(), {alter_column(subject_.id) + "DROP NOT NULL"});
      step.alters = {keys::kNotNull.name};
      step.phase = Phase::contract;
      step.breaking = "readers of " + shown() + " may meet a NULL";
      return;
    }
    const bool new_here = !stands_ || context_.is_new({kColumn, subject_.id.path});
    if (!context_.online(relation_of(subject_.id))) {
      Step& step = add("set " + shown() + " NOT NULL", {alter_column(subject_.id) + "SET NOT NULL"});
      step.alters = {keys::kNotNull.name};
      if (new_here) return;
      step.phase = Phase::contract;
      step.breaking = "INSERTs and UPDATEs that leave " + shown() + " NULL fail";
      return;
    }
    Steps online = set_not_null(subject_, true, context_);
    if (!new_here) online.front().checks = {no_nulls(subject_, true, context_)};  // checked before anything runs
    for (Step& step : online) steps_.push_back(std::move(step));
  }

  const Object& subject_;
  const std::set<std::string_view>& what_;
  const Context& context_;
  const ColumnState before_, after_;
  const bool stands_;
  std::vector<std::string> sql_;
  Steps steps_;
};

}  // namespace

Steps say(const Object& subject, const std::set<std::string_view>& what, const std::string& title, const Context& context) {
  return Sayer(subject, what, context).run(title);
}

namespace {

// Of a column whose table leaves its parents later in the plan, with the setting that `above` gave it so far.
std::string keep_when_it_leaves(const ObjectId& column, std::string_view attribute, const ObjectId& above,
                                const Context& context) {
  const ColumnState kept = state_of(context.to, column), set = state_of(context.to, above);
  if (!differences(set, kept).contains(attribute)) return {};
  if (differences(state_of(context.from, column), kept).contains(attribute)) return {};  // set by a step of its own
  if (attribute == keys::kDefault.name) return alter_column(column) + default_clause(kept.value);
  if (attribute == keys::kStorage.name)
    return alter_column(column) + storage_clause(set.storage, kept.storage, context.server_version);
  if (attribute == keys::kStatistics.name) return alter_column(column) + statistics_clause(kept.statistics);
  return {};
}

}  // namespace

std::vector<std::string> say_again(const ObjectId& column, std::string_view attribute, const Context& context, bool retyped) {
  std::vector<std::string> sql;
  for (const ObjectId& id : descendants(context.from, column)) {
    if (left_behind(context, id) && context.to.contains(id)) {  // before its parents change their type, it has left
      auto kept = retyped ? std::string() : keep_when_it_leaves(id, attribute, column, context);
      if (!kept.empty()) sql.push_back(std::move(kept));
      continue;
    }
    const Object& descendant = *context.from.find(id);
    if (attribute == keys::kDefault.name) {
      if (const auto value = kept_default(descendant, context, retyped)) sql.push_back(alter_column(id) + default_clause(*value));
      continue;
    }
    const ObjectId override{kOverride, id.path};
    const Object* stated = descendant.get(keys::kInherited) ? context.from.find(override) : &descendant;
    if (stated == nullptr || !context.to.contains(stated->id) || context.is_new(stated->id)) continue;
    if (attribute == keys::kStorage.name && stated->has(keys::kStorage))
      sql.push_back(alter_column(id) + storage_clause({}, stated->get(keys::kStorage), context.server_version));
    if (attribute == keys::kStatistics.name && stated->has(keys::kStatistics))
      sql.push_back(alter_column(id) + statistics_clause(stated->get(keys::kStatistics)));
  }
  return sql;
}

bool descendants_have_defaults(const ObjectId& column, const Context& context) {
  const auto all = descendants(context.from, column);
  return std::any_of(all.begin(), all.end(), [&](const ObjectId& id) {
    return !stated_default(context.from.find(id_of_settings(*context.from.find(id)))).value_or("").empty();
  });
}

std::vector<std::string> set_compression_of_descendants(const ObjectId& column, const Context& context) {
  std::vector<std::string> sql;
  for (const ObjectId& id : descendants(context.from, column)) {
    const Object* descendant = context.to.find(id);
    if (descendant == nullptr || !descendant->get(keys::kInherited) || !context.from.find(id)->get(keys::kInherited)) continue;
    sql.push_back(alter_column(id) + compression_clause(state_of(context.to, id).compression));
  }
  return sql;
}

}  // namespace lockstep::recipes
