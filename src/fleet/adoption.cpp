#include "fleet/adoption.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "catalog/whole.h"
#include "elaborator/desired.h"
#include "elaborator/respelt.h"
#include "fleet/file_exchange.h"
#include "fleet/hand_renames.h"
#include "fleet/status.h"
#include "kinds/names/renamed.h"
#include "kinds/registry.h"
#include "parser/items.h"
#include "reconciler/state.h"
#include "reconciler/wanted_names.h"
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

// Which of the changes are meant, by the names that an object has and had.
class Chosen {
 public:
  Chosen(const reconciler::Selection& selection, const Catalog& live, const Catalog& desired, const HandRenames& renames)
      : selection_(selection), live_(live), desired_(desired), renames_(renames) {}

  std::vector<Change> of(const std::vector<Change>& changes, Ids& excluded) const {
    reconciler::WantedNames only(selection_.only), exclude(selection_.exclude);
    std::vector<Change> kept;
    for (const Change& change : changes) {
      const bool wanted = match(only, change.id) || selection_.only.empty();
      if (match(exclude, change.id)) excluded.insert(change.id);
      if (wanted && !excluded.contains(change.id)) kept.push_back(change);
    }
    std::vector<std::string> unknown;
    for (const auto* names : {&only, &exclude})
      for (const std::string& name : names->unmatched()) unknown.push_back(support::visible(name));
    if (!unknown.empty())
      throw support::UsageError(
          fmt::format("nothing that differs from the files is called so:{}\nWhat differs:{}\n{}", support::listed(unknown),
                      changes.empty() ? " nothing" : support::listed(names_of(ids_of(changes))), reconciler::kWantedNames));
    return kept;
  }

 private:
  bool match(reconciler::WantedNames& names, const ObjectId& id) const {
    bool any = false;
    for (const Catalog* side : {&live_, &desired_})
      for (const ObjectId& one : {id, before(id, renames_)})
        if (const auto index = side->index_of(one)) any = names.match(*side, *index) || any;
    return any;
  }

  const reconciler::Selection& selection_;
  const Catalog& live_;
  const Catalog& desired_;
  const HandRenames& renames_;
};

// Those that the changes need: of themselves, or of what they are a part of.
HandRenames needed(const HandRenames& all, const std::vector<Change>& changes) {
  HandRenames renames;
  for (const planner::Rename& rename : all)
    if (std::any_of(changes.begin(), changes.end(), [&](const Change& one) { return kinds::is_within(one.id, rename.to); }))
      renames.push_back(rename);
  return renames;
}

// Each chosen rename, and what names the renamed object.
void add_renamed(std::vector<Change>& changes, const std::vector<Change>& all, const HandRenames& renames, const Ids& excluded,
                 const Catalog& live) {
  Ids named;
  for (const planner::Rename& rename : renames) {
    named.insert(rename.to);
    for (const auto& edge : live.edges_to(*live.index_of(rename.to))) named.insert(live.at(edge.dependent).id);
  }
  const Ids ids = ids_of(changes);
  for (const Change& change : all)
    if (named.contains(change.id) && !ids.contains(change.id) && !excluded.contains(change.id)) changes.push_back(change);
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
      if (place->second.place().starts_with(file + ":")) return owner;
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
    places[known].push_back(place.place());
    at[place.place()].push_back(known);
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

// Renames that no item says: one within the head of another (an attribute of a composite type).
void add_unwritten(Adoption& adoption, const HandRenames& renames, const Catalog& live) {
  for (const planner::Rename& rename : renames) {
    const bool written = std::any_of(adoption.revised.edits.begin(), adoption.revised.edits.end(), [&](const ItemEdit& edit) {
      return edit.id.kind != nullptr && edit.id == rename.to && !edit.renamed_from.empty();
    });
    if (written || live.find(rename.to)->get(catalog::keys::kInherited)) continue;
    adoption.possible_renames.push_back(
        support::visible(fmt::format("{} is now called {} in the database. As the files are written, other environments will "
                                     "drop the one and add the other: write "
                                     "`renamed from {}` where it is declared",
                                     catalog::to_string(before(rename.to, renames)), catalog::to_string(rename.to),
                                     support::quote_identifier(kinds::bare_name(rename.from)))));
  }
}

// What to do after a refusal. `refused`: what can't be adopted; `others`: what else has drifted.
std::string advice(const Ids& refused, const Ids& others) {
  std::string text = "Change the files by hand, or undo by hand what was done in the database";
  if (!refused.empty())
    text += fmt::format("; or leave it out: {}", reconciler::flags_of({.only = {}, .exclude = names_of(refused)}));
  text += ".";
  return others.empty() ? text : text + " What else differs, and isn't adopted with it:" + support::listed(names_of(others));
}

// What of the database the new texts still don't say, or say otherwise than before. Empty: they are proved.
// `refused`: which objects these are.
std::vector<std::string> unproved(const AdoptionJob& job, const Adoption& adoption, const postgres::Snapshot& live,
                                  const std::vector<Change>& different, const HandRenames& renames, Ids& refused) {
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
  Ids wanted = ids_of(adoption.changes);
  for (const planner::Rename& rename : renames) wanted.insert(before(rename.to, renames));
  const Ids known = ids_of(different);
  for (const Change& change : reconciler::undeclared(desired, live, job.options))
    if (wanted.contains(change.id) || !known.contains(change.id)) {
      refused.insert(change.id);
      const auto place = desired.places.find(change.id);
      lines.push_back(left_line(change, place == desired.places.end() ? "" : place->second.place(),
                                wanted.contains(change.id) ? "" : " (they said the same before)"));
    }
  return lines;
}

// What was changed by hand, of what differs. Throws if that isn't known.
void keep_drift(std::vector<Change>& changes, const Status& status, const AdoptionJob& job) {
  if (!status.drift_known) {
    if (!job.selection.only.empty() || changes.empty()) return;
    throw RefusedError(
        fmt::format("nothing recorded says what was last applied to this database, and so what of this was changed by hand and "
                    "what is only not applied yet; nothing was written. Name what the files are to take from it:{}",
                    support::listed(names_of(ids_of(changes)))));
  }
  const Ids drifted = ids_of(status.drift);
  std::erase_if(changes, [&](const Change& change) { return !drifted.contains(change.id); });
}

// What is chosen and the files have changed too since it was applied.
void refuse_changed_twice(const std::vector<Change>& chosen, const HandRenames& renames, const reconciler::State& state,
                          const elaborator::Desired& desired, const postgres::Snapshot& live, const AdoptionJob& job) {
  const Ids pending = ids_of(reconciler::pending(state, desired, live, job.options));
  std::vector<std::string> both;
  Ids refused;
  for (const Change& change : chosen) {
    const ObjectId known = before(change.id, renames);
    if (!pending.contains(change.id) && !pending.contains(known)) continue;
    const auto place = desired.places.find(known);
    refused.insert(change.id);
    both.push_back(support::visible(catalog::to_string(change.id)) +
                   (place == desired.places.end() ? "" : " (" + support::visible(place->second.place()) + ")"));
  }
  if (!both.empty())
    throw RefusedError(
        fmt::format("the files have changed this since it was applied, and so has somebody in the database; nothing was written. "
                    "Take the change of the files back, or leave it out ({}):{}",
                    reconciler::flags_of({.only = {}, .exclude = names_of(refused)}), support::listed(both)));
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
  const postgres::Snapshot live = postgres::introspect(session, {.facts = false, .addresses = true});
  const elaborator::Desired desired = elaborator::elaborate(declared, &live, job.options, diagnostics);
  if (diagnostics.has_errors()) return adoption;
  const std::vector<Change> different = reconciler::undeclared(desired, live, job.options);
  std::vector<Change> drifted = different;
  keep_drift(drifted, status, job);
  const auto state = status.drift_known ? reconciler::read_state(status.applied->objects, status.applied->scope) : std::nullopt;
  FoundRenames found = find_hand_renames(drifted, state ? *state : reconciler::State(), live);
  adoption.possible_renames = std::move(found.possible_renames);
  drifted = after(drifted, found.renames, desired.catalog, live.catalog);
  Ids excluded;
  adoption.changes = Chosen(job.selection, live.catalog, desired.catalog, found.renames).of(drifted, excluded);
  const HandRenames renames = needed(found.renames, adoption.changes);
  add_renamed(adoption.changes, drifted, renames, excluded, live.catalog);
  if (state) refuse_changed_twice(adoption.changes, renames, *state, desired, live, job);
  if (adoption.changes.empty()) return adoption;

  const elaborator::Desired moved = renames.empty() ? desired : after(desired, renames);
  const Catalog wanted = DefaultOwners(files, moved).without(changed(moved.catalog, live.catalog, adoption.changes));
  std::map<ObjectId, std::vector<std::string>> places;
  for (auto& [id, list] : places_of(declared, desired)) places[after(id, renames)] = std::move(list);
  const Ids ids = ids_of(adoption.changes);
  Ids others = ids_of(drifted), settings = only_settings(adoption.changes);
  std::erase_if(others, [&](const ObjectId& id) { return ids.contains(id); });
  std::map<ObjectId, std::string> former;
  for (const planner::Rename& rename : renames) {
    former.emplace(rename.to, kinds::bare_name(rename.from));
    settings.erase(rename.to);
  }
  adoption.revised = revise({files, places, wanted, ids, settings, former, job.is_read});
  if (!adoption.revised.refusals.empty()) {
    std::vector<std::string> lines;
    for (const std::string& line : adoption.revised.refusals) lines.push_back(support::visible(line));
    throw RefusedError(fmt::format("this can't be adopted; nothing was written:{}\n{}", support::listed(lines),
                                   advice(adoption.revised.refused, others)));
  }
  add_unwritten(adoption, renames, live.catalog);
  for (const auto& file : files) adoption.before[file.source->name()] = std::string(file.source->text());
  Ids refused;
  const std::vector<std::string> left = unproved(job, adoption, live, different, renames, refused);
  if (!left.empty())
    throw RefusedError(
        fmt::format("the edited files, tried on a scratch database, don't say what the database has; nothing was "
                    "written:{}\n{}",
                    support::listed(left), advice(refused, others)));
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
