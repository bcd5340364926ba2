#include "kinds/names/renamed.h"

#include <algorithm>
#include <iterator>

#include "kinds/kinds_list.h"
#include "kinds/names/shared_names.h"
#include "kinds/registry.h"

namespace lockstep::kinds {

using catalog::ObjectId;

namespace {

// Of a satellite, the object that it speaks of.
ObjectId subject_of(const ObjectId& id) {
  return of(id).is_satellite() ? target_of(id) : id;
}

// Its path ends with its arguments, after its name.
bool has_arguments(const ObjectId& id) {
  const KindSpec* kinds[] = {&kFunction, &kProcedure, &kAggregate, &kOperator};
  return std::any_of(std::begin(kinds), std::end(kinds), [&](const KindSpec* kind) { return id.is(kind->tag); });
}

std::size_t place_of_name(const ObjectId& id) {
  return has_arguments(id) ? 1 : id.path.size() - 1;
}

}  // namespace

bool is_within(const ObjectId& id, const ObjectId& whole) {
  const ObjectId subject = subject_of(id);
  const auto& path = subject.path;
  if (path.size() < whole.path.size() || !std::equal(whole.path.begin(), whole.path.end(), path.begin())) return false;
  if (subject.is(*whole.kind) && path.size() == whole.path.size()) return true;
  if (path.size() > whole.path.size()) {
    const bool schema = whole.path.size() == 1;
    return schema ? of(whole).placement != Placement::database : !has_arguments(subject);
  }
  // These have the path of the column that they belong to.
  return whole.is(kColumn.tag) && (subject.is(kDefault.tag) || subject.is(kOverride.tag));
}

bool is_printed_with(const ObjectId& id, const ObjectId& name) {
  return has_arguments(id) && id.path.back().find(bare_name(name)) != std::string::npos;
}

const std::string& bare_name(const ObjectId& id) {
  return id.path.at(place_of_name(id));
}

ObjectId with_name(ObjectId id, const std::string& name) {
  id.path.set(place_of_name(id), name);
  return id;
}

ObjectId renamed(const ObjectId& id, const ObjectId& from, const ObjectId& to) {
  if (!is_within(id, from)) return id;
  ObjectId result = id;
  result.path.overwrite(of(id).is_satellite() ? 1 : 0, to.path);
  return result;
}

ObjectId renamed(const ObjectId& id, const std::vector<ObjectId>& from, const std::vector<ObjectId>& to) {
  std::size_t best = from.size();  // the innermost: a column's name contains that of its table
  for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
    if (is_within(id, from[i]) && (best == from.size() || from[i].path.size() > from[best].path.size())) best = i;
  }
  return best == from.size() ? id : renamed(id, from[best], to[best]);
}

bool exclude_each_other(const ObjectId& one, const ObjectId& other) {
  if (one == other) return true;
  const auto names = shared_names(one), others = shared_names(other);
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& name) { return std::find(others.begin(), others.end(), name) != others.end(); });
}

}  // namespace lockstep::kinds
