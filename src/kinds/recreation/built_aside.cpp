#include "kinds/recreation/built_aside.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"

namespace lockstep::kinds {
namespace {

std::vector<const Object*> with_indexes(const Catalog& catalog, const Object& view) {
  std::vector<const Object*> all{&view};
  for (const auto child : catalog.children(*catalog.index_of(view.id))) {
    if (catalog.at(child).id.is(kIndex.tag)) all.push_back(&catalog.at(child));
  }
  return all;
}

ObjectId under_transitional_name(const ObjectId& id, const Context& context) {
  ObjectId result = id;
  const auto name = [&](const std::string& own) { return recipes::transitional_name(context, id.path[0], own + "_new"); };
  for (std::size_t part = 1; part < id.path.size(); ++part) result.path.set(part, name(id.path[part]));
  return result;
}

Object beside(const Object& object, const Context& context) {
  Object copy = object;
  copy.id = under_transitional_name(object.id, context);
  if (object.id.is(kIndex.tag)) copy.parent = under_transitional_name(*object.parent, context);
  return copy;
}

plan::Helper helper_for(const Object& object, const Context& context) {
  const ObjectId id = under_transitional_name(object.id, context);
  if (object.id.is(kIndex.tag)) return recipes::index_helper("index built aside", object.id, id.path[0], id.path[2], false);
  return recipes::materialized_view_helper("materialized view built aside", object.id, id.path[1]);
}

// Everything that the query and the indexes lean on, but for the materialized view itself.
std::vector<ObjectId> used_by(const std::vector<const Object*>& all, const Catalog& catalog) {
  std::vector<ObjectId> used;
  for (const Object* object : all) {
    for (const auto& edge : catalog.edges_from(*catalog.index_of(object->id))) {
      if (catalog.at(catalog.root(edge.referenced)).id != all.front()->id) used.push_back(catalog.at(edge.referenced).id);
    }
  }
  return used;
}

Step build(const Object& view, const Context& context) {
  Step step = std::move(kMaterializedView.create(beside(view, context), context).front());
  const auto all = with_indexes(context.to, view);
  step.title = "build the new form of " + catalog::to_string(view.id) + " beside the old one (runs its query)";
  step.phase = plan::Phase::contract;  // right before the exchange, so that its rows are new then
  step.bytes = kMaterializedView.create(view, context).front().bytes;
  step.prepares = true;
  step.produces.clear();
  step.consumes = used_by(all, context.to);
  const ObjectId there = under_transitional_name(view.id, context);
  for (auto& statement : without_default_privileges(view, context, &there)) step.sql.push_back(std::move(statement));
  for (const Object* object : all) {
    step.helpers.push_back(helper_for(*object, context));
    if (object == &view) continue;
    for (const Step& index : kIndex.create(beside(*object, context), context))
      step.sql.insert(step.sql.end(), index.sql.begin(), index.sql.end());
  }
  return step;
}

Step take_name(const Object& object, const Context& context) {
  const bool index = object.id.is(kIndex.tag);
  const auto& kind = index ? kIndex : kMaterializedView;
  Step step = std::move(kind.create(object, context).front());
  const std::vector<std::string> made = std::move(step.sql);
  step.title = "put the new form of " + catalog::to_string(object.id) + " in its place";
  step.sql = kind.rename(under_transitional_name(object.id, context), object.id, context).front().sql;
  if (!index)
    step.sql.insert(step.sql.end(), made.begin() + 1, made.end());  // settings of its columns; an index has its own by now
  step.helpers = {recipes::taken(helper_for(object, context))};
  step.lock = plan::LockMode::none;
  step.scans = step.builds = false;
  step.bytes = 0;
  return step;
}

}  // namespace

std::set<ObjectId> built_aside(const Catalog& to, const std::set<ObjectId>& recreated, const std::set<ObjectId>& changing,
                               const std::function<bool(const ObjectId&)>& has_rows) {
  std::set<ObjectId> aside;
  for (const ObjectId& id : recreated) {
    const Object* view = id.is(kMaterializedView.tag) ? to.find(id) : nullptr;
    if (view == nullptr || view->get(keys::kUnpopulated) || !has_rows(id)) continue;
    const auto all = with_indexes(to, *view);
    const auto used = used_by(all, to);
    const bool waits = std::any_of(used.begin(), used.end(), [&](const ObjectId& one) {
      return recreated.contains(one) || changing.contains(one) || recreated.contains(to.at(to.root(*to.index_of(one))).id);
    });
    if (waits) continue;
    for (const Object* object : all) aside.insert(object->id);
  }
  return aside;
}

Steps build_aside(const Object& object, const Context& context) {
  if (object.id.is(kIndex.tag)) return {take_name(object, context)};
  return {build(object, context), take_name(object, context)};
}

}  // namespace lockstep::kinds
