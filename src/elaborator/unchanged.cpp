#include "elaborator/unchanged.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>

#include "catalog/change.h"
#include "catalog/keys.h"
#include "elaborator/respelt.h"
#include "kinds/names/body_words.h"
#include "kinds/names/shared_names.h"
#include "kinds/registry.h"
#include "support/sql_words.h"

namespace lockstep::elaborator {

using catalog::Catalog;
using catalog::Index;
using catalog::Object;
using catalog::ObjectId;

namespace {

// The name by which texts refer to a root.
const std::string& name_of(const ObjectId& root) {
  const bool in_schema = root.path.size() > 1 && kinds::of(root).placement != kinds::Placement::database;
  return in_schema ? root.path[1] : root.path[0];
}

void for_subtree(const Catalog& catalog, Index index, const std::function<void(Index)>& visit) {
  visit(index);
  if (!catalog.parent(index)) return;  // a schema, or another database-level object: what is in it is a root itself
  for (const Index child : catalog.children(index)) for_subtree(catalog, child, visit);
}

// Texts of an object that PostgreSQL may read names from, and bare names.
std::vector<std::string> texts_of(const Object& object) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : object.attributes) {
    if (const auto* one = std::get_if<std::string>(&value)) texts.push_back(*one);
    if (const auto* list = std::get_if<catalog::List>(&value)) texts.insert(texts.end(), list->begin(), list->end());
  }
  return texts;
}

std::set<std::string> words_in(const std::string& text) {
  auto words = support::sql_words(text);
  words.insert(text);  // a name may stand as it is
  return words;
}

// A routine is declared with the names of its arguments; its name in the database has their types only.
Respelt respelt_routines(const Catalog& declared, const Catalog& live) {
  Respelt routines = respelt_ids(declared, live);
  std::erase_if(routines, [&](const auto& pair) { return !is_routine(*declared.find(pair.first)); });
  return routines;
}

class Finder {
 public:
  Finder(const parser::Declared& declared, const postgres::Snapshot& live)
      : declared_(declared),
        said_(declared.catalog),
        live_(live.catalog),
        respelt_(respelt_routines(declared.catalog, live.catalog)),
        marked_(live_.objects().size()),
        of_declared_(live_.objects().size()) {}

  std::optional<Unchanged> run() {
    if (!declared_.scripts.empty() || !declared_.scope.external.empty()) return std::nullopt;
    compare();
    for (std::size_t before = anew_.size() + 1; before != anew_.size() || std::exchange(marked_more_, false);) {
      before = anew_.size();
      spread();
      if (reaches_everything()) return std::nullopt;
      find_mentions();
    }
    Unchanged result;
    result.anew = anew_;
    result.kept.resize(live_.objects().size());
    for (Index i = 0; i < live_.objects().size(); ++i) {
      const bool anew = anew_.contains(root_of_declared(i));
      if (!anew) result.kept[i] = of_declared_[i];
      if (anew && live_.root(i) == i) keep_parts(i, result);
    }
    result.born = !declared_.scope.everything;  // schema public
    choose_used(result);
    result.foreseen.differing = std::move(differing_);
    find_mentioned(result);
    return result;
  }

 private:
  // Of a root that changes: the parts with statements of their own that don't depend on what changes, with what is about them.
  void keep_parts(Index root, Unchanged& result) const {
    if (whole_.contains(root)) return;
    std::set<std::string> words;  // of the rest, and the names of columns that come, go or change
    if (const auto names = shape_names_.find(root); names != shape_names_.end()) words = names->second;
    // A table has only one primary key: what is new must meet what it excludes.
    const auto of_new = kinds_of_new_.find(root);
    std::vector<Index> parts;
    for (const Index part : live_.children(root)) {
      const auto& kind = kinds::of(live_.at(part).id);
      bool keeps = !kind.made_with_parent && !kind.is_satellite();
      keeps = keeps && (of_new == kinds_of_new_.end() || !of_new->second.contains(&kind));
      for_subtree(live_, part, [&](Index i) { keeps = keeps && !marked_[i] && !about_changes_.contains(i); });
      if (keeps)
        parts.push_back(part);
      else
        for_subtree(live_, part, [&](Index i) { words_of(i, words); });
    }
    words_of(root, words);
    for (bool more = true; std::exchange(more, false);) {
      std::erase_if(parts, [&](Index part) {
        bool keeps = !words.contains(live_.at(part).id.path.back());
        for_subtree(live_, part, [&](Index i) {
          for (const std::string& text : texts_of(live_.at(i))) {
            const auto said = words_in(text);
            const auto names = shape_names_.find(root);
            keeps = keeps && (names == shape_names_.end() || std::none_of(said.begin(), said.end(), [&](const auto& word) {
                                return names->second.contains(word);
                              }));
          }
        });
        if (keeps) return false;
        for_subtree(live_, part, [&](Index i) { words_of(i, words); });
        return more = true;
      });
    }
    for (const Index part : parts) for_subtree(live_, part, [&](Index i) { result.kept[i] = of_declared_[i]; });
  }

  void words_of(Index i, std::set<std::string>& words) const {
    for (const std::string& text : texts_of(live_.at(i))) words.merge(words_in(text));
  }

  // A live object's root, as it is declared.
  ObjectId root_of_declared(Index i) const {
    const auto found = declared_as_.find(live_.at(live_.root(i)).id);
    return found == declared_as_.end() ? live_.at(live_.root(i)).id : found->second;
  }

  const Object* live_form(const ObjectId& id) const {
    if (kinds::is_placeholder(id.path.back())) return nullptr;  // PostgreSQL chooses the name
    return live_.find(respell(id, respelt_));
  }

  static bool same(const Object& said, const Object& is) {
    return catalog::same_attributes(is, said, [](const Object& found, const Object& wanted, std::string_view name) {
      const auto* attribute = kinds::attribute(kinds::of(found.id), name);
      return attribute == nullptr || attribute->derived || (attribute->facet && catalog::is_absent(wanted.value(name)));
    });
  }

  // PostgreSQL makes it with its parent, and no file says it: a view's column, a column that a parent has.
  static bool comes_along(const Object& is) {
    const auto& kind = kinds::of(is.id);
    if (!kind.made_with_parent) return false;
    return is.get(keys::kInherited) || std::all_of(kind.attributes.begin(), kind.attributes.end(), [&](const auto& attribute) {
             return attribute.derived || attribute.facet || catalog::is_absent(is.value(attribute.name));
           });
  }

  void compare() {
    for (Index i = 0; i < said_.objects().size(); ++i) {
      if (said_.root(i) == i) compare_root(i);
    }
    for (Index i = 0; i < live_.objects().size(); ++i) {
      const ObjectId& id = live_.at(i).id;
      if (live_.root(i) != i || declared_as_.contains(id) || kinds::of(id).is_satellite()) continue;
      if (!declared_.scope.covers(id, said_)) continue;
      mark_subtree(i);  // it goes
      differing_.insert(id);
      moved_.insert(name_of(id));
      moved_kinds_.insert(&kinds::of(id));
    }
  }

  void compare_root(Index root) {
    const Object& object = said_.at(root);
    const Object* is = live_form(object.id);
    if (is == nullptr || live_.root(*live_.index_of(is->id)) != *live_.index_of(is->id)) {
      anew_.insert(object.id);
      for_subtree(said_, root, [&](Index i) { differs(said_.at(i)); });
      if (!kinds::of(object.id).is_satellite()) moved_.insert(name_of(object.id));
      moved_kinds_.insert(&kinds::of(object.id));
      return;
    }
    const Index there = *live_.index_of(is->id);
    declared_as_.emplace(is->id, object.id);
    std::set<Index> seen;
    bool shape = false;
    for_subtree(said_, root, [&](Index i) {
      const Object& part = said_.at(i);
      const Object* found = live_form(part.id);
      const auto index = found == nullptr ? std::nullopt : live_.index_of(found->id);
      if (index) seen.insert(*index);
      if (found != nullptr && same(part, *found)) return;
      anew_.insert(object.id);
      differs(part);
      if (index) marked_[*index] = true;
      const auto& kind = kinds::of(part.id);
      const bool of_shape = kind.made_with_parent && !kind.is_satellite();
      if (i == root || kinds::is_placeholder(part.id.path.back())) whole_.insert(there);
      if (found == nullptr) kinds_of_new_[there].insert(&kind);
      if (of_shape) shape_names_[there].insert(part.id.path.back());
      if (const auto target = kind.is_satellite() ? live_.index_of(respell(kinds::target_of(part.id), respelt_)) : std::nullopt)
        about_changes_.insert(*target);
      shape = shape || of_shape;
    });
    for_subtree(live_, there, [&](Index i) {
      const Object& part = live_.at(i);
      const bool satellite = kinds::of(part.id).is_satellite();
      of_declared_[i] = seen.contains(i) || !satellite;  // a comment or grant that no file states is not desired
      if (seen.contains(i) || satellite || comes_along(part)) return;
      anew_.insert(object.id);
      differing_.insert(part.id);
      marked_[i] = true;
      if (kinds::of(part.id).made_with_parent) shape_names_[there].insert(part.id.path.back());
      shape = shape || kinds::of(part.id).made_with_parent;
    });
    if (!anew_.contains(object.id)) return;
    if (!kinds::of(object.id).is_satellite()) changed_.insert(name_of(object.id));
    moved_kinds_.insert(&kinds::of(object.id));
    if (shape) marked_[there] = true;  // whoever uses whole rows of it
  }

  void differs(const Object& said) {
    differing_.insert(respell(said.id, respelt_));
    for (const std::string& text : texts_of(said)) differing_words_.merge(words_in(text));
  }

  void find_mentioned(Unchanged& result) const {
    for (Index i = 0; i < live_.objects().size(); ++i) {
      const ObjectId& id = live_.at(i).id;
      if (live_.root(i) == i && !kinds::of(id).is_satellite() && differing_words_.contains(name_of(id)))
        result.foreseen.mentioned.insert(id);
    }
  }

  void mark_subtree(Index index) {
    for_subtree(live_, index, [&](Index i) { marked_[i] = true; });
  }

  // What depends on something that changes may become something else, and so does what depends on that.
  void spread() {
    std::vector<Index> open;
    for (Index i = 0; i < marked_.size(); ++i) {
      if (marked_[i]) open.push_back(i);
    }
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      for (const auto& edge : live_.edges_to(index)) {
        if (marked_[edge.dependent]) continue;
        for_subtree(live_, edge.dependent, [&](Index i) {
          if (marked_[i]) return;
          marked_[i] = true;
          open.push_back(i);
        });
        again(live_.root(edge.dependent));
      }
    }
  }

  void again(Index root) {
    const auto declared = declared_as_.find(live_.at(root).id);
    if (declared == declared_as_.end() || !anew_.insert(declared->second).second) return;
    changed_.insert(name_of(declared->second));
    moved_kinds_.insert(&kinds::of(declared->second));
  }

  bool reaches_everything() const {
    return std::any_of(moved_kinds_.begin(), moved_kinds_.end(), [](const auto* kind) { return kind->reaches_unnamed; });
  }

  // A name that is new, or goes, may give a text that mentions it another meaning; the text of a body is tried against
  // everything that it mentions. Called again, it looks for what has changed since, which only bodies depend on without
  // pg_depend.
  void find_mentions() {
    const bool first = !std::exchange(searched_once_, true);
    std::set<std::string> changed;
    std::set_difference(changed_.begin(), changed_.end(), searched_.begin(), searched_.end(),
                        std::inserter(changed, changed.end()));
    searched_ = changed_;
    std::set<std::string> routines;  // PostgreSQL's own routines are printed bare, others are not
    for (const Object& object : said_.objects()) {
      if (first && is_routine(object)) routines.insert(object.id.path[1]);
    }
    if (changed.empty() && routines.empty() && (!first || moved_.empty())) return;
    for (Index i = 0; i < live_.objects().size(); ++i) {
      const Object& object = live_.at(i);
      const bool body = kinds::has_body(object);
      const Index root = live_.root(i);
      const bool part = root != i && anew_.contains(root_of_declared(i));  // of what is elaborated, so that only it can be kept
      if (!of_declared_[i] || marked_[i] || (!first && !body) || (root == i && anew_.contains(root_of_declared(i)))) continue;
      const auto texts = texts_of(object);
      const bool touched = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        const auto words = words_in(text);
        return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
          return (first && moved_.contains(word)) || (body && changed.contains(word)) ||
                 (!body && routines.contains(word) && stands_bare(text, word));
        });
      });
      if (!touched) continue;
      again(root);
      mark_subtree(part ? i : root);
      marked_more_ = true;
    }
  }

  static bool stands_bare(const std::string& text, const std::string& word) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      auto before = at;
      while (before > 0 && (text[before - 1] == '"' || text[before - 1] == ' ')) --before;
      if (before == 0 || text[before - 1] != '.') return true;
    }
    return false;
  }

  // What the text of the rest mentions, with what that needs itself.
  void choose_used(Unchanged& result) const {
    std::set<std::string> words;
    std::vector<Object> objects;
    std::set<ObjectId> given;
    const auto give = [&](const Object& object) {
      if (given.insert(object.id).second) objects.push_back(object);
    };
    for (Index i = 0; i < said_.objects().size(); ++i) {
      if (!anew_.contains(said_.at(said_.root(i)).id)) continue;
      const Object& object = said_.at(i);
      const Object* is = i == said_.root(i) ? nullptr : live_form(object.id);
      const auto there = is == nullptr ? std::nullopt : live_.index_of(is->id);
      if (there && result.kept[*there]) continue;
      give(object);
      for (const std::string& text : texts_of(object)) words.merge(words_in(text));
      for (auto parent = said_.parent(i); parent; parent = said_.parent(*parent)) give(said_.at(*parent));
    }
    std::vector<bool> needed(live_.objects().size());
    std::vector<Index> open;
    const auto need = [&](Index i) {
      if (!needed[i] && result.kept[i]) {
        needed[i] = true;
        open.push_back(i);
      }
    };
    const auto need_root = [&](Index root) {
      for_subtree(live_, root, [&](Index i) {
        if (kinds::of(live_.at(i).id).is_referred_to() || i == root) need(i);
      });
    };
    for (Index i = 0; i < live_.objects().size(); ++i) {
      if (live_.root(i) != i) continue;
      const ObjectId& id = live_.at(i).id;
      if (kinds::of(id).reaches_unnamed || words.contains(name_of(id))) need_root(i);
    }
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      if (const auto parent = live_.parent(index)) need(*parent);
      if (live_.root(index) != index) need_root(live_.root(index));
      for (const auto& edge : live_.edges_from(index)) need_root(live_.root(edge.referenced));
    }
    std::unordered_map<Index, Index> place;
    for (Index i = 0; i < live_.objects().size(); ++i) {
      if (!needed[i] || given.contains(live_.at(i).id)) continue;
      Object object = live_.at(i);
      for (const auto& attribute : kinds::of(object.id).attributes) {
        if (attribute.facet) object.set(attribute.name, {});
      }
      place.emplace(i, static_cast<Index>(objects.size()));
      if (live_.root(i) == i) result.used.insert(object.id);
      objects.push_back(std::move(object));
    }
    std::vector<catalog::Edge> edges;
    for (const auto& [i, at] : place) {
      for (const auto& edge : live_.edges_from(i)) {
        const auto other = place.find(edge.referenced);
        if (other != place.end()) edges.push_back({at, other->second, edge.automatic});
      }
    }
    result.scratch = Catalog(std::move(objects), std::move(edges));
  }

  const parser::Declared& declared_;
  const Catalog& said_;
  const Catalog& live_;
  const Respelt respelt_;
  std::vector<bool> marked_;                  // live objects that change, or depend on what does
  std::vector<bool> of_declared_;             // live objects that are the declared ones, or come along with them
  std::map<ObjectId, ObjectId> declared_as_;  // live roots
  std::set<ObjectId> anew_;
  std::set<Index> whole_;                                           // live roots that change as such
  std::map<Index, std::set<std::string>> shape_names_;              // of columns that come, go or change, by live root
  std::map<Index, std::set<const kinds::KindSpec*>> kinds_of_new_;  // of parts that come, by live root
  std::set<Index> about_changes_;                                   // live objects whose comments or grants change
  bool marked_more_ = false;                                        // since what depends on it was looked for
  std::set<ObjectId> differing_;                                    // see Unchanged
  std::set<std::string> differing_words_;                           // in their texts
  std::set<std::string> searched_;                                  // of changed_
  bool searched_once_ = false;
  std::set<std::string> moved_, changed_;  // names of roots that come or go, and of those that change
  std::set<const kinds::KindSpec*> moved_kinds_;
};

}  // namespace

std::optional<Unchanged> unchanged(const parser::Declared& declared, const postgres::Snapshot& live) {
  return Finder(declared, live).run();
}

}  // namespace lockstep::elaborator
