// Declared text → what PostgreSQL makes of it, and PostgreSQL's errors → the lines they come from.
#include <algorithm>

#include "kinds/registry.h"
#include "reconciler/builder.h"
#include "reconciler/cache.h"
#include "reconciler/catalog_bytes.h"
#include "reconciler/memory.h"
#include "reconciler/reconciler.h"
#include "reconciler/stages.h"
#include "support/digest.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using parser::Declared;
using support::Span;

postgres::ScratchOptions scratch_options(const postgres::Snapshot* live, const Catalog& catalog, const Options& options) {
  constexpr int kMajor = 10000;
  postgres::ScratchOptions wanted;
  wanted.binaries = options.binaries;
  for (const auto& [role, object] : roles_of(catalog)) wanted.roles.push_back(role);
  if (live != nullptr) {
    wanted.major = live->target.server_version / kMajor;
    wanted.encoding = live->encoding;
    wanted.collate = live->collate;
    wanted.ctype = live->ctype;
    wanted.locale_provider = live->locale_provider;
    wanted.locale = live->locale;
    for (const auto& [role, object] : roles_of(live->catalog)) wanted.roles.push_back(role);
  }
  return wanted;
}

postgres::Snapshot read_scratch(postgres::Scratch& scratch) {
  return postgres::introspect(scratch.superuser(), {.facts = false, .unmanaged = false, .lock_timeout_ms = 0});
}

namespace {

// Where in the user's file an error is: at the character PostgreSQL names, if that lies in a text of the declaration.
Span place_of(const Declared& declared, const BuildFailure& failure) {
  const auto found = declared.places.find(failure.object);
  if (found == declared.places.end()) return {};
  const parser::Place& place = found->second;
  if (failure.facts.position <= 0) return place.head;
  const std::string& statement = failure.facts.statement;
  std::size_t offset = 0;  // of the character PostgreSQL counts to, in bytes
  for (int character = 1; character < failure.facts.position && offset < statement.size(); ++character) {
    do ++offset;
    while (offset < statement.size() && (static_cast<unsigned char>(statement[offset]) & 0xC0U) == 0x80U);
  }
  for (const auto& [name, span] : place.attributes) {
    const std::string text(span.text());
    if (text.empty()) continue;
    for (auto at = statement.find(text); at != std::string::npos; at = statement.find(text, at + 1)) {
      if (offset < at || offset > at + text.size()) continue;
      Span exact = span;
      exact.begin = span.begin + (offset - at);
      exact.end = std::min(span.end, exact.begin + 1);
      return exact;
    }
  }
  return place.head;
}

// "check of shop.orders" where PostgreSQL is to choose the name.
std::string name_of(const ObjectId& id) {
  if (id.path.empty() || !kinds::is_placeholder(id.path.back())) return catalog::to_string(id);
  return catalog::to_string({id.kind, {id.path.begin(), id.path.end() - 1}});
}

void report(const Declared& declared, const std::vector<BuildFailure>& failures, support::Diagnostics& diagnostics) {
  for (const auto& failure : failures) {
    std::string message = name_of(failure.object) + ": " + failure.facts.message;
    if (!failure.facts.detail.empty()) message += " (" + failure.facts.detail + ")";
    diagnostics.error("LS0301", message, place_of(declared, failure), failure.facts.hint);
  }
}

// Declared ids whose names PostgreSQL chose or respelt (unnamed constraints, a function's argument types) find theirs: the
// next one of the same kind and leading names that nobody declared by its own name.
std::map<ObjectId, ObjectId> matches(const Catalog& declared, const Catalog& desired) {
  const auto leading = [](const ObjectId& id) { return ObjectId{id.kind, {id.path.begin(), id.path.end() - 1}}; };
  std::map<ObjectId, std::vector<ObjectId>> free;
  for (const Object& other : desired.objects()) {
    if (!declared.contains(other.id)) free[leading(other.id)].push_back(other.id);
  }
  std::map<ObjectId, ObjectId> found;
  for (const Object& object : declared.objects()) {
    if (desired.contains(object.id)) continue;
    auto& candidates = free[leading(object.id)];
    if (candidates.empty()) continue;
    found[object.id] = candidates.front();
    candidates.erase(candidates.begin());
  }
  return found;
}

// Roles are only referred to: one that the target lacks would fail half-way.
void require_roles(const Declared& declared, const postgres::Snapshot& live, support::Diagnostics& diagnostics) {
  for (const auto& [role, object] : roles_of(declared.catalog)) {
    if (std::find(live.roles.begin(), live.roles.end(), role) != live.roles.end()) continue;
    const auto place = declared.places.find(object);
    diagnostics.error("LS0304", catalog::to_string(object) + ": role \"" + role + "\" does not exist on the server",
                      place == declared.places.end() ? Span{} : place->second.head,
                      support::nearest(role, live.roles).empty()
                          ? "create it first: CREATE ROLE"
                          : "did you mean \"" + support::nearest(role, live.roles) + "\"?");
  }
}

constexpr std::uintmax_t kMostCached = std::uintmax_t{256} << 20U;  // a catalog of 10,000 tables takes some 3 MB

// Of what a scratch database is asked to be: everything that its answer depends on besides the texts and PostgreSQL itself.
std::string key_of(const postgres::ScratchOptions& wanted) {
  std::string text = std::to_string(wanted.major);
  for (const auto* list : {&wanted.roles, &wanted.binaries}) {
    text += '\n' + std::to_string(list->size());
    for (const auto& item : *list) text += ' ' + support::sha256(item);
  }
  for (const auto* item : {&wanted.encoding, &wanted.collate, &wanted.ctype, &wanted.locale_provider, &wanted.locale}) {
    text += '\n' + support::sha256(*item);
  }
  return text + '\n';
}

std::optional<Catalog> elaborated_before(const Cache& cache, const Declared& declared, const std::string& key) {
  const auto bytes = cache.get(declared.digest, key);
  if (!bytes) return std::nullopt;
  return catalog_from(*bytes);
}

// Only what could be made without an error is kept.
std::optional<Catalog> elaborate_now(const Declared& declared, const postgres::ScratchOptions& wanted, const Cache& cache,
                                     const std::string& key, support::Diagnostics& diagnostics) {
  const auto scratch = postgres::Scratch::create(wanted);
  const auto baseline = read_scratch(*scratch);
  const auto failures =
      build(*scratch, baseline.catalog, declared.catalog, baseline.target.server_version, declared.scope.everything);
  report(declared, failures, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  Catalog catalog = read_scratch(*scratch).catalog;
  cache.put(declared.digest, key, to_bytes(catalog));
  return catalog;
}

}  // namespace

Desired elaborate(const Declared& declared, const postgres::Snapshot* live, const Options& options,
                  support::Diagnostics& diagnostics) {
  if (live != nullptr) require_roles(declared, *live, diagnostics);
  Desired desired;
  const postgres::ScratchOptions wanted = scratch_options(live, declared.catalog, options);
  const Cache cache(options.cache && !declared.digest.empty() ? "elaborated" : "", kMostCached);
  const std::string key = key_of(wanted) + programs_digest(options);
  auto known = elaborated_before(cache, declared, key);
  if (!known) known = elaborate_now(declared, wanted, cache, key, diagnostics);
  if (diagnostics.has_errors()) return desired;
  desired.catalog = std::move(*known);
  const auto respelt = matches(declared.catalog, desired.catalog);
  for (const auto& [id, place] : declared.places) {
    const auto other = respelt.find(id);
    desired.places[other == respelt.end() ? id : other->second] = place.head.place();
  }
  desired.catalog = with_stated_facets(std::move(desired.catalog), declared.catalog, respelt);
  return desired;
}

}  // namespace lockstep::reconciler
