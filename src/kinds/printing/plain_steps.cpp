#include "kinds/printing/plain_steps.h"

#include "catalog/keys.h"
#include "kinds/columns/column_text.h"
#include "kinds/registry.h"
#include "recipes/column_settings.h"
#include "support/sql_text.h"

namespace lockstep::kinds {

namespace {

std::string words(std::string_view kind_name) {
  std::string text(kind_name);
  for (char& c : text) {
    if (c == '_') c = ' ';
  }
  return text;
}

}  // namespace

bool stands(const ObjectId& id, const Context& context) {
  return context.from.contains(id) && !context.is_new(id);
}

plan::LockMode lock_on_parent(const Object& object, plan::LockMode mode, const Context& context) {
  return stands(*object.parent, context) ? mode : plan::LockMode::none;
}

std::string described(const KindSpec& kind, const ObjectId& id) {
  return id.is(kind.tag) ? catalog::to_string(id) : words(kind.tag.name) + " " + support::join(id.path, ".");
}

std::string parent_name(const ObjectId& id) {
  return support::qualified({id.path.begin(), id.path.end() - 1});
}

std::string on_parent(const ObjectId& id) {
  return support::quote_identifier(id.path.back()) + " ON " + parent_name(id);
}

std::string own_name(const Object& object) {
  return support::quote_identifier(object.id.path.back());
}

std::string parenthesised(const std::string& text) {
  return "(" + text + (text.find("--") == std::string::npos ? ")" : "\n)");
}

Step create_step(const KindSpec& kind, const Object& object, const Context& context, std::string sql) {
  const bool replace = stands(object.id, context);
  return recipes::step_for(object, (replace ? "replace " : "create ") + described(kind, object.id), {std::move(sql)});
}

std::vector<std::string> relation_column_settings(const Object& column) {
  const std::string alter = "ALTER TABLE " + parent_name(column.id) + " ";
  std::vector<std::string> statements;
  for (const auto& setting : column_settings(column)) statements.push_back(alter + setting);
  const std::string compression = column.get(keys::kCompression);
  if (!compression.empty())
    statements.push_back(alter + "ALTER COLUMN " + own_name(column) + " " + recipes::compression_clause(compression));
  return statements;
}

void produce_absorbed(Step& step, const ObjectId& id, const Context& context) {
  const auto index = context.to.index_of(id);
  if (!index) return;
  for (const auto child : context.to.children(*index)) {
    const ObjectId& part = context.to.at(child).id;
    if (!of(part).made_with_parent) continue;
    step.produces.push_back(part);
    if (stands(part, context)) continue;
    for (auto& statement : relation_column_settings(context.to.at(child))) step.sql.push_back(std::move(statement));
  }
}

Step alter_step(const KindSpec& kind, const Object& to, std::string_view what, std::vector<std::string> sql) {
  return recipes::step_for(to, "alter " + described(kind, to.id) + ": " + std::string(what), std::move(sql));
}

Step drop_step(const KindSpec& kind, const Object& object, const Context& context, plan::LockMode lock, std::string breaking) {
  Step step;
  step.phase = plan::Phase::contract;
  step.title = "drop " + described(kind, object.id);
  step.sql = {"DROP " + std::string(kind.keyword) + " " + kind.address(object.id)};
  step.lock = lock;
  step.destroys = {object.id};
  step.breaking = std::move(breaking);
  if (const auto index = context.from.index_of(object.id)) {
    for (const auto child : context.from.children(*index)) {
      const ObjectId& id = context.from.at(child).id;
      if (of(id).made_with_parent) step.destroys.push_back(id);
    }
  }
  return step;
}

Steps rename_object(const KindSpec& kind, const ObjectId& from, const ObjectId& to, plan::LockMode lock, std::string breaking) {
  Step step;
  step.phase = breaking.empty() ? plan::Phase::expand : plan::Phase::contract;
  step.title = "rename " + described(kind, from) + " to " + support::join(to.path, ".");
  ObjectId now = from;
  if (from.path.size() == 2 && from.path.front() != to.path.front()) {
    step.sql.push_back(alter(kind, now) + " SET SCHEMA " + support::quote_identifier(to.path.front()));
    now.path.set(0, to.path.front());
  }
  if (from.path.back() != to.path.back()) {
    step.sql.push_back(alter(kind, now) + " RENAME TO " + support::quote_identifier(to.path.back()));
  }
  step.lock = lock;
  step.produces = {to};
  step.destroys = {from};
  step.breaking = std::move(breaking);
  return {std::move(step)};
}

}  // namespace lockstep::kinds
