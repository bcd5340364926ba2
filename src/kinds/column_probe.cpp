#include "kinds/column_probe.h"

#include <algorithm>

#include "kinds/column_text.h"
#include "kinds/kinds_list.h"
#include "recipes/relation.h"
#include "support/sql_text.h"

namespace lockstep::kinds {
namespace {

std::string statement_for(const Change& change, const Catalog& desired) {
  const Object& column = *desired.find(change.id);
  const std::string alter = "ALTER TABLE " + recipes::relation_name(column.id) + " ";
  const std::string name = support::quote_identifier(column.id.path.back());
  const auto type = column.get(Attr<std::string>{"type"});
  if (change.what == Change::What::set) {
    const auto collation = column.get(Attr<std::string>{"collation"});
    const std::string retype = "ALTER COLUMN " + name + " TYPE " + type + (collation.empty() ? "" : " COLLATE " + collation);
    if (column.has(Attr<std::string>{"generated"})) return alter + retype;  // it has no default, and takes no USING
    return alter + "ALTER COLUMN " + name + " DROP DEFAULT, " + retype + " USING " + name + "::" + type;
  }
  const Object* value = desired.find({&kDefault.tag, column.id.path});
  return alter + "ADD COLUMN " + column_definition(column) +
         (value != nullptr ? " DEFAULT " + value->get(Attr<std::string>{"expression"}) : "");
}

bool to_ask(const Change& change, const Catalog& desired, const Catalog& live) {
  if (!change.id.is(kColumn.tag) || change.what == Change::What::removed || is_inherited(*desired.find(change.id))) return false;
  if (change.what == Change::What::added) return live.contains(recipes::relation_of(change.id));
  return std::any_of(change.attributes.begin(), change.attributes.end(),
                     [](const auto& item) { return item.attribute == "type" || item.attribute == "collation"; });
}

}  // namespace

std::optional<std::string> column_probe(const Change& change, const Catalog& live, const Catalog& desired) {
  if (!to_ask(change, desired, live)) return std::nullopt;
  return statement_for(change, desired);
}

}  // namespace lockstep::kinds
