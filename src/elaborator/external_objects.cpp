#include "elaborator/external_objects.h"

#include <algorithm>
#include <cctype>

#include "kinds/registry.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

bool known_by_name(const kinds::KindSpec& kind) {
  return kind.made_by == kinds::Maker::superuser &&
         std::all_of(kind.attributes.begin(), kind.attributes.end(),
                     [](const auto& attribute) { return attribute.facet || attribute.derived; });
}

namespace {

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::string folded(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return result;
}

// The words of a text, found without a parser. Too many are harmless, because objects that nobody needs are removed again.
class Words {
 public:
  explicit Words(const std::string& text) : text_(text) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && in_word(text[end])) ++end;
      if (end > at) words_.insert(folded(std::string_view(text).substr(at, end - at)));
      at = end + 1;
    }
  }
  bool contain(const std::string& name) const {
    if (std::all_of(name.begin(), name.end(), in_word)) return words_.contains(folded(name));
    return text_.find(name) != std::string::npos;
  }

 private:
  const std::string& text_;
  std::set<std::string> words_;
};

class Seeding {
 public:
  Seeding(const parser::Declared& declared, const postgres::Snapshot& live, const Catalog& baseline)
      : declared_(declared), live_(live.catalog), baseline_(baseline) {
    for (const auto& script : declared.scripts) {
      for (const auto& statement : script.statements) {
        if (!statement.makes.empty()) scripted_.insert(statement.makes.front());
      }
    }
  }

  void mentioned(const std::string& text) {
    const Words words(text);
    for (Index i = 0; i < live_.objects().size(); ++i) {
      const Object& object = live_.at(i);
      const auto& kind = kinds::of(object.id);
      if (live_.root(i) != i || kind.is_satellite() || object.id.path.empty()) continue;
      const std::string& name =
          object.id.path.size() > 1 && kind.placement != kinds::Placement::database ? object.id.path[1] : object.id.path[0];
      if (known_by_name(kind) || words.contain(name)) add(i);
    }
  }

  ExternalObjects result() {
    std::vector<Object> objects = declared_.catalog.objects();
    std::map<Index, Index> place;
    for (const Index i : chosen_) {
      place[i] = static_cast<Index>(objects.size());
      objects.push_back(live_.at(i));
    }
    for (const Object& container : born()) objects.push_back(container);
    std::vector<catalog::Edge> edges = declared_.catalog.edges();
    for (const Index i : chosen_) {
      for (const auto& edge : live_.edges_from(i)) {
        const auto other = place.find(edge.referenced);
        if (other != place.end()) edges.push_back({place.at(i), other->second, edge.automatic});
      }
    }
    ExternalObjects found;
    for (const Index i : chosen_) found.seeds.insert(live_.at(i).id);
    found.catalog = Catalog(std::move(objects), std::move(edges));
    return found;
  }

 private:
  // Objects of every new database (schema public) that contain a chosen object and that no file declares. Their name is enough:
  // they exist, and their owner is not managed.
  std::vector<Object> born() const {
    std::map<ObjectId, Object> found;
    for (const Index i : chosen_) {
      const auto parent = live_.parent(i);
      if (!parent || chosen_.contains(*parent) || declared_.catalog.contains(live_.at(*parent).id)) continue;
      Object container;
      container.id = live_.at(*parent).id;
      found.emplace(container.id, std::move(container));
    }
    std::vector<Object> list;
    for (auto& [id, container] : found) list.push_back(std::move(container));
    return list;
  }

  // Managed objects are exactly the declared ones, so a managed name that only the live database has is an error.
  bool foreign(Index index) const {
    const ObjectId& root = live_.at(live_.root(index)).id;
    if (declared_.catalog.contains(live_.at(index).id) || baseline_.contains(live_.at(index).id)) return false;
    return !declared_.scope.covers(root, declared_.catalog) && !declared_.scope.external.contains(root) &&
           (root.path.size() < 2 || !scripted_.contains(kinds::schema_of(root)));
  }

  // Adds it with its parents, its parts, and what any of them needs. Iterative, so that a catalog's depth can't exhaust the
  // stack.
  void add(Index first) {
    std::vector<Index> open{first};
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      if (!foreign(index) || !chosen_.insert(index).second) continue;
      if (const auto parent = live_.parent(index)) open.push_back(*parent);
      for (const auto& edge : live_.edges_from(index)) open.push_back(edge.referenced);
      // a schema is added without its contents
      if (live_.root(index) == index && live_.at(index).id.path.size() == 1) continue;
      for (const Index child : live_.children(index)) {
        if (!kinds::of(live_.at(child).id).is_satellite()) open.push_back(child);
      }
    }
  }

  const parser::Declared& declared_;
  const Catalog& live_;
  const Catalog& baseline_;
  std::set<std::string> scripted_;  // schemas
  std::set<Index> chosen_;
};

// Whether `found` has the attributes that the declaration states, comparing elaborated values; other attributes may differ.
bool has_stated(const Object& stated, const Object& wanted, const Object& found, std::string& difference) {
  for (const auto& attribute : kinds::of(stated.id).attributes) {
    if (attribute.derived || catalog::is_absent(stated.value(attribute.name))) continue;
    const auto& want = wanted.value(attribute.name);
    const auto& have = found.value(attribute.name);
    if (want == have) continue;
    difference = std::string(attribute.name) + " is " + (catalog::is_absent(have) ? "not said" : catalog::to_string(have)) +
                 " in the database, declared as " + catalog::to_string(want);
    return false;
  }
  return true;
}

class External {
 public:
  External(const parser::Declared& declared, const Catalog& elaborated, const Catalog& live, support::Diagnostics& diagnostics)
      : declared_(declared), elaborated_(elaborated), live_(live), diagnostics_(diagnostics) {}

  void check(const Object& stated, const ObjectId& id) {
    const Object* wanted = elaborated_.find(id);
    if (wanted == nullptr || (wanted->parent && lacking_.contains(*wanted->parent))) {
      lacking_.insert(id);
      return;
    }
    const Object* found = live_.find(id);
    if (found == nullptr && kinds::is_placeholder(stated.id.path.back())) {
      if (!any_alike(stated, *wanted)) missing(stated, id);
      return;
    }
    if (found == nullptr) return missing(stated, id);
    std::string difference;
    if (!has_stated(stated, *wanted, *found, difference)) error(stated, catalog::to_string(id) + ": " + difference, {});
  }

 private:
  // PostgreSQL chose the name here and may have chosen another one there.
  bool any_alike(const Object& stated, const Object& wanted) const {
    const auto parent = live_.index_of(*wanted.parent);
    const auto& siblings = live_.children(*parent);
    return std::any_of(siblings.begin(), siblings.end(), [&](Index i) {
      std::string ignored;
      return live_.at(i).id.is(*wanted.id.kind) && has_stated(stated, wanted, live_.at(i), ignored);
    });
  }

  void missing(const Object& stated, const ObjectId& id) {
    lacking_.insert(id);
    std::vector<std::string> names;
    std::string other;
    for (const Object& object : live_.objects()) {
      if (kinds::of(object.id).is_satellite() || object.id.path.size() != id.path.size()) continue;
      if (object.id.path == id.path) other = catalog::to_string(object.id);
      const bool beside = std::equal(id.path.begin(), id.path.end() - 1, object.id.path.begin());
      if (beside && object.id.is(*id.kind)) names.push_back(object.id.path.back());
    }
    const std::string near = support::nearest(id.path.back(), names);
    const bool nameless = kinds::is_placeholder(stated.id.path.back());
    const std::string what =
        nameless ? "such a " + std::string(id.kind->name) + " of " + catalog::to_string(*elaborated_.find(id)->parent)
                 : catalog::to_string(id);
    error(stated, what + " is not in the database" + (other.empty() ? "" : ", which has " + other + " instead"),
          near.empty() || nameless ? "" : "did you mean \"" + near + "\"?");
  }

  void error(const Object& stated, const std::string& message, const std::string& hint) {
    const auto place = declared_.places.find(stated.id);
    diagnostics_.error("LS0306", "external " + message, place == declared_.places.end() ? support::Span{} : place->second.head,
                       hint);
  }

  const parser::Declared& declared_;
  const Catalog& elaborated_;
  const Catalog& live_;
  support::Diagnostics& diagnostics_;
  std::set<ObjectId> lacking_;
};

}  // namespace

ExternalObjects with_mentioned(const parser::Declared& declared, const std::string& text, const postgres::Snapshot& live,
                               const Catalog& baseline) {
  Seeding seeding(declared, live, baseline);
  seeding.mentioned(text);
  return seeding.result();
}

Catalog without(const Catalog& catalog, const std::set<ObjectId>& roots) {
  std::vector<bool> keep(catalog.objects().size());
  for (Index i = 0; i < keep.size(); ++i) keep[i] = !roots.contains(catalog.at(catalog.root(i)).id);
  for (Index i = 0; i < keep.size(); ++i) {
    if (!keep[i]) continue;
    for (auto parent = catalog.parent(i); parent && !keep[*parent]; parent = catalog.parent(*parent)) keep[*parent] = true;
  }
  std::vector<Object> objects;
  std::vector<Index> place(keep.size());
  for (Index i = 0; i < keep.size(); ++i) {
    place[i] = static_cast<Index>(objects.size());
    if (keep[i]) objects.push_back(catalog.at(i));
  }
  std::vector<catalog::Edge> edges;
  for (const auto& edge : catalog.edges()) {
    if (keep[edge.dependent] && keep[edge.referenced])
      edges.push_back({place[edge.dependent], place[edge.referenced], edge.automatic});
  }
  return Catalog(std::move(objects), std::move(edges));
}

void check_external(const parser::Declared& declared, const Catalog& elaborated, const std::map<ObjectId, ObjectId>& respelt,
                    const Catalog& live, support::Diagnostics& diagnostics) {
  if (declared.scope.external.empty()) return;
  External external(declared, elaborated, live, diagnostics);
  std::vector<Index> order;  // parents first
  const Catalog& catalog = declared.catalog;
  for (Index i = 0; i < catalog.objects().size(); ++i) {
    if (declared.scope.external.contains(catalog.at(catalog.root(i)).id)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return catalog.at(a).id.path.size() < catalog.at(b).id.path.size(); });
  for (const Index i : order) {
    const Object& object = catalog.at(i);
    const auto other = respelt.find(object.id);
    external.check(object, other == respelt.end() ? object.id : other->second);
  }
}

}  // namespace lockstep::elaborator
