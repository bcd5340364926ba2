// What takes the place of something that statements use is made in the transaction that drops that: a call means one or the other
// at every moment.
#include <algorithm>
#include <map>

#include "kinds/names/body_words.h"
#include "kinds/names/shared_names.h"
#include "kinds/registry.h"
#include "planner/draft.h"

namespace lockstep::planner {

namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

// Nobody meets what the step `made` creates without its owner and privileges.
void add_whole(std::size_t made, const std::vector<Draft>& drafts, Pairs& pairs) {
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const Draft& other = drafts[node];
    const bool its_own = other.does == Draft::Does::create && kinds::of(other.object).is_satellite() &&
                         kinds::target_of(other.object) == drafts[made].object;
    if (its_own || (other.chain == drafts[made].chain && node > made)) pairs.emplace_back(node, made);
  }
}

// {the step that makes the successor, or replaces what becomes it, the step that drops its predecessor}.
Pairs successors(const Input& input, const std::vector<Draft>& drafts) {
  Pairs pairs;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const Draft& draft = drafts[node];
    const auto& kind = kinds::of(draft.object);
    const bool makes = draft.does != Draft::Does::drop && plan::names(draft.step.produces, draft.object);
    if (!makes || kind.displaces == nullptr || !kind.is_used_by_statements() || !kind.is_only_definition()) continue;
    for (const catalog::ObjectId& id : kind.displaces(*input.to.find(draft.object), input.from, input.to)) {
      const auto drops = std::find_if(drafts.begin(), drafts.end(), [&](const Draft& other) {
        return other.does == Draft::Does::drop && plan::names(other.step.destroys, id);
      });
      if (drops != drafts.end() && kinds::of(id).is_used_by_statements())
        pairs.emplace_back(node, static_cast<std::size_t>(drops - drafts.begin()));
    }
  }
  return pairs;
}

// {the step that makes what is called like something of another kind (a view becomes a materialized one), the step that drops
// that one}.
Pairs names_handed_over(const std::vector<Draft>& drafts) {
  std::map<std::string, std::size_t> freed;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    if (drafts[node].does != Draft::Does::drop || drafts[node].step.phase == plan::Phase::purge) continue;
    for (const catalog::ObjectId& id : drafts[node].step.destroys) {
      const auto& kind = kinds::of(id);
      if (!kind.is_relation() || !kind.is_used_by_statements()) continue;
      for (const std::string& name : kinds::shared_names(id)) freed.emplace(name, node);
    }
  }
  Pairs pairs;
  for (std::size_t node = 0; node < drafts.size() && !freed.empty(); ++node) {
    const Draft& draft = drafts[node];
    const auto& kind = kinds::of(draft.object);
    if (draft.does != Draft::Does::create || !kind.is_relation() || !kind.is_used_by_statements()) continue;
    if (!plan::names(draft.step.produces, draft.object)) continue;
    for (const std::string& name : kinds::shared_names(draft.object)) {
      const auto found = freed.find(name);
      if (found == freed.end() || drafts[found->second].object.kind == draft.object.kind) continue;
      pairs.emplace_back(node, found->second);
      break;
    }
  }
  return pairs;
}

// {the step that adds a relation's primary key, the step that drops the one under another name}: replication identifies its rows
// all along.
Pairs keys_exchanged(const Input& input, const std::vector<Draft>& drafts) {
  Pairs pairs;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const Draft& draft = drafts[node];
    const auto& kind = kinds::of(draft.object);
    if (draft.does != Draft::Does::create || kind.displaces == nullptr || !plan::names(draft.step.produces, draft.object))
      continue;
    const catalog::Object& made = *input.to.find(draft.object);
    for (const catalog::ObjectId& id : kind.displaces(made, input.from, input.to)) {
      if (id.kind != made.id.kind || input.from.find(id)->parent != made.parent) continue;  // elsewhere, in partitions
      const auto drops = std::find_if(drafts.begin(), drafts.end(), [&](const Draft& other) {
        return other.does == Draft::Does::drop && plan::names(other.step.destroys, id);
      });
      if (drops != drafts.end()) pairs.emplace_back(node, static_cast<std::size_t>(drops - drafts.begin()));
    }
  }
  return pairs;
}

// Whether the object no longer has what gave its rows their values.
bool gives_up_values(const Input& input, const Draft& draft) {
  const catalog::Object *from = input.from.find(draft.object), *to = input.to.find(draft.object);
  if (draft.does != Draft::Does::alter || from == nullptr || to == nullptr) return false;
  return std::any_of(draft.step.alters.begin(), draft.step.alters.end(), [&](std::string_view name) {
    const auto* attribute = kinds::attribute(kinds::of(draft.object), name);
    return attribute != nullptr && attribute->gives_values && !catalog::is_absent(from->value(name)) &&
           catalog::is_absent(to->value(name));
  });
}

// {the step that makes what gives values from now on (a default), the first step about the object whose identity goes}.
Pairs values_handed_over(const Input& input, const std::vector<Draft>& drafts) {
  std::map<catalog::ObjectId, std::size_t> given_up;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    if (!gives_up_values(input, drafts[node])) continue;
    std::size_t first = node;
    while (first > 0 && drafts[first - 1].chain == drafts[node].chain) --first;
    given_up.emplace(drafts[node].object, first);
  }
  Pairs pairs;
  for (std::size_t node = 0; node < drafts.size() && !given_up.empty(); ++node) {
    const catalog::Object* made = drafts[node].does == Draft::Does::create ? input.to.find(drafts[node].object) : nullptr;
    if (made == nullptr || !made->parent || kinds::of(made->id).is_satellite()) continue;
    const auto before = given_up.find(*made->parent);
    if (before == given_up.end()) continue;
    pairs.emplace_back(node, before->second);
    for (const auto& edge : input.to.edges_from(*input.to.index_of(made->id))) {  // a sequence that comes with it
      const catalog::ObjectId& used = input.to.at(edge.referenced).id;
      for (std::size_t at = 0; at < drafts.size(); ++at) {
        const bool creates = drafts[at].does == Draft::Does::create && drafts[at].object == used;
        if (creates && (at == 0 || drafts[at - 1].chain != drafts[at].chain)) add_whole(at, drafts, pairs);
      }
    }
  }
  return pairs;
}

// {the step that makes what reads a view, each step that gives the view its owner and privileges}: a materialized view is filled
// as it is made, and what it reads is read with the rights of the views' owners.
Pairs rights_first(const Input& input, const std::vector<Draft>& drafts) {
  std::map<catalog::ObjectId, std::vector<std::size_t>> gives;
  for (std::size_t node = 0; node < drafts.size(); ++node) {
    const catalog::ObjectId& id = drafts[node].object;
    if (drafts[node].does != Draft::Does::create) continue;
    const catalog::ObjectId target = kinds::of(id).is_satellite() ? kinds::target_of(id) : id;
    const auto& kind = kinds::of(target);
    if (kind.is_relation() && kind.is_used_by_statements() && kind.is_only_definition()) gives[target].push_back(node);
  }
  Pairs pairs;
  for (std::size_t node = 0; node < drafts.size() && !gives.empty(); ++node) {
    const Draft& draft = drafts[node];
    const auto index = draft.does == Draft::Does::create ? input.to.index_of(draft.object) : std::nullopt;
    if (!index || kinds::of(draft.object).is_satellite() || !gives.contains(draft.object)) continue;
    for (const auto& edge : input.to.edges_from(*index)) {
      const auto view = gives.find(input.to.at(input.to.root(edge.referenced)).id);
      if (view == gives.end() || view->first == draft.object) continue;
      for (const std::size_t before : view->second) pairs.emplace_back(node, before);
    }
  }
  return pairs;
}

}  // namespace

Pairs waits(const Input& input, const std::vector<Draft>& drafts) {
  Pairs pairs = before_partitions_change(input, drafts);
  for (const auto& pair : rights_first(input, drafts)) pairs.push_back(pair);
  return pairs;
}

Pairs in_the_way(const Input& input, const std::vector<Draft>& drafts) {
  Pairs pairs = partitions_in_the_way(input, drafts);
  for (const auto& pair : values_handed_over(input, drafts)) pairs.push_back(pair);
  for (const auto& pair : keys_exchanged(input, drafts)) pairs.push_back(pair);
  Pairs whole = successors(input, drafts);
  for (const auto& pair : names_handed_over(drafts)) whole.push_back(pair);
  for (const auto& pair : whole) {
    pairs.push_back(pair);
    add_whole(pair.first, drafts, pairs);
  }
  return pairs;
}

// PostgreSQL records nothing of what a body calls. The new body may call what only the successor can be called with, and the old
// one serves until then.
Pairs bodies_over_successors(const Input& input, const std::vector<Draft>& drafts) {
  Pairs pairs;
  for (const auto& [made, dropped] : successors(input, drafts)) {
    const std::string& name = drafts[made].object.path[1];
    for (std::size_t node = 0; node < drafts.size(); ++node) {
      const catalog::Object* object = input.to.find(drafts[node].object);
      if (object == nullptr || drafts[node].does == Draft::Does::drop || drafts[node].chain == drafts[made].chain) continue;
      if (!kinds::has_body(*object) || !plan::names(drafts[node].step.produces, object->id)) continue;
      if (kinds::words_of_body(*object).contains(name)) pairs.emplace_back(node, made);
    }
  }
  return pairs;
}

}  // namespace lockstep::planner
