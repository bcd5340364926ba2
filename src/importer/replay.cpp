#include "importer/replay.h"

#include <algorithm>
#include <functional>
#include <set>

#include "catalog/keys.h"
#include "elaborator/scratch_database.h"
#include "elaborator/stated_facets.h"
#include "importer/rules.h"
#include "importer/runner.h"
#include "kinds/access/owners.h"
#include "kinds/registry.h"
#include "session/quiet.h"

namespace lockstep::importer {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;

namespace {

constexpr std::size_t kMostRoles = 200;  // each that is wanted later means running everything again

// * matches any characters.
bool matches(std::string_view glob, std::string_view name) {
  return glob.ends_with('*') ? name.starts_with(glob.substr(0, glob.size() - 1)) : glob == name;
}

bool is_bookkeeping(const Object& root, const Format& format) {
  return root.id.path.size() > 1 && std::any_of(format.bookkeeping.begin(), format.bookkeeping.end(),
                                                [&](std::string_view glob) { return matches(glob, root.id.path[1]); });
}

// The catalog without these; a part goes with its whole.
Catalog without(const Catalog& catalog, const std::function<bool(Index)>& goes) {
  std::vector<Object> objects;
  std::vector<std::optional<Index>> place(catalog.objects().size());
  for (Index i = 0; i < catalog.objects().size(); ++i) {
    if (goes(i)) continue;
    place[i] = static_cast<Index>(objects.size());
    objects.push_back(catalog.at(i));
  }
  std::vector<catalog::Edge> edges;
  for (const auto& edge : catalog.edges())
    if (place[edge.dependent] && place[edge.referenced])
      edges.push_back({*place[edge.dependent], *place[edge.referenced], edge.automatic});
  return Catalog(std::move(objects), std::move(edges));
}

}  // namespace

std::set<std::string_view> bookkeeping_in(const Format& format, const Catalog& catalog) {
  std::set<std::string_view> found;
  for (const Object& object : catalog.objects())
    for (const std::string_view glob : format.bookkeeping)
      if (object.id.path.size() == 2 && matches(glob, object.id.path[1])) found.insert(glob);
  return found;
}

namespace {

// The role that has run the migrations, and the one that owns what they made.
struct Runners {
  std::string here, owner;
};

class Result {
 public:
  Result(const postgres::Snapshot& baseline, const Format& format, Runners who, support::Diagnostics& diagnostics)
      : baseline_(baseline.catalog),
        format_(format),
        role_(std::move(who.here)),
        owner_(std::move(who.owner)),
        diagnostics_(diagnostics) {}

  Catalog of(const Catalog& read) {
    Catalog catalog = with_stated_facets(read);
    catalog = without_runner(catalog);
    std::set<Index> going;
    for (Index i = 0; i < catalog.objects().size(); ++i)
      if (was_there(catalog.at(i)) || is_bookkeeping(catalog.at(root_in_schema(catalog, i)), format_)) going.insert(i);
    // A schema that something is in stays, though every database has it.
    for (Index i = 0; i < catalog.objects().size(); ++i) {
      if (going.contains(i)) continue;
      for (auto parent = catalog.parent(i); parent; parent = catalog.parent(*parent)) going.erase(*parent);
    }
    return without(catalog, [&](Index i) { return going.contains(i); });
  }

 private:
  bool was_there(const Object& object) const {
    const Object* before = baseline_.find(object.id);
    return before != nullptr && without_owner(*before).attributes == without_owner(object).attributes;
  }

  static Object without_owner(Object object) {
    object.set(kinds::kOwner.name, {});
    return object;
  }

  // The outermost object but for the schema.
  static Index root_in_schema(const Catalog& catalog, Index index) {
    for (auto parent = catalog.parent(index); parent && catalog.at(*parent).id.path.size() > 1; parent = catalog.parent(index))
      index = *parent;
    return index;
  }

  // Owners that a statement gave; no version of an extension, since that is the one that scratch has.
  Catalog with_stated_facets(const Catalog& read) const {
    const std::map<catalog::ObjectId, std::string> nothing;
    const elaborator::ScriptedOwners owners{baseline_, owner_, nothing};
    std::vector<Object> objects = read.objects();
    for (Object& object : objects) {
      object.set(keys::kVersion.name, {});
      if (!object.has(kinds::kOwner)) continue;
      const auto owner = owners.of(object);
      object.set(kinds::kOwner.name, owner ? catalog::Value{*owner} : catalog::Value{});
    }
    return Catalog(std::move(objects), read.edges());
  }

  // Removes grants and default privileges that name the role that runs the migrations: on scratch it is another role.
  Catalog without_runner(const Catalog& catalog) {
    std::set<Index> going;
    for (Index i = 0; i < catalog.objects().size(); ++i) {
      const Object& object = catalog.at(i);
      const bool named = std::find(object.id.path.begin(), object.id.path.end(), role_) != object.id.path.end();
      const auto* roles = std::get_if<catalog::List>(&object.value(keys::kRoles.name));
      const bool said = roles != nullptr && std::find(roles->begin(), roles->end(), role_) != roles->end();
      const auto* attribute = kinds::attribute(kinds::of(object.id), keys::kRoles.name);
      const bool whose = said && attribute != nullptr && attribute->derived;  // what the role gives, not what it is given
      if (named || whose) going.insert(i);
      if (said && !whose)
        diagnostics_.error("LS0502", catalog::to_string(object.id) + " is for CURRENT_USER: whoever runs the migrations", {},
                           "name a role in it");
    }
    if (!going.empty())
      diagnostics_.warning("LS0503",
                           "default privileges or grants of the role that runs the migrations are left out, since it is another "
                           "one here; name it in the schema files if they are to stay as they are",
                           {});
    return going.empty() ? catalog : without(catalog, [&](Index i) { return going.contains(i); });
  }

  const Catalog& baseline_;
  const Format& format_;
  const std::string role_, owner_;
  support::Diagnostics& diagnostics_;
};

// Nothing if one role owns everything that has an owner: then it is whoever runs the migrations.
bool several_owners(const Catalog& catalog) {
  std::set<std::string> owners;
  for (const Object& object : catalog.objects())
    if (kinds::attribute(kinds::of(object.id), kinds::kOwner.name) != nullptr) owners.insert(object.get(kinds::kOwner));
  return owners.size() > 1;
}

std::vector<std::string> roles_of(const std::vector<Script>& scripts, const postgres::Snapshot* live) {
  std::set<std::string> roles;
  for (const Script& script : scripts)
    for (const Piece& piece : script.pieces)
      for (std::string& role : roles_in(piece.tree)) roles.insert(std::move(role));
  if (live != nullptr) roles.insert(live->roles.begin(), live->roles.end());
  return {roles.begin(), roles.end()};
}

bool refused(const std::vector<Script>& scripts, support::Diagnostics& diagnostics) {
  for (const Script& script : scripts) {
    for (const Piece& piece : script.pieces) {
      const Ruling rule = ruling(piece);
      if (rule.use == Use::refuse)
        diagnostics.error("LS0502", piece.title() + " can't be imported: " + std::string(rule.why), piece.head());
    }
  }
  return diagnostics.has_errors();
}

// PostgreSQL then takes out what is granted to the new owner, as it would have been on the database.
void give_to(postgres::Scratch& scratch, const std::string& from, const std::string& to) {
  const postgres::Quiet quiet(scratch.superuser());
  scratch.superuser().execute("REASSIGN OWNED BY " + support::Sql::identifier(from) + " TO " + support::Sql::identifier(to));
}

// One attempt with these roles. Throws RoleWanted.
Replayed attempt(const Format& format, const std::vector<Script>& scripts, const postgres::Snapshot* live,
                 const postgres::ScratchOptions& wanted, const ReplayOptions& options, support::Diagnostics& diagnostics) {
  Replayed result;
  auto scratch = postgres::Scratch::create(wanted);
  const postgres::Snapshot baseline = elaborator::read_scratch(*scratch, true);
  const std::string role = scratch->session().execute("SELECT current_user").text(0, 0);
  Extensions extensions(*scratch, live);
  extensions.make_first(scripts);
  Runner runner(*scratch, wanted.roles, extensions, diagnostics);
  runner.begin_with(options.search_path);
  for (const Script& script : scripts)
    if (!runner.run(script)) return result;
  result.statements = runner.statements();
  scratch->session().execute("DISCARD ALL");
  scratch->session().execute("SET search_path TO pg_catalog, pg_temp");
  if (!options.as.empty()) give_to(*scratch, role, scratch->owner_for(options.as));
  const postgres::Snapshot made = elaborator::read_scratch(*scratch, true);
  result.catalog = Result(baseline, format, {role, options.as.empty() ? role : options.as}, diagnostics)
                       .of(extensions.stubs().meant(made.catalog));
  result.bookkeeping = bookkeeping_in(format, made.catalog);
  result.owners = several_owners(result.catalog);
  for (const auto& one : made.unmanaged) {
    const bool before = std::any_of(baseline.unmanaged.begin(), baseline.unmanaged.end(),
                                    [&](const postgres::Unmanaged& other) { return other.description == one.description; });
    if (!before) result.unmanaged.push_back(one.description);
  }
  if (!diagnostics.has_errors()) result.scratch = std::move(scratch);
  return result;
}

}  // namespace

Replayed replay(const Format& format, const Migrations& migrations, const postgres::Snapshot* live, const ReplayOptions& options,
                support::Diagnostics& diagnostics) {
  std::vector<Script> scripts;
  for (const auto& file : migrations.files) scripts.push_back(read_script(file, diagnostics));
  if (diagnostics.has_errors() || refused(scripts, diagnostics)) return {};
  postgres::ScratchOptions wanted = elaborator::scratch_options(live, Catalog(), options.scratch);
  for (std::string& role : roles_of(scripts, live)) wanted.roles.push_back(std::move(role));
  if (!options.as.empty()) wanted.roles.push_back(options.as);
  for (std::size_t more = 0;; ++more) {
    support::Diagnostics said;
    try {
      Replayed result = attempt(format, scripts, live, wanted, options, said);
      for (const auto& one : said.sorted()) diagnostics.add(one);
      return result;
    } catch (const RoleWanted& missing) {
      if (more >= kMostRoles)
        throw support::UsageError("the migrations want more and more roles that don't exist, last \"" + missing.role +
                                  "\": given up; nothing was written");
      wanted.roles.push_back(missing.role);
    }
  }
}

}  // namespace lockstep::importer
