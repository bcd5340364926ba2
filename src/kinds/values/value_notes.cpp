#include "kinds/values/value_notes.h"

#include <algorithm>

#include "catalog/changes.h"
#include "catalog/keys.h"
#include "kinds/columns/carried.h"
#include "kinds/columns/column_text.h"
#include "kinds/columns/stored_values.h"
#include "kinds/kinds_list.h"
#include "kinds/registry.h"
#include "plan/values.h"
#include "recipes/conversion.h"
#include "recipes/relation.h"
#include "recipes/widens.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

class Notes {
 public:
  Notes(const Touched& touched, const Context& context) : touched_(touched), context_(context) {}

  std::vector<plan::ValueNote> run() {
    for (const ObjectId& id : touched_.destroyed) gone(id);
    for (const ObjectId& id : touched_.carried) carried(id);
    for (const Change& change : touched_.changes) {
      if (change.id.is(kColumn.tag)) column(change);
      if (change.id.is(kAttribute.tag)) attribute(change);
      if (change.what == Change::What::set) type_in_place(change.id);
      if (change.id.is(kDomainConstraint.tag)) type_in_place({&kDomain.tag, {change.id.path[0], change.id.path[1]}});
    }
    std::sort(notes_.begin(), notes_.end(), [](const auto& a, const auto& b) { return a.object < b.object; });
    notes_.erase(std::unique(notes_.begin(), notes_.end()), notes_.end());
    return std::move(notes_);
  }

 private:
  void say(const ObjectId& id, std::string_view effect, std::string how) {
    notes_.push_back({catalog::to_string(id), std::string(effect), std::move(how)});
  }

  bool stays(const ObjectId& table) const { return context_.from.contains(table) && !touched_.destroyed.contains(table); }

  void gone(const ObjectId& id) {
    if (of(id).holds == Holds::rows && !context_.to.contains(id)) return say(id, plan::kLost, "with its rows, saved first");
    if (!id.is(kColumn.tag) || is_inherited(*context_.from.find(id)) || !stays(recipes::relation_of(id))) return;
    const Object* after = context_.to.find(id);
    const bool was_computed = context_.from.find(id)->has(keys::kGenerated);
    if (after == nullptr) {
      say(id, plan::kLost, "saved first");
    } else if (was_computed) {
      say(id, plan::kComputed, "as (" + after->get(keys::kGenerated) + ")");
    } else {
      say(id, plan::kLost, "saved first; computed from now on, as (" + after->get(keys::kGenerated) + ")");
    }
  }

  void carried(const ObjectId& id) {
    const Object& column = *context_.to.find(id);
    if (column.has(keys::kGenerated)) return say(id, plan::kComputed, "as (" + column.get(keys::kGenerated) + ")");
    if (has_convert(id, context_)) return say(id, plan::kConverted, how_converted(column, touched_.recreated_types, context_));
    for (const ObjectId& type : touched_.recreated_types) {
      const Object* before = context_.from.find(type);
      const auto way = before == nullptr ? std::nullopt : inward(column.get(keys::kType), *before);
      if (!way) continue;
      const bool direct = way->empty() && type.is(kDomain.tag);
      const bool written_out = context_.probes.contains(recipes::cast_written_out(type));
      const std::string_view how = !direct ? plan::kAsText : written_out ? plan::kWrittenOut : plan::kByItself;
      return say(id, plan::kConverted,
                 "to the new " + catalog::to_string(type) + ", " + std::string(how) +
                     recipes::in_time_zone(context_.from.find(id)->get(keys::kType), column.get(keys::kType), context_) +
                     ", each tried first");
    }
  }

  void column(const Change& change) {
    const ObjectId& id = change.id;
    if (touched_.destroyed.contains(id) || change.what == Change::What::removed || is_said_elsewhere(change)) return;
    const Object& after = *context_.to.find(id);
    if (is_inherited(after) || !stays(recipes::relation_of(id))) return;
    if (change.what == Change::What::added) return added(after);
    if (!changes(change, keys::kType.name) && !changes(change, keys::kCollation.name)) return;
    retyped(*context_.from.find(id), after);
  }

  void added(const Object& column) {
    const auto intent = context_.intents.find(column.id);
    const Object* value = context_.to.find({&kDefault.tag, column.id.path});
    if (column.has(keys::kGenerated)) {
      say(column.id, plan::kComputed, "as (" + column.get(keys::kGenerated) + ")");
    } else if (column.has(keys::kIdentity)) {
      say(column.id, plan::kFilled, "with numbers");
    } else if (intent != context_.intents.end() && intent->second.backfill) {
      say(column.id, plan::kFilled, "by backfill (" + *intent->second.backfill + ")");
    } else if (value != nullptr) {
      say(column.id, plan::kFilled, "by its default " + value->get(keys::kExpression));
    } else {
      say(column.id, plan::kFilled, "with no value (NULL), or the default of its domain");
    }
  }

  void retyped(const Object& from, const Object& to) {
    const std::string types =
        from.get(keys::kType) == to.get(keys::kType) ? "" : "from " + from.get(keys::kType) + " to " + to.get(keys::kType) + ", ";
    const auto intent = context_.intents.find(to.id);
    const recipes::ColumnProbe* probe = recipes::retype_probe(to.id, context_);
    const std::string zone = recipes::in_time_zone(from.get(keys::kType), to.get(keys::kType), context_);
    if (to.has(keys::kGenerated)) {
      say(to.id, plan::kComputed, "as (" + to.get(keys::kGenerated) + ")");
    } else if (intent != context_.intents.end() && intent->second.convert) {
      say(to.id, plan::kConverted, types + std::string(plan::kByExpression) + " (" + *intent->second.convert + ")");
    } else if (probe != nullptr && !probe->rewrites && !zone.empty()) {
      say(to.id, plan::kConverted, types + std::string(plan::kByItself) + zone);
    } else if (probe != nullptr && !probe->rewrites) {
      say(to.id, plan::kKept, types + std::string(plan::kFree));
    } else {
      const bool written_out = !recipes::using_of(from, to, context_).empty();
      const bool lossless = recipes::widens(from.get(keys::kType), to.get(keys::kType));
      say(to.id, plan::kConverted,
          types + std::string(written_out ? plan::kWrittenOut : plan::kByItself) + zone +
              (lossless ? ", which loses nothing" : "; the old values are saved"));
    }
  }

  void attribute(const Change& change) {
    const Catalog& side = change.what == Change::What::removed ? context_.from : context_.to;
    const ObjectId& composite = *side.find(change.id)->parent;
    if (!context_.to.contains(composite) || !context_.from.contains(composite)) return;
    for (const StoredIn& place : stored_in(composite, context_.from)) {
      const std::string where = " in " + support::qualified(place.column->id.path);
      if (change.what == Change::What::removed) say(change.id, plan::kLost, "its values" + where + ", saved first");
      if (change.what == Change::What::added) say(change.id, plan::kFilled, "with no value (NULL)" + where);
    }
  }

  // For a type that is altered without being recreated: stored values stay.
  void type_in_place(const ObjectId& id) {
    // for a composite, its attributes have notes
    const bool type = id.is(kDomain.tag) || id.is(kRange.tag) || id.is(kEnum.tag);
    if (!type || touched_.destroyed.contains(id) || !context_.from.contains(id) || stored_in(id, context_.from).empty()) return;
    const auto along = carried_over(touched_.changes, context_.from, context_.to);
    bool all = false;
    for (const StoredIn& place : stored_in(id, context_.from)) {
      const Object* column = context_.to.find(place.column->id);
      const bool has_convert_of_its_own = column != nullptr && along.types.contains(id) && along.columns.contains(column->id) &&
                                          has_convert(column->id, context_) && !column->has(keys::kGenerated);
      if (has_convert_of_its_own) say(column->id, plan::kConverted, how_converted(*column, {id}, context_));
      all = all || !has_convert_of_its_own;
    }
    if (all) say(id, plan::kKept, "what is stored of it");
  }

  const Touched& touched_;
  const Context& context_;
  std::vector<plan::ValueNote> notes_;
};

}  // namespace

std::vector<plan::ValueNote> value_notes(const Touched& touched, const Context& context) {
  return Notes(touched, context).run();
}

// PostgreSQL refuses to run a prepared statement whose result has another type by now, even if the change itself is free.
std::vector<std::string> result_notes(const std::vector<Change>& changes) {
  std::vector<std::string> columns;
  for (const Change& change : changes) {
    if (!change.id.is(kColumn.tag) || change.what != Change::What::set || is_said_elsewhere(change)) continue;
    if (std::any_of(change.attributes.begin(), change.attributes.end(),
                    [](const auto& item) { return item.attribute == keys::kType.name; }))
      columns.push_back(support::qualified(change.id.path));
  }
  if (columns.empty()) return {};
  return {"prepared statements that return " + support::join(columns, ", ") +
          " fail once when the type changes, and have to be prepared again (most drivers do)"};
}

}  // namespace lockstep::kinds
