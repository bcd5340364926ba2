#include "recipes/successor.h"

#include "catalog/keys.h"
#include "recipes/relation.h"
#include "recipes/tags.h"
#include "recipes/transitional.h"
#include "support/sql_text.h"

namespace lockstep::recipes {

using plan::LockMode;
using plan::Phase;
using plan::Step;
using plan::Steps;
using support::qualified;
using support::quote_identifier;

namespace {

std::string comment_of(const Catalog& side, const Object& object, const catalog::KindTag* kind) {
  catalog::Path path{std::string(object.id.kind->name)};
  path.append(object.id.path);
  const Object* comment = side.find(ObjectId{kind, path});
  return comment == nullptr ? std::string() : comment->get(keys::kText);
}

Step take_over(const Object& from, const Object& to, const std::string& successor, const std::string& former,
               const Context& context) {
  const std::string schema = to.id.path[0], name = to.id.path[2];
  Step step = step_for(to, "put the successor in the place of " + catalog::to_string(to.id), {});
  step.sql = {"ALTER INDEX " + qualified(schema, name) + " RENAME TO " + quote_identifier(former),
              "ALTER INDEX " + qualified(schema, successor) + " RENAME TO " + quote_identifier(name)};
  for (auto& statement : said_again(from, to, "INDEX " + qualified(schema, name), context)) {
    step.sql.push_back(std::move(statement));
  }
  if (to.get(keys::kClustered))
    step.sql.push_back("ALTER TABLE " + relation_name(to.id) + " CLUSTER ON " + quote_identifier(name));
  step.lock = identifies_rows(context.from, from) ? LockMode::access_exclusive : LockMode::share_update_exclusive;
  return step;
}

}  // namespace

Step collect_statistics(const Object& to) {
  Step step = step_for(to, "collect statistics for the successor of " + catalog::to_string(to.id), {});
  step.sql = {"ANALYZE " + relation_name(to.id)};
  step.lock = LockMode::share_update_exclusive;
  step.produces.clear();
  return step;
}

std::string successor_name(const ObjectId& id, const Context& context) {
  return transitional_name(context, id.path[0], id.path[2] + "_new");
}

std::vector<std::string> said_again(const Object& from, const Object& to, const std::string& named, const Context& context) {
  std::vector<std::string> sql;
  const auto comment = [&](const catalog::KindTag* kind, const std::string& on) {
    const std::string text = comment_of(context.to, to, kind);
    // A changed comment is a change of its own, made by a later step.
    if (!text.empty() && text == comment_of(context.from, from, kind))
      sql.push_back("COMMENT ON " + on + " IS " + support::quote_literal(text));
  };
  comment(kComment, named);
  comment(kIndexComment, "INDEX " + qualified(to.id.path[0], to.id.path[2]));
  for (auto& statement : identifies_again(to, context)) sql.push_back(std::move(statement));
  return sql;
}

std::vector<std::string> identifies_again(const Object& index, const Context& context) {
  if (context.is_new(relation_of(index.id))) return {};  // the table says it itself
  if (!identifies_rows(context.from, index) || !identifies_rows(context.to, index)) return {};
  return {"ALTER TABLE " + relation_name(index.id) + " REPLICA IDENTITY USING INDEX " + quote_identifier(index.id.path[2])};
}

void built_ahead(Step& build, const Object& object, const Context& context) {
  build.prepares = true;
  build.consumes = leans_on(object, context);
  if (object.has(keys::kAttachedTo)) return;  // the parent's index is created afterwards, and attaches it
  for (ObjectId& above : indexes_above(object, context.to)) build.consumes.push_back(std::move(above));
}

plan::Steps succeed_index(const Object& from, const Object& to, const IndexText& index, bool has_expressions,
                          const std::function<std::vector<std::string>(const std::string& name)>& settings,
                          const Context& context) {
  IndexText successor = index;
  successor.name = successor_name(to.id, context);
  successor.successor = true;
  ObjectId former = to.id;
  former.path.set(2, transitional_name(context, to.id.path[0], to.id.path[2] + "_old"));

  Steps steps = create_index_concurrently(to, relation_of(to.id), successor, context);
  steps.front().title = "build the successor of " + catalog::to_string(to.id) + " without blocking writers";
  built_ahead(steps.front(), to, context);
  const auto built = taken(steps.front());
  if (auto sql = settings(successor.name); !sql.empty()) {
    Step step = step_for(to, "settings of the successor of " + catalog::to_string(to.id), std::move(sql));
    step.lock = LockMode::access_exclusive;
    step.produces.clear();
    steps.push_back(std::move(step));
  }
  if (has_expressions) steps.push_back(collect_statistics(to));
  for (Step& step : steps) step.prepares = true;
  const auto set_aside = index_helper("former index", to.id, former.path[0], former.path[2], true);
  steps.push_back(take_over(from, to, successor.name, former.path[2], context));
  steps.back().helpers = built;
  steps.back().helpers.push_back(set_aside);
  for (auto& step : drop_index_concurrently(former)) {
    step.title = "drop the former " + catalog::to_string(to.id) + " without blocking";
    step.helpers = {taken(set_aside)};
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace lockstep::recipes
