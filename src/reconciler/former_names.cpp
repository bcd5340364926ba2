#include "reconciler/former_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "elaborator/privileged.h"
#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "plan/final_names.h"
#include "support/digest.h"
#include "support/error.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using planner::Rename;

namespace {

Rename backwards(const Rename& rename) {
  return {rename.to, rename.from};
}

// The statements of one rename, which no kind makes from anything but the two names.
std::vector<std::string> statements_of(const Rename& rename, plan::Step* whole = nullptr) {
  const Catalog none;
  const auto unknown = [](const ObjectId&) { return false; };
  const kinds::Context context{.from = none, .to = none, .is_new = unknown, .online = unknown};
  std::vector<std::string> statements;
  for (auto& step : planner::rename_steps(rename, context)) {
    statements.insert(statements.end(), step.sql.begin(), step.sql.end());
    if (whole != nullptr) *whole = std::move(step);
  }
  return statements;
}

// The last one whose former name no other one still has to give up, and all of whose parts have their former names. In a circle
// the last one of all.
std::vector<Rename>::const_iterator last_unhindered(const std::vector<Rename>& left) {
  for (auto one = left.end(); one-- != left.begin();) {
    const bool hindered = std::any_of(left.begin(), left.end(), [&](const Rename& other) {
      if (&other == &*one) return false;
      return kinds::exclude_each_other(other.to, one->from) || kinds::is_within(other.to, one->to);
    });
    if (!hindered) return one;
  }
  return left.end() - 1;
}

// The same one for the same state, and one that nobody has in the database: what is there under it would be taken for the new
// object. At most 63 bytes, which is what PostgreSQL keeps of a name.
ObjectId set_aside(const ObjectId& id, const Catalog& live) {
  for (int attempt = 0;; ++attempt) {
    const std::string digest = support::sha256(catalog::to_string(id) + (attempt == 0 ? "" : std::to_string(attempt)));
    ObjectId aside = kinds::with_name(id, "lockstep_new_" + digest.substr(0, 12));
    const auto& objects = live.objects();
    const bool taken = std::any_of(objects.begin(), objects.end(), [&](const Object& object) {
      return object.id.path == aside.path || kinds::exclude_each_other(object.id, aside) ||
             (object.id.path.size() == 2 && object.id.path.front() == aside.path.front() &&
              object.id.path.back() == aside.path.back());
    });
    if (!taken) return aside;
  }
}

}  // namespace

FormerNames::FormerNames(const elaborator::Desired& desired, const postgres::Snapshot& live, const elaborator::Options& options)
    : declared_(desired), live_(live), copy_(elaborator::make_copy(desired.whole(), desired.catalog, live, options)) {
  first_ = copy_.catalog;
  for (const auto& [address, id] : elaborator::read_addresses(copy_)) {
    first_addresses_.emplace(id, address);
    present_.push_back(id);
  }
}

void FormerNames::take_back(const std::vector<Rename>& renames) {
  if (renames.empty()) return;
  require_whole(renames.front());
  std::vector<Rename> left = renames;
  while (!left.empty()) {
    const auto next = last_unhindered(left);
    make_room(next->from);
    run(backwards(*next));
    renames_.insert(renames_.begin(), *next);
    left.erase(next);
  }
  read();
}

void FormerNames::require_whole(const Rename& first) const {
  std::vector<std::pair<ObjectId, std::string>> untried = copy_.lacking;
  for (const auto& [id, reason] : copy_.stood_in) {
    if (id == first.to) untried.emplace_back(id, reason);
  }
  if (untried.empty()) return;
  const auto& [id, reason] = untried.front();
  throw support::CommandError(support::ExitCode::failed, "the plan renames " + catalog::to_string(first.from) +
                                                             ", and the declared schema can't be copied to try it:\n  " +
                                                             catalog::to_string(id) + ": " + reason +
                                                             "\nNothing was changed. Rename it by hand, then plan again.");
}

// Moves what the declared schema has under this name out of the way.
void FormerNames::make_room(const ObjectId& name) {
  for (const ObjectId& id : present_) {
    if (!kinds::exclude_each_other(id, name) || kinds::of(id).rename == nullptr) continue;
    const ObjectId wanted = id, aside = set_aside(id, live_.catalog);
    run({wanted, aside});
    own_.insert(own_.begin(), {aside, wanted, true});
    return;
  }
}

void FormerNames::run(const Rename& rename) {
  plan::Step step;
  const auto statements = statements_of(rename, &step);
  const bool super = elaborator::needs_superuser(*copy_.scratch, step);
  postgres::Session& session = super ? copy_.scratch->superuser() : copy_.scratch->session();
  postgres::Transaction transaction(session);
  for (const auto& statement : statements) {
    const support::DeclaredSql declared(statement);
    super ? elaborator::say_privileged(*copy_.scratch, declared) : void(session.declared_single(declared));
  }
  transaction.commit();
  for (ObjectId& id : present_) id = kinds::renamed(id, rename.from, rename.to);
}

std::vector<Rename> FormerNames::renames() const {
  std::vector<Rename> all = renames_;
  all.insert(all.end(), own_.begin(), own_.end());
  return all;
}

Renaming FormerNames::statements() const {
  Renaming renaming{.renames = renames(), .statements = {}};
  for (const Rename& rename : renaming.renames)
    renaming.statements.push_back({former(rename.to), statements_of(rename), statements_of(backwards(rename))});
  return renaming;
}

// PostgreSQL says under which name an object is found now; what has no address of its own (a comment) goes with its parent.
ObjectId FormerNames::map(const ObjectId& id) {
  if (const auto known = former_.find(id); known != former_.end()) return known->second;
  ObjectId result = id;
  const Object* object = first_.find(id);
  const auto address = first_addresses_.find(id);
  if (address != first_addresses_.end()) {
    result = addressed_.at(address->second);
  } else if (object != nullptr && object->parent) {
    const ObjectId parent = map(*object->parent);
    const std::ptrdiff_t kind = kinds::of(id).is_satellite() ? 1 : 0;
    const auto own = static_cast<std::ptrdiff_t>(object->parent->path.size()) + kind;
    catalog::Path::Names path(id.path.begin(), id.path.begin() + kind);
    path.insert(path.end(), parent.path.begin(), parent.path.end());
    path.insert(path.end(), id.path.begin() + own, id.path.end());
    result.path = std::move(path);
  }
  former_.emplace(id, result);
  return result;
}

ObjectId FormerNames::former(const ObjectId& id) const {
  const auto known = former_.find(id);
  return known != former_.end() ? known->second : planner::name_before(id, renames());
}

ObjectId FormerNames::declared(const ObjectId& former) const {
  const auto known = std::find_if(former_.begin(), former_.end(), [&](const auto& item) { return item.second == former; });
  return known != former_.end() ? known->first : planner::name_after(former, renames());
}

// What PostgreSQL prints differently now is taken from the copy; all else is as it was elaborated.
Catalog FormerNames::translated(const Catalog& catalog) const {
  std::vector<Object> objects;
  for (const Object& object : catalog.objects()) {
    Object moved = object;
    moved.id = former(object.id);
    if (object.parent) moved.parent = former(*object.parent);
    const Object *before = first_.find(object.id), *after = copy_.catalog.find(moved.id);
    if (before != nullptr && after != nullptr) {
      for (const auto& attribute : kinds::of(object.id).attributes) {
        if (before->value(attribute.name) != after->value(attribute.name))
          moved.set(attribute.name, after->value(attribute.name));
      }
    }
    objects.push_back(std::move(moved));
  }
  return Catalog(std::move(objects), catalog.edges());
}

parser::Scope FormerNames::scope() const {
  parser::Scope scope = declared_.scope;
  for (std::set<std::string>* names : {&scope.schemas, &scope.partial_schemas}) {
    std::set<std::string> former_names;
    for (const std::string& name : *names) {
      std::string former_name = name;
      for (const auto& [declared, former] : former_) {
        if (kinds::schema_of(declared) == name && declared.path.size() == 1) former_name = former.path.front();
      }
      former_names.insert(former_name);
    }
    *names = std::move(former_names);
  }
  std::set<ObjectId> external;
  for (const ObjectId& id : scope.external) external.insert(former(id));
  scope.external = std::move(external);
  return scope;
}

void FormerNames::read() {
  copy_.catalog = elaborator::read_copy(copy_);
  addressed_ = elaborator::read_addresses(copy_);
  former_.clear();
  for (const Object& object : first_.objects()) map(object.id);
  result_ = {.catalog = translated(declared_.catalog), .places = {}, .scope = scope(), .untried = {}, .stood_in = {}};
  if (declared_.with_external_objects) result_.with_external_objects = translated(*declared_.with_external_objects);
  for (const auto& [id, place] : declared_.places) result_.places.emplace(former(id), place);
  for (const auto& [id, reason] : declared_.untried) result_.untried.emplace(former(id), reason);
  for (const auto& [id, reason] : declared_.stood_in) result_.stood_in.emplace(former(id), reason);
}

void FormerNames::elaborate_ways_back(catalog::Intents& intents, const std::vector<catalog::Change>& changes, const Catalog& live,
                                      elaborator::Copy& live_copy) {
  reconciler::elaborate_ways_back(copy_, live_copy, intents, changes, live, result_.catalog, statements());
}

catalog::Intents FormerNames::intents(const catalog::Intents& declared) const {
  catalog::Intents intents;
  for (const auto& [id, intent] : declared) {
    auto& moved = intents[former(id)] = intent;
    moved.renamed_in_this_plan =
        std::any_of(renames_.begin(), renames_.end(), [&](const Rename& rename) { return rename.to == id; });
  }
  return intents;
}

}  // namespace lockstep::reconciler
