// Changes the text of schema files item by item, so that they declare some objects as another catalog has them. Everything else
// in the files stays as it is, byte for byte.
//
//   files as read, where each object stands, the catalog wanted, the objects → Revised (new texts; nothing is written)
//
// An item's head is replaced by that of the same object in the catalog's own text (to_schema_text); its block is kept. An item
// whose object is gone is removed, a new object's item comes after the last of its kind beside it. Where an item says several
// objects at once (a column and its key), all of them are written anew. Whether the new texts declare what was wanted is for the
// caller to prove.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "parser/ast.h"

namespace lockstep::fleet {

struct ItemEdit {
  enum class What { added, removed, replaced };
  What what = What::replaced;
  catalog::ObjectId id;
  std::string path;
  std::size_t line = 0;              // in the new text
  std::vector<std::string> dropped;  // what the item also said and doesn't any more: "renamed from", "a comment"
  std::string renamed_from;          // what the item says now, because somebody renamed it by hand
};

struct Revised {
  std::map<std::string, std::string> texts;  // by path as the files have it; of changed and new files
  std::set<std::string> created;
  std::vector<ItemEdit> edits;
  std::vector<std::string> refusals;  // not empty: nothing else is meaningful
  std::set<catalog::ObjectId> refused;
};

struct RevisionInput {
  const std::vector<parser::ast::File>& files;
  const std::map<catalog::ObjectId, std::vector<std::string>>& places;  // where the files state each object: "file:line:column"
  const catalog::Catalog& wanted;
  const std::set<catalog::ObjectId>& ids;       // whose declarations change
  const std::set<catalog::ObjectId>& settings;  // of those, tables of which no more than settings change (`replica identity …`)
  // What was renamed by hand, by its new id, and its former name. `places` and `wanted` have the new ids.
  const std::map<catalog::ObjectId, std::string>& former;
  std::function<bool(const std::string&)> is_read;  // whether a new file of this path would belong to the desired state
};

Revised revise(const RevisionInput& input);

}  // namespace lockstep::fleet
