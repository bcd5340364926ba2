#include "elaborator/scratch_database.h"

#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "catalog/keys.h"
#include "elaborator/builder.h"
#include "elaborator/options.h"
#include "kinds/registry.h"
#include "support/digest.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Object;

postgres::ScratchOptions scratch_options(const postgres::Snapshot* live, const Catalog& catalog, const Options& options) {
  constexpr int kMajor = 10000;
  postgres::ScratchOptions wanted;
  wanted.binaries = options.binaries;
  wanted.shadow = options.shadow;
  wanted.text_settings = live != nullptr ? live->text_settings : postgres::pinned_text_settings();
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

std::string digest(const postgres::ScratchOptions& wanted) {
  std::string text = std::to_string(wanted.major);
  for (const auto* list : {&wanted.roles, &wanted.binaries}) {
    text += '\n' + std::to_string(list->size());
    for (const auto& item : *list) text += ' ' + support::sha256(item);
  }
  for (const auto* item : {&wanted.encoding, &wanted.collate, &wanted.ctype, &wanted.locale_provider, &wanted.locale}) {
    text += '\n' + support::sha256(*item);
  }
  for (const auto& [name, value] : wanted.text_settings) text += '\n' + name + ' ' + support::sha256(value);
  return text + '\n';
}

namespace {

// The catalog without the grants of lend_wrappers(), which nobody declared.
Catalog without_lent(Catalog catalog, postgres::Scratch& scratch) {
  std::vector<Object> objects;
  std::string role;
  std::vector<catalog::Index> place(catalog.objects().size());
  std::set<catalog::Index> gone;
  for (catalog::Index i = 0; i < catalog.objects().size(); ++i) {
    const Object& object = catalog.at(i);
    place[i] = static_cast<catalog::Index>(objects.size());
    const auto& kind = kinds::of(object.id);
    const bool grants = kind.placement == kinds::Placement::target_by_role &&
                        kinds::of(kinds::target_of(object.id)).made_by == kinds::Maker::superuser;
    const auto roles = kind.made_by == kinds::Maker::superuser ? object.get(keys::kRoles) : catalog::List{};
    if (grants || !roles.empty()) {
      if (role.empty()) role = scratch.session().execute("SELECT current_user").text(0, 0);
      if ((grants && object.id.path.back() == role) || roles == catalog::List{role}) {
        gone.insert(i);
        continue;
      }
    }
    objects.push_back(object);
  }
  if (gone.empty()) return catalog;
  std::vector<catalog::Edge> edges;
  for (const auto& edge : catalog.edges()) {
    if (!gone.contains(edge.dependent) && !gone.contains(edge.referenced))
      edges.push_back({place[edge.dependent], place[edge.referenced], edge.automatic});
  }
  return Catalog(std::move(objects), std::move(edges));
}

}  // namespace

postgres::Snapshot read_scratch(postgres::Scratch& scratch, bool unmanaged) {
  auto read =
      postgres::introspect(scratch.superuser(), {.facts = false, .unmanaged = unmanaged, .shared = false, .lock_timeout_ms = 0});
  read.catalog = with_meant_owners(scratch, without_lent(std::move(read.catalog), scratch));
  return read;
}

postgres::Snapshot read_new(postgres::Scratch& scratch, const postgres::ScratchOptions& options) {
  // Before PostgreSQL 15 schema public belongs to the role of each scratch database.
  constexpr int kSameOwner = 15;
  if (options.shadow.where != postgres::Shadow::Where::embedded || options.major < kSameOwner) return read_scratch(scratch);
  static std::mutex mutex;
  static std::map<std::string, postgres::Snapshot> read;
  const std::lock_guard lock(mutex);
  const std::string alike = digest(options);
  const auto before = read.find(alike);
  return before != read.end() ? before->second : read.emplace(alike, read_scratch(scratch)).first->second;
}

}  // namespace lockstep::elaborator
