// Elaborates declared text on a scratch database, and maps PostgreSQL's errors to the lines they come from.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "elaborator/attempt.h"
#include "elaborator/build_errors.h"
#include "elaborator/builder.h"
#include "elaborator/cache.h"
#include "elaborator/catalog_bytes.h"
#include "elaborator/desired.h"
#include "elaborator/external_objects.h"
#include "elaborator/joined.h"
#include "elaborator/options.h"
#include "elaborator/programs.h"
#include "elaborator/respelt.h"
#include "elaborator/scratch_database.h"
#include "elaborator/stated_facets.h"
#include "elaborator/unchanged.h"
#include "kinds/registry.h"
#include "support/digest.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Object;
using catalog::ObjectId;
using parser::Declared;
using support::Span;

namespace {

// Matches declared ids whose names PostgreSQL chose or printed differently (unnamed constraints, a function's argument types):
// each gets the next id of the same kind with the same leading names that is not declared itself.
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

// Roles are only referred to. A role that is missing in the target would make the plan fail half-way.
void require_roles(const Declared& declared, const postgres::Snapshot& live, support::Diagnostics& diagnostics) {
  const auto require = [&](const std::string& role, const std::string& subject, const Span& place) {
    if (std::find(live.roles.begin(), live.roles.end(), role) != live.roles.end()) return;
    const std::string near = support::nearest(role, live.roles);
    diagnostics.error("LS0304", subject + "role \"" + role + "\" does not exist on the server", place,
                      near.empty() ? "create it first: CREATE ROLE" : "did you mean \"" + near + "\"?");
  };
  for (const auto& [role, object] : roles_of(declared.catalog)) {
    const auto place = declared.places.find(object);
    require(role, catalog::to_string(object) + ": ", place == declared.places.end() ? Span{} : place->second.head);
  }
  for (const auto& script : declared.scripts) {
    std::set<std::string> seen;
    for (const auto& [role, place] : script.roles) {
      if (seen.insert(role).second) require(role, {}, place);
    }
  }
}

// CREATE OR REPLACE in a script silently replaces a declared routine; then fewer routines exist than were declared.
void refuse_replaced(const Declared& declared, const Catalog& desired, support::Diagnostics& diagnostics) {
  using Name = std::pair<std::string, std::string>;
  const auto name_of_routine = [](const Object& object) -> std::optional<Name> {
    return is_routine(object) ? std::optional(Name{object.id.path[0], object.id.path[1]}) : std::nullopt;
  };
  struct Said {
    std::set<std::string> types;  // in scripts
    Span script, schema_file;
    std::size_t declared = 0, made = 0;
  };
  std::map<Name, Said> routines;
  for (const auto& script : declared.scripts) {
    for (const auto& statement : script.statements) {
      if (!statement.routine || statement.makes.size() != 3) continue;
      Said& said = routines[{statement.makes[0], statement.makes[1]}];
      said.types.insert(statement.makes[2]);
      said.script = first_line(statement.span);
    }
  }
  for (const Object& object : declared.catalog.objects()) {
    const auto name = name_of_routine(object);
    if (!name || !routines.contains(*name)) continue;
    ++routines[*name].declared;
    routines[*name].schema_file = declared.places.at(object.id).head;
  }
  for (const Object& object : desired.objects()) {
    const auto name = name_of_routine(object);
    if (name && routines.contains(*name)) ++routines[*name].made;
  }
  for (const auto& [name, said] : routines) {
    if (said.declared == 0 || said.made >= said.declared + said.types.size()) continue;
    support::Diagnostic twice{
        support::Severity::error, "LS0201", name.first + "." + name.second + " is declared twice", said.script, {}, {}};
    twice.notes.push_back({"the other declaration is here", said.schema_file});
    diagnostics.add(std::move(twice));
  }
}

// A schema in which a script creates something is managed whole, unless a .schema file states otherwise.
parser::Scope scope_of(const Declared& declared, const Catalog& baseline, const Catalog& desired) {
  parser::Scope scope = declared.scope;
  if (declared.scripts.empty()) return scope;
  for (const Object& object : desired.objects()) {
    if (baseline.contains(object.id)) continue;
    const std::string schema = kinds::schema_of(object.id);
    if (!schema.empty() && !scope.partial_schemas.contains(schema)) scope.schemas.insert(schema);
  }
  return scope;
}

// A script's objects have the place where the script names them; objects that it doesn't name (a column) have their parent's
// place.
void add_places(const Declared& declared, Desired& desired) {
  std::map<catalog::Path, Span> made;
  for (const auto& script : declared.scripts) {
    for (const auto& statement : script.statements) {
      if (statement.makes.empty()) continue;
      made.emplace(statement.routine ? catalog::Path(statement.makes.begin(), statement.makes.begin() + 2) : statement.makes,
                   statement.span);
    }
  }
  if (made.empty()) return;
  for (const Object& object : desired.catalog.objects()) {
    if (desired.places.contains(object.id)) continue;
    catalog::Path path = object.id.path;
    if (kinds::of(object.id).is_satellite()) path.pop_front();
    for (; !path.empty(); path.pop_back()) {
      const auto found = made.find(path);
      if (found == made.end()) continue;
      desired.places[object.id] = found->second;
      break;
    }
  }
}

// Objects that a script creates and that no kind covers are neither planned nor compared, so they are reported.
void report_unmanaged(const postgres::Snapshot& made, const postgres::Snapshot& before, const postgres::Snapshot* live,
                      const Declared& declared, support::Diagnostics& diagnostics) {
  const auto has = [](const postgres::Snapshot& snapshot, const postgres::Unmanaged& one) {
    return std::any_of(snapshot.unmanaged.begin(), snapshot.unmanaged.end(),
                       [&](const postgres::Unmanaged& other) { return other.description == one.description; });
  };
  for (const auto& one : made.unmanaged) {
    if (has(before, one)) continue;
    const Span file{declared.scripts.front().source, 0, 0};
    if (live != nullptr && !has(*live, one) && !one.goes_with.empty()) {
      diagnostics.warning("LS0305", one.description + " is not made by Lockstep: no kind of object expresses it", file,
                          "say it by hand on the database, once the column is there");
    } else if (live != nullptr && !has(*live, one)) {
      diagnostics.error("LS0305", one.description + " can't be made by Lockstep: no kind of object expresses it", file,
                        "make it by hand on the database, and leave it in the file for what needs it");
    } else {
      diagnostics.warning("LS0305", one.description + " is not managed: no kind of object expresses it", file);
    }
  }
}

// The contents of a scratch database after everything declared was created there.
struct Made {
  Catalog catalog;
  Catalog baseline;                                   // before; empty without scripts, since only they need it
  std::string role;                                   // the role that scripts ran as; empty without scripts
  std::set<ObjectId> seeds;                           // external objects of the live database
  std::map<ObjectId, std::string> untried, stood_in;  // see Desired
};

// Only a result without errors is cached. A result with scripts is not, because their objects are derived from the baseline.
std::optional<Made> elaborated_before(const Cache& cache, const Declared& declared, const std::string& key) {
  if (!declared.scripts.empty()) return std::nullopt;
  const auto bytes = cache.get(declared.digest, key);
  if (!bytes) return std::nullopt;
  return Made{.catalog = catalog_from(*bytes), .baseline = {}, .role = {}, .seeds = {}, .untried = {}, .stood_in = {}};
}

Made elaborate_now(const Declared& declared, const postgres::Snapshot* live, const postgres::ScratchOptions& wanted,
                   support::Diagnostics& diagnostics) {
  const bool scripted = !declared.scripts.empty();
  Made made;
  Attempt tried = attempt(declared, declared.catalog, live, wanted);
  if (tried.failed() && !tried.past_limit && live != nullptr) {
    ExternalObjects around = with_mentioned(declared, tried.said(), *live, tried.baseline.catalog);
    if (!around.seeds.empty()) {
      tried = {};  // drops its scratch database before the next one is created
      tried = attempt(declared, around.catalog, live, wanted);
      made.seeds = std::move(around.seeds);
    }
  }
  report_build(declared, tried.failures, tried.of_scripts, diagnostics);
  if (diagnostics.has_errors()) return {};
  auto found = read_scratch(*tried.scratch, scripted);
  made.catalog = with_untried(tried.stubs->meant(found.catalog), declared.catalog, tried.untried);
  made.stood_in = tried.stubs->reasons();
  made.untried = std::move(tried.untried);
  if (!scripted) return made;
  report_unmanaged(found, tried.baseline, live, declared, diagnostics);
  made.baseline = std::move(tried.baseline.catalog);
  made.role = tried.scratch->session().execute("SELECT current_user").text(0, 0);
  return made;
}

// Where elaborated parts are remembered: under all that their texts may mean.
struct Remembered {
  const Cache& cache;
  const std::string& key;  // of the scratch database
};

// What a scratch database makes of the part; nullopt: not without errors or stubs.
std::optional<Catalog> elaborate_part(const Declared& declared, const Unchanged& part, const postgres::Snapshot& live,
                                      const postgres::ScratchOptions& wanted, const Remembered& remembered) {
  const std::string text =
      support::sha256(part.scratch.fingerprint() + (declared.scope.everything ? " of everything" : " of a part"));
  if (const auto bytes = remembered.cache.get(text, remembered.key)) return catalog_from(*bytes);
  Attempt tried = attempt(declared, part.scratch, &live, wanted);
  if (tried.failed() || !tried.untried.empty()) return std::nullopt;
  Catalog read = tried.stubs->meant(read_scratch(*tried.scratch).catalog);
  if (!tried.stubs->reasons().empty()) return std::nullopt;
  remembered.cache.put(text, remembered.key, to_bytes(read));
  return read;
}

// Elaborates what isn't in the database as it is declared; nullopt: everything has to be. What fails here is tried with
// everything, which says why.
std::optional<Made> elaborate_changed(const Declared& declared, const postgres::Snapshot& live,
                                      const postgres::ScratchOptions& wanted, const Remembered& remembered,
                                      const std::function<void(const Foreseen&)>& foresees) {
  const auto part = unchanged(declared, live);
  if (!part || part->scratch.objects().size() >= declared.catalog.objects().size()) return std::nullopt;  // no smaller
  Catalog read;
  if (part->needs_scratch()) {
    constexpr std::size_t kFew = 50;  // and otherwise a fifth: files that weren't written by Lockstep differ everywhere
    if (foresees && part->anew.size() <= std::max(kFew, declared.catalog.objects().size() / 5)) foresees(part->foreseen);
    auto made = elaborate_part(declared, *part, live, wanted, remembered);
    if (!made) return std::nullopt;
    read = std::move(*made);
  }
  auto whole = joined(*part, read, live.catalog);
  if (!whole) return std::nullopt;
  return Made{.catalog = std::move(*whole), .baseline = {}, .role = {}, .seeds = {}, .untried = {}, .stood_in = {}};
}

// Throws InternalError with the first objects that differ. Derived attributes may: a column's position after others were dropped.
void require_equal(const Made& part, const Made& whole) {
  const auto counts = [](const Object& from, const Object&, std::string_view name) {
    const auto* attribute = kinds::attribute(kinds::of(from.id), name);
    return attribute == nullptr || attribute->derived || attribute->facet;
  };
  std::string text;
  std::size_t more = 0;
  for (const auto& change : catalog::diff(part.catalog, whole.catalog, counts)) {
    if (++more > 10) continue;
    text += "\n  " + catalog::to_string(change.id) +
            (change.what == catalog::Change::What::added     ? " is missing"
             : change.what == catalog::Change::What::removed ? " is too much"
                                                             : "");
    for (const auto& item : change.attributes)
      text +=
          " " + std::string(item.attribute) + ": " + catalog::to_string(item.from) + ", whole: " + catalog::to_string(item.to);
  }
  if (!text.empty())
    throw support::InternalError("the changed part elaborates to something else than the whole (" + std::to_string(more) +
                                 "):" + text);
}

}  // namespace

bool is_routine(const Object& object) {
  return object.id.path.size() == 3 && object.parent && object.parent->path.size() == 1;
}

Respelt respelt_ids(const Catalog& declared, const Catalog& desired) {
  return matches(declared, desired);
}

ObjectId respell(const ObjectId& id, const Respelt& respelt) {
  const auto other = respelt.find(id);
  if (other != respelt.end() || !kinds::of(id).is_satellite()) return other == respelt.end() ? id : other->second;
  const ObjectId target = kinds::target_of(id);
  const auto found = respelt.find(target);
  if (found == respelt.end()) return id;
  catalog::Path::Names path{id.path.front()};
  path.insert(path.end(), found->second.path.begin(), found->second.path.end());
  const auto rest = id.path.begin() + 1 + static_cast<std::ptrdiff_t>(target.path.size());
  path.insert(path.end(), rest, id.path.end());
  return {id.kind, std::move(path)};
}

Desired elaborate(const Declared& declared, const postgres::Snapshot* live, const Options& options,
                  support::Diagnostics& diagnostics, const std::function<void(const Foreseen&)>& foresees) {
  if (live != nullptr) require_roles(declared, *live, diagnostics);
  Desired desired;
  postgres::ScratchOptions wanted = scratch_options(live, declared.catalog, options);
  for (const auto& script : declared.scripts) {
    for (const auto& [role, place] : script.roles) wanted.roles.push_back(role);
  }
  const bool keeps = options.cache && options.shadow.where == postgres::Shadow::Where::embedded;
  const bool cached = keeps && !declared.digest.empty() && declared.scripts.empty();
  const Cache cache(cached ? kElaborated : "", kMostElaborated), parts(keeps ? kElaborated : "", kMostElaborated);
  const std::string key = support::sha256(digest(wanted) + programs_digest(options));
  auto made = elaborated_before(cache, declared, key);
  if (!made && live != nullptr) made = elaborate_changed(declared, *live, wanted, {parts, key}, foresees);
  const bool checks = made && std::getenv("LOCKSTEP_CHECK_ELABORATION") != nullptr;
  if (checks) {
    const Made whole = elaborate_now(declared, live, wanted, diagnostics);
    if (!diagnostics.has_errors())
      require_equal(*made, whole);
    else
      throw support::InternalError("the changed part elaborates, and the whole doesn't");
  }
  if (!made) {
    made = elaborate_now(declared, live, wanted, diagnostics);
    const bool of_the_files = made->seeds.empty() && made->untried.empty() && made->stood_in.empty();  // and nothing else
    if (!diagnostics.has_errors() && of_the_files) cache.put(declared.digest, key, to_bytes(made->catalog));
  }
  if (diagnostics.has_errors()) return desired;
  Catalog whole = std::move(made->catalog);
  desired.untried = std::move(made->untried);
  desired.stood_in = std::move(made->stood_in);
  std::set<ObjectId> others = declared.scope.external;
  others.merge(made->seeds);
  refuse_replaced(declared, whole, diagnostics);
  const auto respelt = matches(declared.catalog, whole);
  if (live != nullptr) check_external(declared, whole, respelt, live->catalog, diagnostics);
  for (const auto& [id, place] : declared.places) {
    const auto other = respelt.find(id);
    desired.places[other == respelt.end() ? id : other->second] = place.head;
  }
  whole = with_stated_facets(std::move(whole), declared.catalog, respelt,
                             {.baseline = made->baseline, .role = made->role, .stated = declared.owners});
  if (others.empty()) {
    desired.catalog = std::move(whole);
  } else {
    desired.catalog = without(whole, others);
    desired.with_external_objects = std::move(whole);
  }
  report_stubs(declared, desired, respelt, diagnostics);
  desired.scope = scope_of(declared, made->baseline, desired.catalog);
  add_places(declared, desired);
  return desired;
}

}  // namespace lockstep::elaborator
