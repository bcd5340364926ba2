#include "kinds/recreation/former_column.h"

#include "catalog/keys.h"
#include "recipes/closed_column.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using plan::LockMode;
using plan::Phase;
using recipes::relation_name;
using recipes::relation_of;
using recipes::Succession;
using support::quote_identifier;

namespace {

std::string guard(const Succession::Column& column) {
  return "zz_lockstep_gone_" + support::sha256(catalog::to_string(column.id)).substr(0, 12);
}

std::vector<plan::Helper> helpers(const Succession::Column& column) {
  return {recipes::column_helper("former column", column.id, column.former),
          recipes::function_helper("guard of a former column", column.id, guard(column)),
          recipes::trigger_helper("guard of a former column", column.id, guard(column) + "_i"),
          recipes::trigger_helper("guard of a former column", column.id, guard(column) + "_u")};
}

plan::Loss loss_of(const Succession::Column& column, const Context& context) {
  const std::string name = quote_identifier(column.id.path[2]), table = relation_name(column.id);
  std::string columns = recipes::saved_columns(context, relation_of(column.id), column.id.path[2]);
  columns.resize(columns.size() - name.size());  // it is the last one
  return {.hazard = "lossy-type",
          .object = support::join(column.id.path, "."),
          .what = "the values of " + table + "." + name + " as " + context.from.find(column.id)->get(keys::kType),
          .relation = table,
          .query = "SELECT " + columns + quote_identifier(column.former) + " AS " + name + " FROM " + table,
          .hidden = column.former};
}

}  // namespace

void hide_former(const Succession::Column& column, const Context& context, Step& step) {
  if (context.from.find(column.id)->get(keys::kNotNull))
    step.sql.push_back("ALTER TABLE " + relation_name(column.id) + " ALTER COLUMN " + quote_identifier(column.former) +
                       " DROP NOT NULL");
  const std::string type = context.from.find(column.id)->get(keys::kType);
  for (auto& statement : recipes::close_to_writers(column.id, guard(column), column.former,
                                                   "is no " + type + " any more: the values that it had are being saved"))
    step.sql.push_back(std::move(statement));
  for (auto& helper : helpers(column)) step.helpers.push_back(std::move(helper));
}

Steps save_and_drop_former(const Succession::Column& column, const Context& context) {
  const std::string table = relation_name(column.id), name = catalog::to_string(column.id), helper = guard(column);
  Step save;
  save.title = "save the former values of " + name;
  save.phase = Phase::contract;
  save.scans = true;
  save.bytes = context.bytes(relation_of(column.id));
  save.lock = LockMode::access_share;
  save.locks = {{table, save.lock}};
  save.losses = {loss_of(column, context)};
  save.consumes = {column.id};

  Step drop;
  drop.title = "drop what " + name + " was";
  drop.sql = {"DROP TRIGGER " + helper + "_i ON " + table, "DROP TRIGGER " + helper + "_u ON " + table,
              "DROP FUNCTION lockstep." + helper + "()",
              "ALTER TABLE " + table + " DROP COLUMN " + quote_identifier(column.former)};
  drop.phase = Phase::contract;
  drop.lock = LockMode::access_exclusive;
  drop.locks = {{table, drop.lock}};
  Step made;
  made.helpers = helpers(column);
  drop.helpers = recipes::taken(made);
  return {std::move(save), std::move(drop)};
}

}  // namespace lockstep::kinds
