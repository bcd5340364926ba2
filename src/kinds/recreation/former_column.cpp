#include "kinds/recreation/former_column.h"

#include <fmt/format.h>

#include "catalog/keys.h"
#include "kinds/columns/mapped.h"
#include "kinds/recreation/back_mirror.h"
#include "kinds/recreation/partition_columns.h"
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

// A way back hides the column that had hidden this one before: each has its own.
std::string guard(const Succession::Column& column, const std::string& hidden) {
  return "zz_lockstep_gone_" + support::sha256(catalog::to_string(column.id) + "." + hidden).substr(0, 12);
}

std::vector<plan::Helper> helpers(const Succession::Column& column, const std::string& hidden) {
  const std::string name = guard(column, hidden);
  return {recipes::column_helper("former column", column.id, hidden),
          recipes::function_helper("guard of a former column", column.id, name),
          recipes::trigger_helper("guard of a former column", column.id, name + "_i"),
          recipes::trigger_helper("guard of a former column", column.id, name + "_u")};
}

plan::Loss loss_of(const Succession::Column& column, const Context& context) {
  const std::string name = quote_identifier(column.id.path[2]), table = relation_name(column.id);
  if (is_mapped(column.id, context) && !column.type.empty())
    return {.hazard = "lossy-type",
            .object = support::join(column.id.path, "."),
            .what = "the former values of " + table + "." + name + ", which map replaces",
            .relation = table,
            .query = "SELECT " + mapped_saving(*context.from.find(column.id), quote_identifier(column.former), context) +
                     " FROM " + table,
            .hidden = column.former};
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

void hide_former(const Succession::Column& column, bool held, const Context& context, Step& step) {
  if (context.from.find(column.id)->get(keys::kNotNull))
    step.sql.push_back("ALTER TABLE " + relation_name(column.id) + " ALTER COLUMN " + quote_identifier(column.former) +
                       " DROP NOT NULL");
  for (const ObjectId& below : required_below(column.id, context))
    step.sql.push_back("ALTER TABLE " + relation_name(below) + " ALTER COLUMN " + quote_identifier(column.former) +
                       " DROP NOT NULL");
  const std::string type = context.from.find(column.id)->get(keys::kType);
  for (auto& statement : recipes::close_to_writers(
           *context.from.find(column.id), guard(column, column.former), column.former,
           fmt::format("is no {} any more: {}", type,
                       held ? "the column that it was is hidden until it is purged" : "the values that it had are being saved")))
    step.sql.push_back(std::move(statement));
  for (auto& helper : helpers(column, column.former)) step.helpers.push_back(std::move(helper));
}

std::vector<plan::Helper> show_former(const Succession::Column& back, std::vector<std::string>& sql) {
  const std::string name = guard(back, back.successor), table = relation_name(back.id);
  for (auto& statement : recipes::open_to_writers(table, name)) sql.push_back(std::move(statement));
  Step made;
  made.helpers = helpers(back, back.successor);
  return recipes::taken(made);
}

Steps drop_former(const Succession::Column& column, const Succession::Column* back, const Context& context) {
  const std::string table = relation_name(column.id), name = catalog::to_string(column.id), helper = guard(column, column.former);
  const Phase phase = back == nullptr ? Phase::contract : Phase::purge;
  Step save;
  save.title = "save the former values of " + name;
  save.phase = phase;
  save.scans = true;
  save.bytes = context.bytes(relation_of(column.id));
  save.lock = LockMode::access_share;
  save.locks = locks_of_all(relation_of(column.id), save.lock, context);
  save.losses = {loss_of(column, context)};
  save.consumes = {column.id};

  Step drop;
  drop.title = "drop what " + name + " was";
  Step made;
  made.helpers = helpers(column, column.former);
  if (back != nullptr) {
    const Backwards backwards(context);
    const BackMirror mirror(*back, backwards.context, BackMirror::Names::of_hold);
    mirror.drop(drop.sql);
    for (auto& one : mirror.helpers()) made.helpers.push_back(std::move(one));
  }
  for (auto& statement : recipes::open_to_writers(table, helper)) drop.sql.push_back(std::move(statement));
  drop.sql.push_back("ALTER TABLE " + table + " DROP COLUMN " + quote_identifier(column.former));
  drop.phase = phase;
  drop.lock = LockMode::access_exclusive;
  drop.locks = locks_of_all(relation_of(column.id), drop.lock, context);
  drop.helpers = recipes::taken(made);
  if (!column.converts) return {std::move(drop)};
  return {std::move(save), std::move(drop)};
}

}  // namespace lockstep::kinds
