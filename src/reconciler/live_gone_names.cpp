#include "reconciler/live_gone_names.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "kinds/recreation/recreated.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::ObjectId;
using kinds::GoneName;
using What = GoneName::What;

namespace {

// Sets the name in the live database, and the new name of the object that it is part of, if that is renamed.
void put_live_name(GoneName& name, const ObjectId& live, const std::vector<planner::Rename>& renames) {
  name.path.overwrite(0, live.path);
  const ObjectId after = planner::name_after(live, renames);
  const bool part = name.what == What::column || name.what == What::value;
  if (part && (after.path[0] != live.path[0] || after.path[1] != live.path[1]))
    name.renamed_whole = {after.path[0], after.path[1]};
}

}  // namespace

std::vector<GoneName> gone_names(const Catalog& live, const Catalog& desired, const std::vector<catalog::Change>& changes,
                                 const std::vector<planner::Rename>& renames) {
  std::vector<GoneName> all;
  const auto take = [&](std::vector<GoneName> names, const ObjectId& id) {
    for (GoneName& name : names) {
      put_live_name(name, id, renames);
      all.push_back(std::move(name));
    }
  };
  for (const auto& rename : renames) {
    if (rename.own) continue;
    const ObjectId before = planner::name_before(rename.to, renames);
    take(kinds::gone_by_rename(rename.from, rename.to), before);
    for (const ObjectId& along : kinds::retyped_along(before, live)) {  // PostgreSQL renames the columns of partitions too
      if (along == before) continue;
      auto names = kinds::gone_by_rename(rename.from, rename.to);
      for (GoneName& name : names) name.path = along.path;
      std::move(names.begin(), names.end(), std::back_inserter(all));
    }
  }
  for (const auto& change : changes)
    take(kinds::gone_by_change(change, live.find(change.id), desired.find(change.id)), change.id);
  std::set<catalog::Path> whole;
  for (const GoneName& name : all) {
    if (name.what != What::column && name.becomes == "goes") whole.insert(name.path);
  }
  std::erase_if(all, [&](const GoneName& name) { return name.path.size() == 3 && whole.contains({name.path[0], name.path[1]}); });
  return all;
}

}  // namespace lockstep::reconciler
