#include "fleet/item_edits.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "fleet/item_subjects.h"
#include "fleet/line_ends.h"
#include "fleet/lost_words.h"
#include "fleet/own_file.h"
#include "fleet/printed_items.h"
#include "fleet/renamed_from.h"
#include "fleet/text_edits.h"
#include "kinds/registry.h"
#include "parser/declared.h"
#include "parser/format.h"
#include "parser/items.h"

namespace lockstep::fleet {
namespace {

using catalog::ObjectId;
using parser::Item;
using parser::ast::Node;
using Where = std::set<std::size_t>;  // items

bool is_routine(const ObjectId& id) {
  return kinds::attribute(kinds::of(id), catalog::keys::kBody.name) != nullptr;
}

class Revising {
 public:
  explicit Revising(const RevisionInput& in) : in_(in), have_(in.files), printed_(printed_items(in.wanted)), said_(printed_) {
    for (const auto& [id, places] : in.places)
      for (const std::string& place : places) have_.state(id, place);
    state_all(said_, printed_, in.wanted);
  }

  Revised run() {
    choose();
    pair();
    for (const std::size_t item : gone_) remove(item);
    for (const std::size_t item : fresh_) insert(item);
    for (const auto& [old, fresh] : heads_) replace_head(old, fresh);
    for (auto& [parent, children] : into_) insert_into(parent, children);
    if (result_.refusals.empty()) write();
    return std::move(result_);
  }

 private:
  // Everything that one item declares together with what changes, on both sides.
  void choose() {
    std::set<ObjectId> ids = in_.ids;
    for (const auto& renamed : in_.former) have_.add_implied_names(renamed.first, ids);
    std::vector<ObjectId> left(ids.begin(), ids.end());
    const auto take = [&](const ItemSubjects& side, const ObjectId& id, Where& chosen) {
      const auto found = side.of.find(id);
      if (found == side.of.end()) return;
      for (const std::size_t item : found->second) {
        if (!chosen.insert(item).second) continue;
        for (const ObjectId& other : side.ids[item])
          if (ids.insert(other).second) left.push_back(other);
      }
    };
    while (!left.empty()) {
      const ObjectId id = left.back();
      left.pop_back();
      take(have_, id, old_);
      take(said_, id, new_);
    }
  }

  std::optional<std::size_t> said_item(const ObjectId& main) const {
    const auto found = said_.of.find(main);
    if (found == said_.of.end()) return std::nullopt;
    for (const std::size_t item : found->second)
      if (new_.contains(item) && said_.main[item] == main) return item;
    return std::nullopt;
  }

  // Whether both stand inside of the same object.
  bool same_parent(std::size_t old, std::size_t fresh) const {
    const auto parent = have_.items.all()[old].parent, other = said_.items.all()[fresh].parent;
    if (!other || (!parent && said_.items.all()[fresh].depth == 1)) return true;
    if (!parent) return false;
    const auto of_new = said_.main[*other];
    if (have_.main[*parent] == of_new) return true;
    return of_new && opens(*parent, *of_new);
  }

  // Whether the item, at the top of a file, opens this object (a schema) once more.
  bool opens(std::size_t item, const ObjectId& id) const {
    const Item& one = have_.items.all()[item];
    return one.depth == 0 && one.node->kind == id.kind->name && id.path.size() == 1 && one.node->name.size() == 1 &&
           one.node->name.front().text == id.path.front();
  }

  // Whether the new head could say nothing else than the old one.
  bool is_unchanged(std::size_t old, std::size_t fresh) const {
    const auto& id = have_.main[old];
    if (have_.is_setting(old)) return have_.node(old).properties.front().value == said_.node(fresh).properties.front().value;
    return id && in_.settings.contains(*id) && have_.ids[old].size() == 1;
  }

  void pair() {
    Where taken;
    for (const std::size_t old : old_) {
      const auto fresh = have_.is_setting(old) ? said_.setting_like(have_, old)
                         : have_.main[old]     ? said_item(*have_.main[old])
                                               : std::nullopt;
      const bool again = fresh && taken.contains(*fresh);
      if (again && have_.main[old] &&
          opens(old, *have_.main[old])) {  // a schema that is opened again stays open; only one says its owner
        if (have_.node(old).find("owner") != nullptr) heads_[old] = *fresh;
      } else if (fresh && !again && (have_.is_setting(old) || same_parent(old, *fresh))) {
        if (!is_unchanged(old, *fresh)) heads_[old] = *fresh;
        taken.insert(*fresh);
      } else {
        gone_.insert(old);
      }
    }
    for (const std::size_t fresh : new_)
      if (!taken.contains(fresh)) fresh_.insert(fresh);
  }

  bool inside(const ItemSubjects& side, std::size_t item, const Where& others) const {
    for (auto at = side.items.all()[item].parent; at; at = side.items.all()[*at].parent)
      if (others.contains(*at)) return true;
    return false;
  }

  std::string name_of(const ItemSubjects& side, std::size_t item) const {
    const auto id = side.subject(item);
    return id ? catalog::to_string(*id) : std::string(side.node(item).span.text().substr(0, 60));
  }

  void refuse(const ItemSubjects& side, std::size_t item, std::string line) {
    result_.refusals.push_back(std::move(line));
    if (const auto id = side.subject(item)) result_.refused.insert(*id);
  }

  // False after it has refused. `side`, `changed`: what was to be written.
  bool may_change(std::size_t item, const ItemSubjects& side, std::size_t changed) {
    for (std::optional<std::size_t> at = item; at; at = have_.items.all()[*at].parent) {
      if (!parser::has_variable(have_.node(*at))) continue;
      refuse(side, changed,
             fmt::format("{}: {} is declared with ${{variables}}, and the database has only their values", name_of(side, changed),
                         have_.node(*at).span.place()));
      return false;
    }
    return true;
  }

  TextEdits& edits_of(std::size_t item) {
    const auto& source = in_.files[have_.items.all()[item].file].source;
    return edits_.try_emplace(source->name(), TextEdits(source)).first->second;
  }

  ItemEdit edit(ItemEdit::What what, const ItemSubjects& side, std::size_t item) const {
    const auto id = side.subject(item);
    const std::string* former = id ? former_name(*id) : nullptr;
    return {.what = side.is_setting(item) ? ItemEdit::What::replaced : what,
            .id = id ? *id : ObjectId{},
            .path = "",
            .line = 0,
            .dropped = {},
            .renamed_from = former == nullptr ? "" : *former};
  }

  void remove(std::size_t item) {
    if (inside(have_, item, gone_) || !may_change(item, have_, item)) return;
    ItemEdit done = edit(ItemEdit::What::removed, have_, item);
    // What is written anew elsewhere in the file is not removed.
    if (have_.main[item] && said_item(*have_.main[item])) done.what = ItemEdit::What::replaced;
    add_lost(have_.node(item), true, done.dropped);
    edits_of(item).remove(have_.node(item).whole.begin, have_.node(item).whole.end, std::move(done));
  }

  void replace_head(std::size_t old, std::size_t fresh) {
    if (inside(have_, old, gone_) || !may_change(old, have_, old)) return;
    const Node& before = have_.node(old);
    if (before.find("partial") != nullptr) {
      refuse(have_, old,
             fmt::format("{}: {} is partial, which the database doesn't know", name_of(have_, old), before.span.place()));
      return;
    }
    Node node = with_former_names(fresh, &before);
    if (before.name.size() == 2 && node.name.size() == 1 && !qualify(node, before)) {
      refuse(have_, old, fmt::format("{}: it can't be written where {} is", name_of(have_, old), before.span.place()));
      return;
    }
    const Item& item = have_.items.all()[old];
    ItemEdit done = edit(ItemEdit::What::replaced, have_, old);
    add_lost(before, false, done.dropped);
    if (!done.renamed_from.empty()) std::erase(done.dropped, "renamed from");  // it says that too
    edits_of(old).replace(before.span.begin, before.span.end,
                          parser::format_head(node, item.depth, siblings(item.parent, &before, &node)), std::move(done));
  }

  // Null: nobody has renamed it, or it is a partition's column, which is renamed with its parent's.
  const std::string* former_name(const ObjectId& id) const {
    const auto found = in_.former.find(id);
    const bool own = found != in_.former.end() && !in_.wanted.find(id)->get(catalog::keys::kInherited);
    return own ? &found->second : nullptr;
  }

  // As it is printed, and with what it and its parts were called, where that was another name. `old`: the item in its place.
  Node with_former_names(std::size_t fresh, const Node* old) const {
    Node node = said_.node(fresh);
    for (const std::size_t child : said_.items.all()[fresh].children)
      node.children[static_cast<std::size_t>(&said_.node(child) - said_.node(fresh).children.data())] =
          with_former_names(child, nullptr);
    const auto& id = said_.main[fresh];
    const std::string* former = id && !said_.is_setting(fresh) ? former_name(*id) : nullptr;
    if (former == nullptr) return node;
    const parser::ast::Property* known = old != nullptr ? old->find("renamed_from") : nullptr;
    add_renamed_from(node, *former, known != nullptr ? std::get<catalog::List>(known->value) : catalog::List());
    return node;
  }

  // Outside its schema's block an object has its schema before its name.
  static bool qualify(Node& node, const Node& before) {
    const std::string own(node.name.front().span.text());
    for (auto& piece : node.head) {
      if (piece.text != own || !piece.replaceable) continue;
      piece.text = std::string(before.name.front().span.text()) + "." + own;
      return true;
    }
    return false;
  }

  // Of a new or changed item: what stands beside it afterwards, and itself.
  std::vector<const Node*> siblings(std::optional<std::size_t> parent, const Node* but, const Node* itself) const {
    std::vector<const Node*> list{itself};
    if (!parent) return list;
    for (const std::size_t child : have_.items.all()[*parent].children)
      if (&have_.node(child) != but && !gone_.contains(child)) list.push_back(&have_.node(child));
    for (const auto& [old, fresh] : heads_)
      if (have_.items.all()[old].parent == parent) list.push_back(&said_.node(fresh));
    if (const auto found = into_.find(*parent); found != into_.end())
      for (const std::size_t fresh : found->second) list.push_back(&said_.node(fresh));
    return list;
  }

  // A part that nothing says by itself of what a file declares: a view's column, an inherited one.
  bool is_implied(const ObjectId& id) const {
    const auto* object = in_.wanted.find(id);
    return object != nullptr && object->parent && object->parent->path.size() > 1 && have_.of.contains(*object->parent);
  }

  void insert(std::size_t fresh) {
    if (inside(said_, fresh, fresh_)) return;  // it comes with what it stands in
    const std::string what = name_of(said_, fresh);
    const auto subject = said_.subject(fresh);
    if (const auto stated = subject ? in_.places.find(*subject) : in_.places.end();
        stated != in_.places.end() && !have_.of.contains(*subject) && !is_implied(*subject)) {
      refuse(said_, fresh,
             fmt::format("{}: plain SQL declares it{}, and that is not edited", what,
                         stated->second.empty() ? "" : " (" + stated->second.front() + ")"));
      return;
    }
    if (new_file(fresh)) return;
    const auto parent = said_.items.all()[fresh].parent;
    const auto home = parent ? home_in(*parent, fresh) : home_at_the_top(fresh);
    if (!home) {
      const std::string around = parent ? name_of(said_, *parent) : "anything like it";
      refuse(said_, fresh, fmt::format("{}: no .schema file declares {}, where it belongs", what, around));
      return;
    }
    if (!may_change(*home, said_, fresh)) return;
    if (parent) {
      into_[*home].push_back(fresh);
    } else {
      const Node& beside = have_.node(*home);
      insert_after(*home, "\n", fresh, 0, edits_of(*home), beside);
    }
  }

  static bool is_alike(const Node& a, const Node& b) { return a.kind == b.kind; }

  // The block in which the item gets its place: where the last one of its kind stands.
  std::optional<std::size_t> home_in(std::size_t parent, std::size_t fresh) const {
    const auto& id = said_.main[parent];
    if (!id) return std::nullopt;
    std::optional<std::size_t> home;
    bool alike = false;
    const auto& all = have_.items.all();
    for (std::size_t item = 0; item < all.size(); ++item) {
      if (gone_.contains(item) || !(have_.main[item] == id || opens(item, *id))) continue;
      const bool better = std::any_of(all[item].children.begin(), all[item].children.end(), [&](const std::size_t child) {
        return !gone_.contains(child) && is_alike(have_.node(child), said_.node(fresh));
      });
      if (!home || better || (!alike && all[*home].children.empty() && !all[item].children.empty())) home = item;
      alike = alike || better;
    }
    return home;
  }

  // After which item of the top of a file.
  std::optional<std::size_t> home_at_the_top(std::size_t fresh) const {
    std::optional<std::size_t> last, alike;
    const auto& all = have_.items.all();
    for (std::size_t item = 0; item < all.size(); ++item) {
      if (all[item].parent || gone_.contains(item)) continue;
      last = item;
      if (is_alike(*all[item].node, said_.node(fresh))) alike = item;
    }
    return alike ? alike : last;
  }

  // Where the files have one each, a new object gets one too.
  bool new_file(std::size_t fresh) {
    const auto& id = said_.main[fresh];
    if (!id || said_.items.all()[fresh].depth != 1 || kinds::of(*id).is_satellite()) return false;
    const auto own = own_file(have_, in_.files, *id, in_.is_read);
    if (!own || result_.texts.contains(own->path)) return false;
    const auto texts =
        parser::to_schema_files(in_.wanted, parser::Split::object, parser::Owners::each, parser::Manages::declared);
    const auto text = texts.find(parser::object_file(*id));
    if (text == texts.end()) return false;
    const bool crlf = has_crlf(in_.files[own->like].source->text());
    result_.texts[own->path] = crlf ? with_crlf(text->second, !is_routine(*id)) : text->second;
    result_.created.insert(own->path);
    ItemEdit done = edit(ItemEdit::What::added, said_, fresh);
    done.path = own->path;
    done.line = 1;
    result_.edits.push_back(std::move(done));
    return true;
  }

  void insert_into(std::size_t parent, std::vector<std::size_t>& children) {
    const Item& item = have_.items.all()[parent];
    TextEdits& edits = edits_of(parent);
    std::optional<std::size_t> before;
    if (!item.node->block) edits.open_block(item.node->whole.end - 1);
    for (const std::size_t fresh : children) {
      std::optional<std::size_t> alike, last;
      for (const std::size_t child : item.children) {
        if (gone_.contains(child)) continue;
        last = child;
        if (is_alike(have_.node(child), said_.node(fresh))) alike = child;
      }
      if (alike) {
        const bool apart = item.depth == 0 && have_.node(*alike).block;
        insert_after(*alike, apart ? "\n" : "", fresh, item.depth + 1, edits, have_.node(*alike));
        continue;
      }
      const bool first = !before || !is_alike(said_.node(*before), said_.node(fresh));
      const bool apart = last && first && (item.depth == 0 || is_alike(have_.node(*last), have_.node(item.children.front())));
      edits.insert_last(item.node->whole.end - 1, item.node->block, (apart ? "\n" : "") + text_of(fresh, item.depth + 1, parent),
                        edit(ItemEdit::What::added, said_, fresh));
      before = fresh;
    }
    if (!item.node->block) edits.close_block(item.depth);
  }

  std::string text_of(std::size_t fresh, std::size_t depth, std::optional<std::size_t> parent) const {
    const Node node = with_former_names(fresh, nullptr);
    return std::string(depth * 2, ' ') + parser::format_item(node, depth, siblings(parent, nullptr, &node));
  }

  void insert_after(std::size_t item, const std::string& gap, std::size_t fresh, std::size_t depth, TextEdits& edits,
                    const Node& beside) {
    const std::string text = text_of(fresh, depth, have_.items.all()[item].parent);
    const bool apart = !gap.empty() || (depth == 1 && text.find('\n') != std::string::npos);
    edits.insert_after(beside.whole.end, (apart ? "\n" : "") + text, edit(ItemEdit::What::added, said_, fresh));
  }

  void write() {
    for (auto& [path, edits] : edits_) {
      result_.texts[path] = edits.apply([](const ItemEdit& one) { return one.id.kind == nullptr || !is_routine(one.id); });
      for (ItemEdit& one : edits.done()) {
        one.path = path;
        result_.edits.push_back(std::move(one));
      }
    }
  }

  const RevisionInput& in_;
  ItemSubjects have_;
  std::vector<parser::ast::File> printed_;
  ItemSubjects said_;
  Where old_, new_;     // items that say something of what changes
  Where gone_, fresh_;  // to be removed, to be inserted
  std::map<std::size_t, std::size_t> heads_;
  std::map<std::size_t, std::vector<std::size_t>> into_;  // by the item of the files
  std::map<std::string, TextEdits> edits_;
  Revised result_;
};

}  // namespace

Revised revise(const RevisionInput& input) {
  return Revising(input).run();
}

}  // namespace lockstep::fleet
