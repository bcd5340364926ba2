#include "fleet/adoption.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "catalog/whole.h"
#include "elaborator/desired.h"
#include "elaborator/respelt.h"
#include "fleet/file_exchange.h"
#include "fleet/status.h"
#include "kinds/registry.h"
#include "parser/items.h"
#include "reconciler/state.h"
#include "support/error.h"
#include "support/lines.h"
#include "support/sql_text.h"
#include "support/visible.h"

namespace lockstep::fleet {
namespace {

using catalog::Catalog;
using catalog::Change;
using catalog::Object;
using catalog::ObjectId;
using support::RefusedError;
using Ids = std::set<ObjectId>;

Ids ids_of(const std::vector<Change>& changes) {
  Ids ids;
  for (const Change& change : changes) ids.insert(change.id);
  return ids;
}

std::vector<std::string> names_of(const Ids& ids) {
  std::vector<std::string> names;
  for (const ObjectId& id : ids) names.push_back(support::visible(catalog::to_string(id)));
  return names;
}

bool is_named(const ObjectId& id, const std::string& name) {
  return catalog::to_string(id) == name || support::join(id.path, ".") == name;
}

// Of the object, and of what it is a part of or about.
bool is_named(const Catalog& side, const ObjectId& id, const std::string& name) {
  for (const Object* at = side.find(id); at != nullptr; at = at->parent ? side.find(*at->parent) : nullptr)
    if (is_named(at->id, name)) return true;
  return false;
}

void keep_named(std::vector<Change>& changes, const std::vector<std::string>& names, const Catalog& live,
                const Catalog& desired) {
  if (names.empty()) return;
  std::vector<std::string> unknown;
  std::vector<Change> kept;
  for (const std::string& name : names) {
    const auto has_name = [&](const Change& change) {
      return is_named(live, change.id, name) || is_named(desired, change.id, name);
    };
    if (std::none_of(changes.begin(), changes.end(), has_name)) unknown.push_back(support::visible(name));
  }
  if (!unknown.empty())
    throw support::UsageError(fmt::format("nothing that differs from the files is called so:{}\nWhat differs:{}",
                                          support::listed(unknown),
                                          changes.empty() ? " nothing" : support::listed(names_of(ids_of(changes)))));
  std::erase_if(changes, [&](const Change& change) {
    return std::none_of(names.begin(), names.end(), [&](const std::string& name) {
      return is_named(live, change.id, name) || is_named(desired, change.id, name);
    });
  });
}

// The catalog of the files with these changes.
Catalog changed(const Catalog& desired, const Catalog& live, const std::vector<Change>& changes) {
  std::map<ObjectId, Object> objects;
  for (const Object& object : desired.objects()) objects.emplace(object.id, object);
  for (const Change& change : changes) {
    if (change.what == Change::What::removed) {
      objects.erase(change.id);
    } else if (change.what == Change::What::added) {
      Object object = *live.find(change.id);
      for (const auto& attribute : kinds::of(object.id).attributes)  // nobody stated them; an owner see below
        if (attribute.facet && attribute.name != kinds::kOwner.name) object.set(attribute.name, {});
      objects.insert_or_assign(change.id, std::move(object));
    } else if (const auto found = objects.find(change.id); found != objects.end()) {
      for (const auto& attribute : change.attributes) found->second.set(attribute.attribute, attribute.to);
      for (const auto& attribute : kinds::of(change.id).attributes)
        if (attribute.derived) found->second.set(attribute.name, live.find(change.id)->value(attribute.name));
    }
  }
  std::vector<Object> list;
  std::vector<std::string> lost;
  for (const auto& [id, object] : objects) {
    if (catalog::is_whole(object, objects)) {
      list.push_back(object);
    } else if (std::any_of(changes.begin(), changes.end(),
                           [&](const Change& change) { return change.what == Change::What::added && change.id == id; })) {
      lost.push_back(support::visible(catalog::to_string(id)) + ": the files don't have " +
                     support::visible(catalog::to_string(*object.parent)) + ", to which it belongs");
    }
  }
  if (!lost.empty()) throw RefusedError(fmt::format("this can't be adopted; nothing was written:{}", support::listed(lost)));
  return Catalog(std::move(list));
}

// Tables of which no more changes than what stands in their block.
Ids only_settings(const std::vector<Change>& changes) {
  const auto is_setting = [](const catalog::AttributeChange& change) {
    return change.attribute == catalog::keys::kRowSecurity.name || change.attribute == catalog::keys::kForceRowSecurity.name ||
           change.attribute == catalog::keys::kReplicaIdentity.name;
  };
  Ids ids;
  for (const Change& change : changes)
    if (change.what == Change::What::set && std::all_of(change.attributes.begin(), change.attributes.end(), is_setting))
      ids.insert(change.id);
  return ids;
}

// `default owner` of the file in which each object stands stands there once. A new object's owner is written if another one would
// be its owner otherwise.
class DefaultOwners {
 public:
  DefaultOwners(const std::vector<parser::ast::File>& files, const elaborator::Desired& desired) : desired_(desired) {
    const parser::Items items(files);
    for (const auto& file : files) {
      for (const auto& node : file.nodes)
        if (const auto* owner = node.find(kinds::kOwner.name); owner != nullptr && node.name.empty())
          owners_[file.source->name()] = std::get<std::string>(owner->value);
    }
  }

  Catalog without(const Catalog& catalog) const {
    std::vector<Object> objects = catalog.objects();
    for (Object& object : objects) {
      if (!object.has(kinds::kOwner)) continue;
      const bool known = desired_.catalog.contains(object.id);
      const std::string usual = known ? owner_at(object.id) : most_usual();
      if (usual == object.get(kinds::kOwner) || (!known && usual.empty())) object.set(kinds::kOwner.name, {});
    }
    return Catalog(std::move(objects));
  }

 private:
  std::string owner_at(const ObjectId& id) const {
    const auto place = desired_.places.find(id);
    if (place == desired_.places.end()) return {};
    for (const auto& [file, owner] : owners_)
      if (place->second.starts_with(file + ":")) return owner;
    return {};
  }
  std::string most_usual() const { return owners_.empty() ? std::string() : owners_.begin()->second; }

  const elaborator::Desired& desired_;
  std::map<std::string, std::string> owners_;  // by file
};

// Every place of every object, by the object's name after elaboration.
std::map<ObjectId, std::vector<std::string>> places_of(const parser::Declared& declared, const elaborator::Desired& desired) {
  std::map<ObjectId, std::vector<std::string>> places;
  for (const Object& object : desired.catalog.objects()) places[object.id];
  std::map<std::string, std::vector<ObjectId>> at;
  const auto respelt = elaborator::respelt_ids(declared.catalog, desired.catalog);
  for (const auto& [id, place] : desired.places) {
    const ObjectId known = elaborator::respell(id, respelt);
    places[known].push_back(place);
    at[place].push_back(known);
  }
  for (const auto& [id, place] : declared.places) {
    if (place.more.empty()) continue;
    for (const ObjectId& same : at[place.head.place()]) {
      if (!same.is(*id.kind) || same.path.back() != id.path.back()) continue;
      for (const support::Span& more : place.more) places[same].push_back(more.place());
    }
  }
  return places;
}

std::string shown(const catalog::Value& value) {
  return catalog::is_absent(value) ? "nothing" : catalog::to_string(value);
}

// "table k.t (k.schema:3:3): row security: the files would say nothing, the database has true"
std::string left_line(const Change& change, const std::string& place, const std::string& words) {
  std::vector<std::string> parts;
  for (const auto& attribute : change.attributes) {
    std::string name(attribute.attribute);
    std::replace(name.begin(), name.end(), '_', ' ');
    parts.push_back(
        fmt::format("{}: the files would say {}, the database has {}", name, shown(attribute.from), shown(attribute.to)));
  }
  if (change.what == Change::What::added) parts.emplace_back("the database has it, and the files wouldn't");
  if (change.what == Change::What::removed) parts.emplace_back("the files would still have it, and the database hasn't");
  return support::visible(fmt::format("{}{}: {}{}", catalog::to_string(change.id), place.empty() ? "" : " (" + place + ")",
                                      support::join(parts, "; "), words));
}

// What to do after a refusal. `others`: what else has drifted.
std::string advice(const Ids& others) {
  if (others.empty()) return "Change the files by hand, or undo by hand what was done in the database.";
  return "Name what else is to be adopted, or change the files by hand. What else differs:" + support::listed(names_of(others));
}

// What of the database the new texts still don't say, or say otherwise than before. Empty: they are proved.
std::vector<std::string> unproved(const AdoptionJob& job, const Adoption& adoption, const postgres::Snapshot& live,
                                  const std::vector<Change>& before) {
  elaborator::Sources sources = job.sources;
  for (const auto& [path, text] : adoption.revised.texts) sources.texts[elaborator::canonical_path(path)] = text;
  for (const std::string& path : adoption.revised.created) sources.paths.push_back(path);
  support::Diagnostics diagnostics;
  std::vector<std::string> lines;
  const auto add_errors = [&] {
    for (const support::Diagnostic& one : diagnostics.sorted())
      if (one.severity == support::Severity::error) lines.push_back(support::visible(one.span.place() + ": " + one.message));
  };
  const parser::Declared declared = elaborator::declare(sources, diagnostics);
  if (diagnostics.has_errors()) return add_errors(), lines;
  elaborator::Options options = job.options;
  options.cache = false;
  const elaborator::Desired desired = elaborator::elaborate(declared, &live, options, diagnostics);
  if (diagnostics.has_errors()) return add_errors(), lines;
  const Ids wanted = ids_of(adoption.changes), known = ids_of(before);
  for (const Change& change : reconciler::undeclared(desired, live, job.options))
    if (wanted.contains(change.id) || !known.contains(change.id)) {
      const auto place = desired.places.find(change.id);
      lines.push_back(left_line(change, place == desired.places.end() ? "" : place->second,
                                wanted.contains(change.id) ? "" : " (they said the same before)"));
    }
  return lines;
}

// What was changed by hand, of what differs. Throws if that isn't known.
void keep_drift(std::vector<Change>& changes, const Status& status, const elaborator::Desired& desired,
                const postgres::Snapshot& live, const AdoptionJob& job) {
  if (!status.drift_known) {
    if (!job.names.empty() || changes.empty()) return;
    throw RefusedError(
        fmt::format("nothing recorded says what was last applied to this database, and so what of this was changed by hand and "
                    "what is only not applied yet; nothing was written. Name what the files are to take from it:{}",
                    support::listed(names_of(ids_of(changes)))));
  }
  const Ids drifted = ids_of(status.drift);
  std::erase_if(changes, [&](const Change& change) { return !drifted.contains(change.id); });
  const auto state = reconciler::read_state(status.applied->objects, status.applied->scope);
  const Ids pending = ids_of(reconciler::pending(*state, desired, live, job.options));
  std::vector<Change> chosen = changes;
  Ids others = ids_of(changes);
  keep_named(chosen, job.names, live.catalog, desired.catalog);
  std::vector<std::string> both;
  for (const ObjectId& id : ids_of(chosen)) others.erase(id);
  for (const ObjectId& id : pending) others.erase(id);
  for (const Change& change : chosen) {
    if (!pending.contains(change.id)) others.insert(change.id);
    if (!pending.contains(change.id)) continue;
    const auto place = desired.places.find(change.id);
    both.push_back(support::visible(catalog::to_string(change.id)) +
                   (place == desired.places.end() ? "" : " (" + support::visible(place->second) + ")"));
  }
  if (!both.empty())
    throw RefusedError(
        fmt::format("the files have changed this since it was applied, and so has somebody in the database; nothing was written. "
                    "Take the change of the files back{}:{}",
                    others.empty() ? "" : ", or name what else is to be adopted", support::listed(both)));
}

}  // namespace

Adoption adopt(postgres::Session& session, const AdoptionJob& job, support::Diagnostics& diagnostics) {
  Adoption adoption;
  std::vector<parser::ast::File> files;
  const parser::Declared declared = elaborator::declare(job.sources, diagnostics, &files);
  if (diagnostics.has_errors()) return adoption;
  require_known_target(session, job.known);
  support::Diagnostics none;
  const Status status = fleet::status(session, job.known, nullptr, job.options, none);
  if (!status.broken_journal.empty())
    throw support::CommandError(support::ExitCode::mismatch,
                                status.broken_journal + "\nWhat was changed by hand can't be told; nothing was written.");
  if (status.open)
    throw RefusedError(
        fmt::format("run {} is open, and the database is between two states; nothing was written. Finish it first "
                    "(`lockstep status` says how)",
                    status.open->id));
  const postgres::Snapshot live = postgres::introspect(session, {.facts = false});
  const elaborator::Desired desired = elaborator::elaborate(declared, &live, job.options, diagnostics);
  if (diagnostics.has_errors()) return adoption;
  const std::vector<Change> different = reconciler::undeclared(desired, live, job.options);
  adoption.changes = different;
  keep_drift(adoption.changes, status, desired, live, job);
  Ids others = ids_of(adoption.changes);
  keep_named(adoption.changes, job.names, live.catalog, desired.catalog);
  if (adoption.changes.empty()) return adoption;

  const Catalog wanted = DefaultOwners(files, desired).without(changed(desired.catalog, live.catalog, adoption.changes));
  const auto places = places_of(declared, desired);
  const Ids ids = ids_of(adoption.changes);
  std::erase_if(others, [&](const ObjectId& id) { return ids.contains(id); });
  const Ids settings = only_settings(adoption.changes);
  adoption.revised = revise({files, places, wanted, ids, settings, job.is_read});
  if (!adoption.revised.refusals.empty()) {
    std::vector<std::string> lines;
    for (const std::string& line : adoption.revised.refusals) lines.push_back(support::visible(line));
    throw RefusedError(fmt::format("this can't be adopted; nothing was written:{}\n{}", support::listed(lines), advice(others)));
  }
  for (const auto& file : files) adoption.before[file.source->name()] = std::string(file.source->text());
  const std::vector<std::string> left = unproved(job, adoption, live, different);
  if (!left.empty())
    throw RefusedError(
        fmt::format("the edited files, tried on a scratch database, don't say what the database has; nothing was "
                    "written:{}\n{}",
                    support::listed(left), advice(others)));
  return adoption;
}

void write(const Adoption& adoption) {
  std::map<std::string, Exchanged> files;
  for (const auto& [path, text] : adoption.revised.texts) {
    const auto before = adoption.before.find(path);
    files[path] = {before == adoption.before.end() ? std::nullopt : std::optional(before->second), text};
  }
  exchange(files);
}

}  // namespace lockstep::fleet
