#include "elaborator/scratch_copy.h"

#include <set>

#include "catalog/change.h"
#include "elaborator/builder.h"
#include "elaborator/copy_owners.h"
#include "elaborator/invalid_indexes.h"
#include "elaborator/labels.h"
#include "elaborator/options.h"
#include "elaborator/pending_detaches.h"
#include "elaborator/scratch_database.h"
#include "elaborator/unenforced_keys.h"
#include "kinds/registry.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Change;
using catalog::ObjectId;

Catalog read_copy(Copy& copy) {
  return copy.stubs->meant(read_scratch(*copy.scratch).catalog);
}

std::map<postgres::Address, ObjectId> read_addresses(Copy& copy) {
  return postgres::introspect(copy.scratch->superuser(),
                              {.facts = false, .unmanaged = false, .addresses = true, .shared = false, .lock_timeout_ms = 0})
      .addresses;
}

// For an object that the scratch copy has in another form than the database.
std::string how_it_differs(const Change& change) {
  const std::string name = catalog::to_string(change.id);
  if (change.what == Change::What::added) return "the scratch copy lacks " + name;
  if (change.what == Change::What::removed) return "the scratch copy has " + name + ", which the database lacks";
  std::string text;
  for (const auto& item : change.attributes) {
    const auto shown = [](const catalog::Value& value) { return catalog::is_absent(value) ? "none" : catalog::to_string(value); };
    text += (text.empty() ? "" : ", ") + std::string(item.attribute) + " is " + shown(item.to) + " in the database and " +
            shown(item.from) + " on the scratch copy";
  }
  return "the scratch copy could not be made like " + name + ": " + text;
}

void note_untried(Copy& copy, const Catalog& source, const Catalog& desired) {
  copy.stood_in.merge(untried_labels(*copy.scratch, source, desired));
}

Copy make_copy(const Catalog& source, const Catalog& desired, const postgres::Snapshot& live, const Options& options,
               const std::vector<std::string>& roles) {
  Copy copy;
  postgres::ScratchOptions wanted = scratch_options(&live, desired, options);
  wanted.roles.insert(wanted.roles.end(), roles.begin(), roles.end());
  copy.scratch = postgres::Scratch::create(wanted);
  const auto baseline = read_new(*copy.scratch, wanted);
  std::set<ObjectId> failed;
  copy.stubs = std::make_unique<Stubs>(*copy.scratch, &live);
  for (const auto& failure :
       build(*copy.scratch, baseline.catalog, source, live.target.server_version, true, nullptr, copy.stubs.get())) {
    copy.lacking.emplace_back(failure.object, failure.facts.message + " (on the scratch server)");
    failed.insert(failure.object);
  }
  mark_invalid(*copy.scratch, source);
  mark_pending(*copy.scratch, source);
  mark_unenforced(*copy.scratch, source);
  copy.differences = copy.scratch->differences();
  copy.catalog = read_copy(copy);
  copy.stood_in = copy.stubs->reasons();
  note_untried(copy, source, desired);
  copy.catalog = with_owners(std::move(copy.catalog), source, copy.scratch->gives_owners());
  const auto plain = [](const catalog::Object& from, const catalog::Object& to, std::string_view name) {
    const auto* attribute = kinds::attribute(kinds::of(from.id), name);
    return attribute == nullptr || attribute->expression || attribute->facet || attribute->derived ||
           from.value(name) == to.value(name);
  };
  const auto explained = [&](const ObjectId& id) {  // by an object that it is part of
    for (auto index = source.index_of(id); index; index = source.parent(*index)) {
      if (failed.contains(source.at(*index).id)) return true;
    }
    return false;
  };
  for (const auto& change : catalog::diff(copy.catalog, source, plain)) {
    if (!explained(change.id)) copy.lacking.emplace_back(change.id, how_it_differs(change));
  }
  return copy;
}

}  // namespace lockstep::elaborator
