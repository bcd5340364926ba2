#include "kinds/recreation/two_way_mirror.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/keys.h"
#include "kinds/kinds_list.h"
#include "kinds/recreation/back_mirror.h"
#include "kinds/recreation/mirror_limits.h"
#include "kinds/recreation/second_names.h"
#include "kinds/recreation/two_forms.h"
#include "recipes/conversion.h"
#include "recipes/null_test.h"
#include "recipes/relation.h"
#include "recipes/transitional.h"
#include "recipes/trigger_function.h"
#include "support/digest.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

using recipes::relation_name;
using recipes::relation_of;
using support::quote_identifier;

namespace {

std::string digest_of_column(const ObjectId& column) {
  return support::sha256(catalog::to_string(column)).substr(0, 12);
}
std::string function_of(const ObjectId& column) {
  return "zz_lockstep_names_" + digest_of_column(column);
}

std::string changed(const std::string& column) {
  return "ROW(NEW." + column + ")::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW(OLD." + column + ")::pg_catalog.record";
}

}  // namespace

std::string TwoWayMirror::forwards() const {
  const std::string name = "NEW." + quote_identifier(column_.successor);
  if (!column_.converts) return name + " := NEW." + quote_identifier(column_.id.path[2]) + ";";
  return "SELECT " + recipes::conversion_of(after(column_, context_), context_).assigned + " INTO " + name +
         " FROM (SELECT (NEW).*) AS " + quote_identifier(column_.id.path[1]) + ";";
}

// The way back is written over a row of the table as it will be.
std::string TwoWayMirror::backwards() const {
  const Backwards back(context_);
  std::vector<std::string> parts;
  for (const auto child : context_.from.children(*context_.from.index_of(relation_of(column_.id)))) {
    const ObjectId& part = context_.from.at(child).id;
    if (!part.is(kColumn.tag)) continue;
    const auto named =
        std::find_if(columns_.begin(), columns_.end(), [&](const auto* one) { return one->id == part && one->named; });
    const std::string& source = named == columns_.end() ? part.path[2] : (*named)->successor;
    parts.push_back("NEW." + quote_identifier(source) + " AS " + quote_identifier(part.path[2]));
  }
  return "SELECT " + recipes::conversion_of(before(column_, context_), back.context).assigned + " INTO NEW." +
         quote_identifier(column_.id.path[2]) + " FROM (SELECT " + support::join(parts, ", ") + ") AS " +
         quote_identifier(column_.id.path[1]) + ";";
}

std::string TwoWayMirror::body() const {
  const std::string old = quote_identifier(column_.id.path[2]), name = quote_identifier(column_.successor);
  const std::string type = after(column_, context_).get(keys::kType), row = quote_identifier(column_.id.path[1]);
  const std::string both = relation_name(column_.id) + "." + old + " and " + name + " are two names of one column, ";
  const Mirror::Columns own{&column_};
  return fmt::format(
      R"(DECLARE
  lockstep_differ boolean;
  lockstep_again {type};
BEGIN
  IF TG_ARGV[0] = 'last' OR (TG_OP = 'INSERT' AND {none}) OR (TG_OP = 'UPDATE' AND NOT ({name_changed})) THEN
    {forwards}
    RETURN NEW;
  END IF;
  SELECT {differ} INTO lockstep_differ FROM (SELECT (NEW).*) AS {row};
  IF NOT lockstep_differ THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND {old_changed} THEN
    RAISE EXCEPTION USING MESSAGE = {two}, ERRCODE = 'integrity_constraint_violation';
  END IF;
  lockstep_again := NEW.{name};
  {backwards}
  {forwards}
  IF {lost} THEN
    RAISE EXCEPTION USING MESSAGE = {no_value}, ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END)",
      fmt::arg("type", type), fmt::arg("none", recipes::is_null("NEW." + name, type)), fmt::arg("name_changed", changed(name)),
      fmt::arg("old_changed", changed(old)), fmt::arg("name", name), fmt::arg("forwards", forwards()),
      fmt::arg("backwards", backwards()), fmt::arg("row", row),
      fmt::arg("differ", Mirror(relation_of(column_.id), own, context_).differ()),
      fmt::arg("lost", recipes::differs("lockstep_again", "NEW." + name, type)),
      fmt::arg("two", support::quote_literal(both + "and get two values")),
      fmt::arg("no_value", support::quote_literal(both + "and what is given to the latter has no value of type " +
                                                  before(column_, context_).get(keys::kType) + " until contract")));
}

void TwoWayMirror::create(Step& step) const {
  const std::string table = relation_name(column_.id), function = function_of(column_.id);
  ObjectId second = column_.id;
  second.path.set(2, column_.successor);
  grant_too(column_.id, second, context_, step.sql);
  step.sql.push_back(recipes::trigger_function(function, body(), column_.settings));
  step.helpers.push_back(recipes::function_helper(recipes::kSecondNameTrigger, column_.id, function));
  const ObjectId relation = relation_of(column_.id);
  const Mirror::Columns own{&column_};
  const std::string when = column_.converts ? "" : " WHEN (" + Mirror(relation, own, context_).differ("NEW.") + ")";
  for (const std::string_view place : {kFirstTrigger, kLastTrigger}) {
    const std::string trigger = std::string(place) + "names_" + digest_of_column(column_.id);
    step.sql.push_back("CREATE TRIGGER " + quote_identifier(trigger) + " BEFORE INSERT OR UPDATE ON " + table + " FOR EACH ROW" +
                       when + " EXECUTE FUNCTION lockstep." + function + (place == kLastTrigger ? "('last')" : "()"));
    step.sql.push_back("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + quote_identifier(trigger));
    step.helpers.push_back(recipes::trigger_helper(recipes::kSecondNameTrigger, column_.id, trigger));
  }
  count_uses({.id = column_.id, .name = column_.successor, .indexes = {}}, context_, step);
  step.consequences.push_back({"breaking", support::join(column_.id.path, "."),
                               "until contract a value written under the new name " + quote_identifier(column_.successor) +
                                   " that " + catalog::to_string(column_.id) + " can't have as " +
                                   before(column_, context_).get(keys::kType) +
                                   " is refused as it is written; conversions run with the rights of who writes"});
}

void TwoWayMirror::drop(std::vector<std::string>& sql) const {
  Step made;
  create(made);
  for (auto helper = made.helpers.rbegin(); helper != made.helpers.rend(); ++helper) sql.push_back(helper->undo);
}

}  // namespace lockstep::kinds
