// What changes and why, per object, for people.
#include <algorithm>
#include <set>

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/stored_values.h"
#include "kinds/registry.h"
#include "planner/draft.h"
#include "planner/refusal_hints.h"
#include "recipes/descendants.h"
#include "support/sql_text.h"

namespace lockstep::planner {

using catalog::Change;
using catalog::Object;
using catalog::ObjectId;

namespace {

std::string shown(const catalog::Value& value) {
  if (catalog::is_absent(value)) return "none";
  if (const auto* plain = std::get_if<std::string>(&value)) return *plain;
  return catalog::to_string(value);
}

// Such a value is shown as a diff, not as "from → to".
bool is_long(const catalog::Value& value) {
  constexpr std::size_t kMostOnOneLine = 60;
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && (text->size() > kMostOnOneLine || text->find('\n') != std::string::npos);
}

std::string whole(const catalog::Value& value) {
  return catalog::is_absent(value) ? std::string() : shown(value);
}

void add_details(const Change& change, plan::ChangeNote& note) {
  for (const auto& item : change.attributes) {
    note.detail += (note.detail.empty() ? "" : "; ") + std::string(item.attribute);
    if (is_long(item.from) || is_long(item.to)) {
      note.detail += " changes";
      note.texts.push_back({std::string(item.attribute), whole(item.from), whole(item.to)});
    } else {
      note.detail += ": " + shown(item.from) + " → " + shown(item.to);
    }
  }
}

// Of a grant that comes or goes: what it is about is in its name, which privileges is not.
std::string privileges(const Object* object) {
  if (object == nullptr || !object->has(catalog::keys::kPrivileges)) return {};
  const catalog::List& list = object->get(catalog::keys::kPrivileges);
  return list.empty() ? "no privileges" : support::join(list, ", ");
}

// Of a column that a parent gives to its table, or no longer gives: only what differs from then on.
void add_differences(const Input& input, const ObjectId& column, plan::ChangeNote& note) {
  for (const auto& attribute : recipes::differences(recipes::state_of(input.from, column), recipes::state_of(input.to, column)))
    note.detail += "; " + std::string(attribute) + " changes";
}

// Names of what belongs to it, but for what only speaks of it (comments, grants).
std::set<std::string> parts_of(const catalog::Catalog& catalog, const ObjectId& id) {
  std::set<std::string> names;
  for (const auto child : catalog.children(*catalog.index_of(id))) {
    const ObjectId& part = catalog.at(child).id;
    if (!kinds::of(part).is_satellite()) names.insert(std::string(part.kind->name) + ' ' + part.path.back());
  }
  return names;
}

// From one schema to another, under the name it has.
bool moved(const Input& input, const ObjectId& from, const ObjectId& to) {
  const bool whole = root_of(input.from, from) == from && root_of(input.to, to) == to;
  return whole && kinds::of(from).placement == kinds::Placement::schema && kinds::schema_of(from) != kinds::schema_of(to) &&
         std::equal(from.path.begin() + 1, from.path.end(), to.path.begin() + 1, to.path.end());
}

// Everything but the name speaks for one object under two names: the same attributes, and most of the same parts.
bool alike(const Input& input, const ObjectId& from, const ObjectId& to) {
  const auto &before = *input.from.find(from), &after = *input.to.find(to);
  if (!before.id.is(*after.id.kind) || kinds::of(from).rename == nullptr) return false;
  if (!(before.parent == after.parent) && !moved(input, from, to)) return false;
  for (const auto& attribute : kinds::of(from).attributes) {
    const bool counts = !attribute.derived && !attribute.facet && attribute.name != keys::kPosition.name;
    if (counts && before.value(attribute.name) != after.value(attribute.name)) return false;
  }
  const std::set<std::string> one = parts_of(input.from, from), other = parts_of(input.to, to);
  const auto common = std::count_if(one.begin(), one.end(), [&other](const std::string& name) { return other.contains(name); });
  return 2 * static_cast<std::size_t>(common) >= std::max(one.size(), other.size());
}

}  // namespace

// A column or table that goes while a like one comes is often one that somebody renamed: its rows would be lost.
namespace {

std::vector<std::string> hints_of(const Input& input, bool refused) {
  std::vector<std::string> hints;
  std::set<ObjectId> taken;
  for (const Change& gone : input.changes) {
    const bool meant = !kinds::of(gone.id).is_only_definition() || (refused && root_of(input.from, gone.id) == gone.id);
    if (gone.what != Change::What::removed || !meant) continue;
    for (const Change& come : input.changes) {
      if (come.what != Change::What::added || taken.contains(come.id) || !alike(input, gone.id, come.id)) continue;
      taken.insert(come.id);
      const std::string what =
          catalog::to_string(gone.id) + " goes and " + catalog::to_string(come.id) + ", which is like it, comes: ";
      hints.push_back(what + (moved(input, gone.id, come.id)
                                  ? "if it is to move to another schema, say `" + kinds::alter(kinds::of(gone.id), gone.id) +
                                        " SET SCHEMA " + support::quote_identifier(come.id.path.front()) +
                                        "` by hand first, and nothing is lost"
                                  : "if this is a rename, write `renamed from " + support::quote_identifier(gone.id.path.back()) +
                                        "` in its declaration, and nothing is lost"));
      break;
    }
  }
  return hints;
}

}  // namespace

std::vector<std::string> rename_hints(const Input& input) {
  return hints_of(input, false);
}

std::vector<std::string> refusal_hints(const Input& input) {
  return hints_of(input, true);
}

namespace {

bool says(const plan::Plan& plan, const std::string& expression) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) {
    const auto has = [&](const std::string& text) { return text.find(expression) != std::string::npos; };
    return has(step.batches.assignment) || std::any_of(step.sql.begin(), step.sql.end(), has);
  });
}

// Its type, or something that belongs to its type.
bool type_changes(const Input& input, const ObjectId& column) {
  const auto& edges = input.from.edges_from(*input.from.index_of(column));
  const std::string type = input.from.find(column)->get(keys::kType);
  return std::any_of(input.changes.begin(), input.changes.end(), [&](const Change& change) {
    if (change.id == column) {
      return std::any_of(change.attributes.begin(), change.attributes.end(),
                         [](const auto& item) { return item.attribute == keys::kType.name; });
    }
    const catalog::Catalog& side = change.what == Change::What::removed ? input.from : input.to;
    const auto& whole = side.find(change.id)->parent;
    const bool part = whole && kinds::of(change.id).is_satellite();
    return !part && std::any_of(edges.begin(), edges.end(), [&](const auto& edge) {
      const Object& used = input.from.at(edge.referenced);
      return kinds::inward(type, used) && (used.id == change.id || (whole && used.id == *whole));
    });
  });
}

}  // namespace

std::vector<std::string> unused_intents(const Input& input, const plan::Plan& plan, const kinds::Context& context) {
  std::vector<std::string> notes;
  for (const auto& [id, intent] : input.intents) {
    const catalog::Object *before = input.from.find(id), *after = input.to.find(id);
    if (after == nullptr || !after->parent || id.path.size() != 3 || !context.online(*after->parent)) continue;
    const std::string name = catalog::to_string(id);
    if (intent.convert && !says(plan, *intent.convert) && (before == nullptr || type_changes(input, id))) {
      notes.push_back("convert using of " + name + " is used by no step: " +
                      (before == nullptr ? "the column is new and has no values to convert (a new column is filled by `backfill`)"
                       : after->has(keys::kGenerated) ? "the column is computed from others"
                                                      : "the change of its type leaves the values as they are stored"));
    }
    const bool fills = before == nullptr || (!before->get(keys::kNotNull) && after->get(keys::kNotNull));
    if (intent.backfill && fills && !says(plan, *intent.backfill))
      notes.push_back("backfill of " + name + " is used by no step: its values are computed or numbered");
    for (const auto& old : intent.renamed_from) {
      ObjectId former = id;
      former.path.set_back(old);
      const bool goes = std::any_of(input.changes.begin(), input.changes.end(), [&](const Change& change) {
        return change.id == former && change.what == Change::What::removed;
      });
      if (goes && before != nullptr && !intent.renamed_in_this_plan)
        notes.push_back("`renamed from " + old + "` of " + name + " is used by no step, since " + name +
                        " stands already: " + catalog::to_string(former) + " goes with its values");
    }
  }
  return notes;
}

bool says_all(const plan::ChangeNote& note, const Change& change) {
  if (kinds::is_said_elsewhere(change)) return note.detail.starts_with(kinds::said_where(change));
  return std::all_of(change.attributes.begin(), change.attributes.end(), [&](const auto& item) {
    plan::ChangeNote one{"~", note.object, "", "", {}};
    add_details({Change::What::set, change.id, {item}}, one);
    const std::string detail = "; " + note.detail + ";";
    const bool told =
        detail.find("; " + one.detail + ";") != std::string::npos || detail.find("; " + one.detail + " (") != std::string::npos;
    return told && (one.texts.empty() || std::find(note.texts.begin(), note.texts.end(), one.texts.front()) != note.texts.end());
  });
}

std::vector<plan::ChangeNote> change_notes(const Input& input, const Disposition& disposition) {
  std::vector<plan::ChangeNote> notes;
  const auto place = [&](const ObjectId& id) {
    const auto found = input.places.find(id);
    return found == input.places.end() ? std::string{} : found->second.place();
  };
  // A whole new or dropped object says what belongs to it; one that is recreated doesn't.
  const auto said_by_parent = [](const catalog::Catalog& side, const catalog::Catalog& other, const ObjectId& id,
                                 const std::set<ObjectId>& set) {
    const auto* object = side.find(id);
    return object->parent && set.contains(*object->parent) && !other.contains(*object->parent);
  };
  for (const auto& rename : input.renames) {
    notes.push_back({.sign = ">",
                     .object = catalog::to_string(rename.from),
                     .detail = "renamed to " + rename.to.path.back(),
                     .source = place(rename.to),
                     .texts = {},
                     .becomes = rename.to.path.back(),
                     .transitional = rename.own});
  }
  for (const Change& change : input.changes) {
    const std::string name = catalog::to_string(change.id);
    if (change.what == Change::What::added) {
      if (!said_by_parent(input.to, input.from, change.id, disposition.created))
        notes.push_back({"+", name, privileges(input.to.find(change.id)), place(change.id), {}});
    } else if (change.what == Change::What::removed) {
      if (!said_by_parent(input.from, input.to, change.id, disposition.destroyed))
        notes.push_back({"-", name, privileges(input.from.find(change.id)), "", {}});
    } else {
      plan::ChangeNote note{"~", name, "", place(change.id), {}};
      if (kinds::is_said_elsewhere(change)) {
        note.detail = kinds::said_where(change);
        add_differences(input, change.id, note);
      } else {
        add_details(change, note);
      }
      if (disposition.destroyed.contains(change.id)) note.detail += " (dropped and created anew)";
      notes.push_back(std::move(note));
    }
  }
  for (const ObjectId& id : disposition.rebuilt) {
    const bool changed =
        std::any_of(input.changes.begin(), input.changes.end(), [&](const Change& change) { return change.id == id; });
    if (!changed)
      notes.push_back(
          {"~", catalog::to_string(id), "dropped and created anew, because it depends on what changes", place(id), {}});
  }
  return notes;
}

}  // namespace lockstep::planner
